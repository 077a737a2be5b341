"""Is what is old forgotten, and nothing else?"""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from outreach.core.terms import Channel
from outreach.flows import presence
from outreach.flows.tidy import tidy
from outreach.store import tidying
from outreach.store.schema import attempts, candidates, contents, outbox
from outreach.store.schema import runs as run_table
from outreach.store.workers import workers
from tests.flows.stage import Stage

OLD = datetime.now(UTC) - timedelta(days=200)


def count(stage: Stage, table: sa.Table, *where: sa.ColumnElement[bool]) -> int:
    return stage.rows(sa.select(sa.func.count()).select_from(table).where(*where))[0][0]


def played(stage: Stage) -> int:
    """A night that was handed over, as if it had been a real one; how many messages."""
    stage.night()
    stage.hand_over()
    stage.change(sa.update(run_table).values(offset_seconds=0))
    return len(stage.messages())


def test_what_is_young_is_kept(stage: Stage):
    played(stage)
    before = stage.counts()
    gone = tidy(stage.app)
    assert (gone.contents, gone.attempts, gone.candidates, gone.workers) == (0, 0, 0, 0)
    assert stage.counts() == before


def test_what_is_old_is_forgotten_in_parts_and_the_rest_stays(stage: Stage, monkeypatch):
    monkeypatch.setattr(tidying, "PART", 7)
    total = played(stage)
    young = stage.messages()[0].id
    stage.change(
        sa.update(outbox).where(outbox.c.id != young).values(created_at=OLD),
        sa.update(run_table).values(started_at=OLD),
    )
    before = stage.counts()
    gone = tidy(stage.app)
    assert (gone.contents, gone.attempts) == (total - 1, total - 1)
    assert gone.candidates == before["candidate"]
    assert count(stage, contents, contents.c.body.is_not(None)) == 1
    assert count(stage, contents, contents.c.sha.is_not(None)) == total
    assert [row.outbox_id for row in stage.rows(sa.select(attempts.c.outbox_id))] == [young]
    assert count(stage, candidates) == 0
    changed = {"attempt", "candidate"}
    assert {k: n for k, n in stage.counts().items() if k not in changed} == {
        k: n for k, n in before.items() if k not in changed
    }
    assert sum((tidy(stage.app).contents, tidy(stage.app).attempts, tidy(stage.app).candidates)) == 0


def test_the_attempts_of_open_and_unknown_messages_stay(stage: Stage):
    total = played(stage)
    stage.change(sa.update(outbox).values(created_at=OLD, state="unknown"))
    assert tidy(stage.app).attempts == 0
    assert count(stage, attempts) == total


def test_a_night_that_is_held_keeps_whom_it_found(stage: Stage):
    stage.night()
    stage.change(sa.update(run_table).values(started_at=OLD, state="held"))
    assert tidy(stage.app).candidates == 0


def test_words_of_a_past_night_that_was_played_stay(stage: Stage):
    stage.night()
    stage.change(sa.update(outbox).values(created_at=OLD))
    assert tidy(stage.app).contents == 0


def test_a_worker_nobody_saw_for_a_day_is_forgotten(stage: Stage):
    presence.here(stage.app, "vm:1:1", [Channel.EMAIL])
    presence.here(stage.app, "vm:2:1", [Channel.EMAIL])
    stage.change(sa.update(workers).where(workers.c.owner == "vm:1:1").values(seen_at=OLD))
    assert tidy(stage.app).workers == 1
    assert [one.owner for one in presence.who(stage.app)] == ["vm:2:1"]
