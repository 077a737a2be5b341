"""Does every short story of faults end well, on both databases?"""

from pathlib import Path

import pytest
import sqlalchemy as sa

from outreach.store.send_schema import provider_states
from tests.fake.running import Running, start
from tests.faults.hands import Crew
from tests.faults.scene import Scene, copied
from tests.faults.stand import Stand
from tests.faults.trials import (
    DECIDING,
    TRIALS,
    WRITING,
    killed_at,
    opted_out_at,
    opted_out_at_plan,
    provider_says,
    sleeper_at,
)


@pytest.mark.parametrize("name", TRIALS)
def test_it_ends_well(stand: Stand, name: str) -> None:
    verdict = TRIALS[name](stand)
    assert verdict.good, f"{verdict}\n{stand.crew.log.read_text()[-2000:]}"
    hurt = {"rejected"} if stand.broken else set()
    assert set(verdict.states) - hurt <= {"accepted", "suppressed", "unknown"}


def test_in_peace(stand: Stand) -> None:
    """Nothing happens, and all of it arrives, by both vendors."""
    verdict = stand.drained()
    assert verdict.good, str(verdict)
    assert verdict.states == {"accepted": verdict.messages}
    assert verdict.taken == verdict.messages
    assert stand.fake.summary()["asked"].keys() == {"sendgrid", "twilio"}


def test_every_request_holds_to_its_makers_contract(
    sqlite_scene: Scene, fake: Running, company: Crew, tmp_path: Path
) -> None:
    """Rule 38. A night of both channels to vendors that judge what they get."""
    judging = start(tmp_path / "journal")
    changed = {str(fake.http): str(judging.http)}
    project = copied(sqlite_scene.project, tmp_path / "judged", changed=changed)
    scene = Scene(project, f"sqlite:///{project / '.outreach' / 'outreach.db'}")
    crew = company.serve(project)
    try:
        crew.does("send", shorten={})
        asked = judging.summary()
        assert (asked["wrong"], asked["twice"]) == ([], {})
        assert asked["taken"] == len(scene.messages())
        assert asked["asked"].keys() == {"sendgrid", "twilio"}
    finally:
        scene.close()
        judging.stop()


def test_a_claim_is_surely_unsent(stand: Stand) -> None:
    """A worker that died with claims in its hands costs nobody a message."""
    verdict = killed_at("after_claim")(stand)
    assert verdict.states == {"accepted": verdict.messages}
    assert verdict.taken == verdict.messages


def test_a_broken_campaign_costs_no_other_a_message(stand: Stand) -> None:
    assert TRIALS["a broken campaign"](stand).good
    states = {(m.campaign in stand.broken, m.state) for m in stand.scene.messages().values()}
    assert states == {(True, "rejected"), (False, "accepted")}


@pytest.mark.parametrize("after", [DECIDING, WRITING])
def test_rule_7_nobody_who_opts_out_while_the_night_is_planned_is_written_to(stand: Stand, after: int) -> None:
    verdict = opted_out_at_plan(after)(stand)
    asked = {each for wish in stand.wishes for each in wish.hashes}
    theirs = [m.state for m in stand.scene.messages().values() if m.contact_hash in asked]
    assert len(asked) >= 10
    assert set(theirs) == {"suppressed"}
    assert (len(theirs) < len(asked)) is (after == DECIDING), "whoever was not decided yet has no message at all"
    assert verdict.good
    assert verdict.states["accepted"] + verdict.states["suppressed"] == verdict.messages


def test_a_hand_off_is_in_doubt(stand: Stand) -> None:
    """A worker that died with messages handed leaves them unknown, whether they were taken or not."""
    verdict = killed_at("after_handed")(stand)
    assert verdict.good, str(verdict)
    assert verdict.states["unknown"] > verdict.unknown_taken


def test_a_sleepers_claims_go_on_without_it(stand: Stand) -> None:
    verdict = sleeper_at("after_claim")(stand)
    assert verdict.states == {"accepted": verdict.messages}


@pytest.mark.parametrize("word", ["429", "503"])
def test_nothing_is_asked_of_a_provider_that_wants_to_be_left_alone(stand: Stand, word: str) -> None:
    away = {"next": [word], "retry_after": 600}
    stand.fake.mode(sendgrid=away, twilio=away)
    stand.crew.does("send")
    before = len(stand.fake.lines())
    stand.crew.does("sweep", "send", "send")
    assert len(stand.fake.lines()) == before
    assert stand.states()["ready"] > 0
    paused = stand.scene.rows(sa.select(provider_states.c.provider, provider_states.c.paused_until))
    assert {row.provider for row in paused if row.paused_until is not None} == {"sendgrid", "twilio"}
    for row in paused:
        assert 500 < (row.paused_until - stand.scene.clock()).total_seconds() < 700
    verdict = stand.drained()
    assert verdict.states == {"accepted": verdict.messages}


def test_an_unknown_key_stops_one_provider_at_once(stand: Stand) -> None:
    """At most three requests; its rows stay ready; the other vendor's messages leave."""
    stand.fake.mode(sendgrid={"chances": {"401": 1.0}})
    stand.crew.run("send")
    stand.crew.run("send")
    asked = stand.fake.summary()["asked"]
    assert 1 <= asked["sendgrid"]["401"] <= 3
    messages = stand.scene.messages().values()
    assert {m.state for m in messages if m.channel == "email"} == {"ready"}
    assert {m.state for m in messages if m.channel == "text"} == {"accepted"}
    assert stand.verdict(ended=False).good


def test_opted_out_before_the_hand_off(stand: Stand) -> None:
    verdict = opted_out_at("after_claim")(stand)
    assert verdict.states["suppressed"] == len(stand.wishes) > 0
    assert verdict.tails_ms == []


@pytest.mark.parametrize("word", ["accept_hang", "accept_reset", "accept_500"])
def test_whoever_may_have_it_is_not_written_to_again(stand: Stand, word: str) -> None:
    verdict = provider_says(word)(stand)
    assert verdict.good, str(verdict)
    assert verdict.states["unknown"] == verdict.unknown_taken > 0
