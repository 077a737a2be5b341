"""Who sends on what people wrote? The release, the night, and every worker beside its sending."""

import pytest
import sqlalchemy as sa

from outreach.flows import forwarding
from outreach.store import inbox
from outreach.store.engine import now, writing
from outreach.store.inbox import Came
from outreach.store.inbox_schema import forwards
from outreach.worker.process import _aside
from tests.cli.screens import Type
from tests.flows.stage import Stage

MAIL = b"From: ana@example.com\r\nSubject: Hello\r\n\r\nThe lid is broken.\r\n"


def came_in(stage: Stage, raw: bytes = MAIL) -> None:
    with writing(stage.app.engine) as c:
        at = now(c)
        [inbox_id] = inbox.keep(c, [Came("vendor", at.isoformat(), "written", "h", None, None, at, raw)]).values()
        forwarding.wait(c, inbox_id, None, at)


def states(stage: Stage) -> list[str]:
    return [row.state for row in stage.rows(sa.select(forwards.c.state).order_by(forwards.c.id))]


def test_the_release_says_what_it_sent_on(here: Type, sqlite_stage: Stage) -> None:
    came_in(sqlite_stage)
    came_in(sqlite_stage, MAIL.replace(b"ana@example.com", sqlite_stage.app.house.replies.forward_to.encode()))
    said = here("release").out
    assert "1  that people wrote went on to the shop's mailbox" in said
    assert "1  for the shop's mailbox were given up; the log says why" in said
    assert here("release", "--json").document["forwarded"] == {"sent": 0, "waiting": 0, "refused": 0}
    assert states(sqlite_stage) == ["sent", "refused"]


@pytest.mark.parametrize(("words", "state"), [((), "sent"), (("--dry-run",), "waiting")])
def test_the_night_sends_on_and_a_dry_one_nothing(
    here: Type, sqlite_stage: Stage, words: tuple[str, ...], state: str
) -> None:
    came_in(sqlite_stage)
    here("nightly", *words)
    assert states(sqlite_stage) == [state]


def test_a_worker_sends_on_beside_its_sending(sqlite_stage: Stage) -> None:
    came_in(sqlite_stage)
    _aside(sqlite_stage.app, lambda ids: True)
    assert states(sqlite_stage) == ["sent"]
