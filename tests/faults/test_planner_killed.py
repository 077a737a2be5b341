"""Killed at any moment and run again: is anybody missing, or written to twice? Compared with a night left in peace."""

import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

import pytest
import sqlalchemy as sa

from outreach.flows.nightlock import alone
from outreach.flows.tonight import the_night
from outreach.providers.outbox import Outbox
from outreach.store.schema import attempts, contents, outbox, runs, told
from tests.flows.stage import NIGHT, ROOT, Stage

DRIVER = [sys.executable, "-m", "tests.faults.night_to_be_killed"]


def killed(stage: Stage, what: str, number: int) -> bool:
    """Run the night in a process of its own; True when it died of kill -9, False when it came to its end."""
    stage.close()
    done = subprocess.run(
        [*DRIVER, str(stage.project), str(NIGHT), what, str(number)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=50,
    )
    assert done.returncode in (0, -9), done.stderr
    return done.returncode == -9


def in_the_end(stage: Stage) -> dict[str, Any]:
    """What a night came to, in a form two databases can be compared by."""
    key = sa.text("SELECT o.id, c.sha FROM outbox o JOIN content c ON c.outbox_id = o.id")
    shas = {row.id: row.sha for row in stage.rows(key)}
    report = the_night(stage.app, stage.rows(sa.select(runs.c.id))[0].id)
    return {
        "messages": sorted(
            (m.campaign, m.key, tuple(m.subjects), m.channel, m.language, m.not_after, shas[m.id])
            for m in stage.messages()
        ),
        "told": Counter((t.campaign, t.customer_id, t.subject_key) for t in stage.rows(sa.select(told))),
        "decisions": stage.decisions(),
        "sums": [(t.campaign, t.state, t.found, t.queued, t.because) for t in report.tallies],
    }


def in_peace(stage: Stage) -> dict[str, Any]:
    """The same night without a death, on the same database; then everything of it is taken back."""
    stage.night()
    whole = in_the_end(stage)
    assert len(whole["messages"]) > 100
    for table in ("content", "told", "attempt", "contact_ledger", "outbox", "decision", "candidate"):
        stage.change(sa.delete(sa.table(table)))
    stage.change(sa.delete(sa.table("run_campaign")), sa.delete(sa.table("run")))
    return whole


def run_again(stage: Stage) -> None:
    with alone(stage.app):  # death freed the lock
        stage.night()


@pytest.mark.parametrize(("what", "number"), [("tell", 1), ("tell", 7), ("write", 12), ("write", 40), ("commit", 20)])
def test_one_death_in_the_middle(sqlite_stage: Stage, what: str, number: int) -> None:
    dies_once(sqlite_stage, what, number)


@pytest.mark.parametrize(("what", "number"), [("write", 25), ("commit", 20)])
def test_one_death_in_the_middle_on_a_server(postgres_stage: Stage, what: str, number: int) -> None:
    dies_once(postgres_stage, what, number)


def dies_once(stage: Stage, what: str, number: int) -> None:
    whole = in_peace(stage)
    assert killed(stage, what, number)
    run_again(stage)
    assert in_the_end(stage) == whole
    assert {m.state for m in stage.messages()} == {"ready"}
    assert len(stage.rows(sa.select(contents))) == len(whole["messages"])


@pytest.mark.timeout(150)
def test_one_death_after_another(stage: Stage) -> None:
    """Each run gets a little further before it dies; no step is done twice, none is left out."""
    whole = in_peace(stage)
    deaths = 0
    while deaths < 15 and killed(stage, "commit", 21):
        deaths += 1
    assert 2 <= deaths < 15
    assert in_the_end(stage) == whole
    assert {m.state for m in stage.messages()} == {"ready"}
    assert stage.rows(sa.select(runs.c.attempt))[0][0] - deaths in (0, 1), "the last may have died with all done"


@pytest.mark.parametrize("number", [1, 31])
def test_death_while_handing_over_to_a_vendor(stage: Stage, number: int) -> None:
    """What had been handed is in doubt, never handed again; all others go."""
    stage.night()
    assert killed(stage, "hand", number)
    providers = {
        channel: replace(cast(Outbox, each), idempotent=False) for channel, each in stage.app.providers.items()
    }
    stage._app = replace(stage.app, providers=providers)
    comes_back(stage)
    doubts = len([m for m in stage.messages() if m.state == "in_doubt"])
    assert 0 < doubts <= 100, "those of the hand-offs committed and not recorded, of both channels"
    assert len([m for m in stage.messages() if m.state == "accepted"]) == len(stage.messages()) - doubts
    assert set(times_handed(stage).values()) == {1}
    files = list((stage.project / ".outreach" / "outbox").rglob("m-*.eml"))
    emails = [m for m in stage.messages() if m.channel == "email"]
    assert len(emails) - doubts <= len(files) <= len(emails)


def test_death_while_handing_over_to_files(stage: Stage) -> None:
    """A file written twice is one file: nothing is left in doubt."""
    stage.night()
    assert killed(stage, "hand", 31)
    comes_back(stage)
    assert {m.state for m in stage.messages()} == {"accepted"}
    assert set(times_handed(stage).values()) == {1, 2}
    files = list((stage.project / ".outreach" / "outbox").rglob("m-*.eml"))
    assert len(files) == len([m for m in stage.messages() if m.channel == "email"])


def comes_back(stage: Stage) -> None:
    """The next hand-over takes what nobody held; then the dead one's leases run out."""
    assert stage.hand_over().accepted > 0
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    stage.change(sa.update(outbox).where(outbox.c.lease_until.is_not(None)).values(lease_until=long_ago))
    stage.hand_over()


def times_handed(stage: Stage) -> Counter[int]:
    """How often each message was handed to the provider, by what the database remembers."""
    tried = stage.rows(sa.select(attempts.c.outbox_id).where(attempts.c.handed_at.is_not(None)))
    found = Counter(row.outbox_id for row in tried)
    assert len(found) == len(stage.messages())
    return found
