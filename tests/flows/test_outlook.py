"""Does the page of status tell what the database holds, on both databases?"""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from outreach.core.terms import Channel
from outreach.flows import presence
from outreach.flows.mending import ask_again
from outreach.flows.outlook import lately, nothing_due, outlook, refusals
from outreach.store import provider_states
from outreach.store.engine import now, writing
from outreach.store.schema import outbox
from outreach.store.workers import workers
from tests.flows.stage import Stage


def live_night(stage: Stage) -> int:
    """A night whose messages are live and due; how many by email."""
    stage.night()
    at = datetime.now(UTC)
    hours = {"not_before": at - timedelta(hours=1), "not_after": at + timedelta(days=2)}
    stage.change(sa.update(outbox).values(mode="live", **hours))
    stage.live()
    return len(stage.messages(channel="email", state="ready"))


def lane(stage: Stage, channel: Channel = Channel.EMAIL):
    return next(one for one in outlook(stage.app).lanes if one.channel is channel)


def test_before_anything_there_is_nothing(stage: Stage):
    found = outlook(stage.app)
    assert [(one.due, one.wait, one.under_way, one.today, one.stop) for one in found.lanes] == [(0, 0, 0, 0, None)] * 2
    assert (found.doubts, found.in_doubt, found.workers) == ({}, (), ())
    assert nothing_due(stage.app)


def test_what_waits_what_is_due_and_what_is_useless_first(stage: Stage):
    emails = live_night(stage)
    first = stage.messages(channel="email")[0]
    at = datetime.now(UTC).replace(microsecond=0)
    soon, useless = at + timedelta(hours=5), at + timedelta(hours=9)
    stage.change(sa.update(outbox).where(outbox.c.id == first.id).values(not_before=soon, not_after=useless))
    found = lane(stage)
    assert (found.wait, found.due, found.next, found.useless) == (emails, emails - 1, soon, useless)
    assert not nothing_due(stage.app)


def test_in_outbox_mode_every_hour_is_good(stage: Stage):
    stage.night()
    waiting = len(stage.messages(channel="email", state="ready"))
    later = datetime.now(UTC) + timedelta(days=1)
    stage.change(sa.update(outbox).values(not_before=later))
    assert (lane(stage).due, lane(stage).wait) == (waiting, waiting)
    stage.hand_over()
    assert (lane(stage).due, lane(stage).today) == (0, waiting)
    assert lately(stage.app)["email", "accepted"] == waiting
    assert nothing_due(stage.app)


@pytest.mark.parametrize("state", ["claimed", "handed"])
def test_what_a_worker_holds_is_under_way(stage: Stage, state: str):
    emails = live_night(stage)
    stage.change(sa.update(outbox).values(state=state, lease_until=datetime.now(UTC) + timedelta(minutes=1)))
    assert (lane(stage).under_way, lane(stage).wait) == (emails, 0)
    assert not nothing_due(stage.app)  # another's hands are not empty


def test_messages_of_unknown_fate_are_counted_and_named(stage: Stage):
    live_night(stage)
    ids = [row.id for row in stage.messages()][:3]
    for state, number in (("in_doubt", ids[0]), ("unknown", ids[1]), ("unknown", ids[2])):
        since = datetime.now(UTC) - timedelta(hours=number % 7)
        stage.change(sa.update(outbox).where(outbox.c.id == number).values(state=state, doubt_since=since))
    found = outlook(stage.app)
    assert found.doubts == {"in_doubt": 1, "unknown": 2}
    assert {row.id for row in found.in_doubt} == set(ids)


def test_a_paused_provider_says_why_and_until_when(stage: Stage):
    live_night(stage)
    with writing(stage.app.engine) as c:
        until = provider_states.pause(c, "outbox", at=now(c), wait=timedelta(minutes=10), because="503")
    stop = lane(stage).stop
    assert stop is not None
    assert (stop.until, stop.because, stop.needs_person) == (until, "503", False)
    assert refusals(stage.app) == {}
    assert not nothing_due(stage.app)  # it will go on by itself


def test_a_refused_key_waits_for_a_person_and_a_mended_one_goes_on(stage: Stage):
    emails = live_night(stage)
    with writing(stage.app.engine) as c:
        provider_states.stop(c, "outbox", at=now(c), because="401")
    refused = refusals(stage.app)
    assert set(refused) == {Channel.EMAIL, Channel.TEXT}
    problem = refused[Channel.EMAIL]
    assert (problem.code, problem.exit_code) == ("OUT-401", 4)
    assert "outbox" in problem.message
    assert f"{emails:,} wait" in " ".join(problem.facts)
    assert nothing_due(stage.app)  # nothing anybody would take
    assert asyncio.run(ask_again(stage.app)) == ["outbox"]
    assert refusals(stage.app) == {}
    assert asyncio.run(ask_again(stage.app)) == []


def test_workers_are_seen_fall_silent_and_say_goodbye(stage: Stage):
    presence.here(stage.app, "vm:1:1", [Channel.EMAIL])
    presence.here(stage.app, "vm:2:1", [Channel.EMAIL, Channel.TEXT])
    started = {one.owner: one.started_at for one in presence.who(stage.app)}
    stage.change(
        sa.update(workers).where(workers.c.owner == "vm:1:1").values(seen_at=started["vm:1:1"] - timedelta(minutes=2))
    )
    first, second = presence.who(stage.app)
    assert (first.owner, first.silent, first.channels) == ("vm:2:1", False, (Channel.EMAIL, Channel.TEXT))
    assert (second.owner, second.silent) == ("vm:1:1", True)
    presence.here(stage.app, "vm:1:1", [Channel.EMAIL])
    assert [one.silent for one in presence.who(stage.app)] == [False, False]
    assert {one.owner: one.started_at for one in presence.who(stage.app)} == started
    presence.gone(stage.app, "vm:2:1")
    assert [one.owner for one in presence.who(stage.app)] == ["vm:1:1"]
    stage.live()
    assert presence.who(stage.app) == []  # another mode is another shop
