"""The commands around the send, as typed: worker, release, status, retry, tidy."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from outreach.core.terms import Channel
from outreach.flows import presence
from outreach.store import provider_states
from outreach.store.engine import now, writing
from outreach.store.schema import outbox
from tests.cli.screens import Type
from tests.cli.test_every_command import decent
from tests.flows.stage import NIGHT, Stage

RUN = f"n-{NIGHT}"


@pytest.fixture(autouse=True)
def _logs_as_they_were() -> Iterator[None]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield
    root.handlers[:], root.level = before, level


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("worker --channels fax", "this shop sends by email and text, not by fax"),
        ("worker --channels ,", "not by nothing"),
        ("worker --processes 0", "greater than or equal to 1"),
        ("status --watch", "--watch is for a terminal"),
        (f"retry {RUN} --rejected --unknown m-1", "ask one at a time"),
        (f"retry {RUN} --rejected --dry-run", "go without --select and --dry-run"),
        (f"retry {RUN} --unknown m-1,nonsense", '"nonsense" is no message'),
        (f"retry {RUN} --unknown m-1", f"of unknown fate in {RUN} there is no m-1"),
    ],
)
def test_wrong_words_are_said_and_nothing_is_done(played: Type, words: str, said: str):
    found = played(*words.split())
    decent(found)
    assert found.code == 2
    assert said in " ".join(found.err.split())


def test_status_is_calm_when_nothing_waits(played: Type):
    found = played("status")
    decent(found)
    assert found.out.count("nothing waits") == 2
    assert "Worker" not in found.out  # in outbox mode none is needed
    assert "!" not in found.out
    assert "✗" not in found.out


def test_status_tells_what_is_wrong_and_what_to_type(both: Type, stage: Stage):
    """Rule 19: a refused key is said."""
    stage.night()
    ids = [row.id for row in stage.messages(channel="email")]
    stage.change(
        sa.update(outbox).where(outbox.c.id == ids[0]).values(state="in_doubt", doubt_since=datetime.now(UTC)),
        sa.update(outbox).where(outbox.c.id == ids[1]).values(state="unknown", doubt_since=datetime.now(UTC)),
    )
    presence.here(stage.app, "vm:1:1", [Channel.EMAIL])
    with writing(stage.app.engine) as c:
        provider_states.stop(c, "outbox", at=now(c), because="401 unauthorized")
    found = both("status")
    decent(found)
    text = " ".join(found.out.split())
    assert "✗ email: takes nothing since" in text
    assert "(401 unauthorized) · waits for a person" in text
    assert "Worker ✓ 1 running, last seen" in text
    assert "In doubt ! 1:" in text
    assert f"Unknown ! 1: no word came, and none is sent again by itself: m-{ids[1]}" in text
    assert "outreach doctor" in text
    data = both("status", "--json").document
    assert [p["needs_person"] for p in data["providers"]] == [True, True]
    assert {row["message"] for row in data["of_unknown_fate"]} == {f"m-{ids[0]}", f"m-{ids[1]}"}
    assert data["workers"][0]["owner"] == "vm:1:1"
    assert (data["in_doubt"], data["unknown"]) == (1, 1)


def test_an_unknown_one_is_sent_again_with_a_warning(both: Type, stage: Stage):
    stage.night()
    number = stage.messages(state="ready")[0].id
    stage.change(sa.update(outbox).where(outbox.c.id == number).values(state="unknown"))
    found = both("retry", RUN, "--unknown", f"m-{number}")
    decent(found)
    assert found.code == 0
    assert "its customer gets it twice" in found.out
    assert [row.state for row in stage.messages(id=number)] == ["ready"]
    again = both("retry", RUN, "--rejected")
    assert "0 messages" in again.out


def test_tidy_says_what_is_forgotten(played: Type):
    found = played("tidy")
    decent(found)
    assert found.code == 0
    assert played("tidy", "--json").document["forgotten"] == {
        "contents": 0,
        "attempts": 0,
        "candidates": 0,
        "workers": 0,
    }
