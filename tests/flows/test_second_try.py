"""Do refused messages go once more when a person says so, and those of unknown fate only by name?"""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from outreach.core.errors import Misuse
from outreach.flows.second_try import once_more
from outreach.store.schema import attempts, audits, outbox
from tests.flows.stage import NIGHT, Stage

RUN = f"n-{NIGHT}"


@pytest.fixture
def ended(stage: Stage) -> list[int]:
    """Four messages that ended badly: an invalid one, an opt-out at the provider, and two of unknown fate."""
    stage.night()
    ids = [row.id for row in stage.messages(state="ready")][:4]
    stage.hand_over()
    for number, (state, error) in zip(
        ids, [("rejected", "invalid"), ("rejected", "opted_out"), ("unknown", "doubt"), ("unknown", None)], strict=True
    ):
        stage.change(
            sa.update(outbox).where(outbox.c.id == number).values(state=state, doubt_since=datetime.now(UTC)),
            sa.update(attempts).where(attempts.c.outbox_id == number).values(error_class=error),
        )
    return ids


def ready(stage: Stage) -> list[int]:
    return [row.id for row in stage.messages(state="ready")]


def test_what_was_refused_goes_once_more_but_not_to_those_who_left(stage: Stage, ended: list[int]):
    assert once_more(stage.app, RUN).queued == 1
    assert ready(stage) == ended[:1]
    assert once_more(stage.app, RUN).queued == 0
    stage.hand_over()
    tries = stage.rows(sa.select(attempts.c.attempt).where(attempts.c.outbox_id == ended[0]))
    assert sorted(row.attempt for row in tries) == [1, 2]


def test_unknown_ones_only_by_name(stage: Stage, ended: list[int]):
    assert once_more(stage.app, RUN, unknown=ended[2:3]).queued == 1
    assert ready(stage) == [ended[2]]
    assert {row.id for row in stage.messages(state="unknown")} == {ended[3]}
    lines = stage.rows(sa.select(audits).where(audits.c.action == "retry"))
    assert [line.detail for line in lines] == [{"state": "unknown", "messages": [ended[2]]}]


@pytest.mark.parametrize("also", [0, 999_999])
def test_one_that_is_not_unknown_stops_all_of_them(stage: Stage, ended: list[int], also: int):
    wrong = also or ended[0]
    with pytest.raises(Misuse) as refused:
        once_more(stage.app, RUN, unknown=[ended[2], wrong])
    assert refused.value.code == "OUT-332"
    assert f"m-{wrong}" in refused.value.message
    assert ready(stage) == []


def test_too_late_stays_as_it_is(stage: Stage, ended: list[int]):
    stage.change(sa.update(outbox).values(mode="live", not_after=datetime.now(UTC) - timedelta(hours=1)))
    stage.change(sa.text("UPDATE run SET mode = 'live'"))
    stage.live()
    found = once_more(stage.app, RUN)
    assert (found.queued, found.too_late) == (0, 1)
    assert ready(stage) == []
