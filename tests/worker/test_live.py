"""Is a message handed to a provider once, whatever happens to the worker in the middle of it? With slow providers."""

import json
import signal
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from outreach.core.terms import Channel
from outreach.flows import epoch
from outreach.store.schema import outbox
from outreach.store.send_schema import provider_states
from outreach.store.shop import customers
from outreach.worker.order import Order
from tests.fake.conftest import *  # noqa: F403 - fixtures are found by their names here
from tests.fake.running import Running
from tests.flows.stage import Stage
from tests.worker.running import Started, Starter, gone


def due(stage: Stage) -> int:
    """A night whose every message is live, due, and useful for long, while it is noon for everybody; how many."""
    stage.night()
    at = datetime.now(UTC)
    noon = f"Etc/GMT{at.hour - 12:+d}"  # whose sign says how far west
    stage.change(sa.update(customers).values(zone=noon))
    hours = {"not_before": at - timedelta(hours=1), "not_after": at + timedelta(days=2)}
    stage.change(sa.update(outbox).values(mode="live", **hours))
    waiting = len(stage.messages(state="ready"))
    assert waiting > 20
    return waiting


def order(stage: Stage, *, until_empty: bool = True) -> Order:
    return Order(stage.project, (Channel.EMAIL, Channel.TEXT), until_empty=until_empty, verbose=1)


def result(started: Started) -> tuple[int, dict]:
    code, said = started.done()
    return code, json.loads(said["result"]) if said else {}


def states(stage: Stage) -> Counter[str]:
    return Counter(row.state for row in stage.messages())


def taken(fake: Running) -> set[int]:
    """The messages the providers took, each of them once."""
    messages = [int(line.reference.split("-")[-2]) for line in fake.lines() if line.took]
    assert len(messages) == len(set(messages))
    return set(messages)


def accepted(stage: Stage) -> set[int]:
    return {row.id for row in stage.messages(state="accepted")}


def slowly(fake: Running, milliseconds: int) -> None:
    fake.mode(sendgrid={"latency_ms": milliseconds}, twilio={"latency_ms": milliseconds})


def test_two_processes_hand_each_message_over_once(stage: Stage, start: Starter, fake: Running, redis_url: str):
    waiting = due(stage)
    worker = start.live(order(stage), 2, OUTREACH_REDIS_URL=redis_url, **fake.environment)
    code, said = result(worker)
    assert code == 0
    assert sum(said["states"].values()) == waiting
    assert taken(fake) == accepted(stage)
    assert set(states(stage)) <= {"accepted", "cancelled", "capped"}, states(stage)


def test_term_waits_for_what_is_under_way_and_gives_back_the_rest(stage: Stage, start: Starter, fake: Running):
    due(stage)
    slowly(fake, 1_500)
    worker = start.live(order(stage), 1, **fake.environment)
    worker.until("started")
    wait_for(fake)
    worker.signal(signal.SIGTERM)
    code, _ = result(worker)
    assert code == 143
    assert set(states(stage)) <= {"accepted", "ready", "cancelled", "capped"}, states(stage)
    assert accepted(stage) == taken(fake)
    slowly(fake, 0)
    assert result(start.live(order(stage), 1, **fake.environment))[0] == 0
    assert "ready" not in states(stage)
    assert accepted(stage) == taken(fake)


def test_a_second_term_leaves_at_once_and_the_leases_cover_it(sqlite_stage: Stage, start: Starter, fake: Running):
    stage = sqlite_stage
    due(stage)
    slowly(fake, 15_000)
    worker = start.live(order(stage), 1, **fake.environment)
    worker.until("started")
    wait_for(fake)
    worker.signal(signal.SIGTERM)
    worker.until("stopping")
    worker.signal(signal.SIGTERM)
    code, _ = result(worker)
    assert code == 143
    held = stage.messages(state="handed")
    assert held  # nobody waited for their answers
    assert all(row.lease_until is not None for row in held)
    assert all(gone(pid) for pid in worker.children())


def test_killed_in_the_middle_nothing_is_handed_over_twice(stage: Stage, start: Starter, fake: Running):
    due(stage)
    slowly(fake, 400)
    worker = start.live(order(stage), 2, **fake.environment)
    worker.until("started", times=2)
    wait_for(fake)
    worker.signal(signal.SIGKILL)
    assert all(gone(pid, within=20) for pid in worker.children())
    slowly(fake, 0)
    before = states(stage)
    assert not before["handed"], before  # the orphans wrote down what they had under way
    assert result(start.live(order(stage), 1, **fake.environment))[0] == 0
    assert accepted(stage) == taken(fake)
    assert not {"ready", "claimed", "handed"} & set(states(stage))


def test_a_refused_key_ends_it_with_four_and_the_other_channel_goes_on(stage: Stage, start: Starter, fake: Running):
    due(stage)
    stage.change(sa.insert(provider_states).values(provider="sendgrid"))  # it took messages the night before
    fake.mode(sendgrid={"chances": {"401": 1.0}, "latency_ms": 50})
    worker = start.live(order(stage), 2, **fake.environment)
    code, said = result(worker)
    assert (code, said["code"]) == (4, 4)
    assert said["problem"]["code"] == "OUT-401"
    assert "sendgrid" in said["problem"]["message"]
    asked = [line for line in fake.lines() if line.provider == "sendgrid"]
    assert 1 <= len(asked) <= 3
    assert {row.state for row in stage.messages(channel="email")} <= {"ready", "cancelled", "capped"}
    assert "ready" not in {row.state for row in stage.messages(channel="text")}
    fake.mode(sendgrid={})
    assert result(start.live(order(stage), 1, **fake.environment))[0] == 0  # the key was mended
    assert accepted(stage) == taken(fake)
    assert stage.rows(sa.select(provider_states.c.needs_person).distinct()) == [(False,)]


def test_another_database_than_this_machine_sent_from_is_not_sent_from(stage: Stage, start: Starter, fake: Running):
    """The problem reaches whoever started the worker, whichever of its tasks met it."""
    due(stage)
    mark = epoch.Mark("0123456789ab", 1, 1, datetime.now(UTC))
    epoch.remember(stage.project, mark)
    code, said = result(start.live(order(stage), 2, **fake.environment))
    assert (code, said["problem"]["code"]) == (3, "OUT-430")
    assert fake.lines() == []


def wait_for(fake: Running) -> None:
    """Until a request is at the provider."""
    pause = threading.Event()
    while not fake.lines():
        pause.wait(0.02)
