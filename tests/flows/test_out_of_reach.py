"""Is a text whose phone was out of reach tried again, so often and no more, and never once somebody said no?"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from outreach.core.inbound import Event, Told
from outreach.core.lifecycle import Fault
from outreach.core.terms import Channel, Mode, Scope
from outreach.flows.app import App
from outreach.providers.base import Envelope, Receipt
from outreach.store import epochs, wishes
from outreach.store.engine import now, reading, writing
from outreach.store.schema import attempts, contact_ledger
from outreach.store.wishes import Asked
from tests.flows import arrivals as a
from tests.flows import outgoing as o
from tests.flows.outgoing import DAY, LONG_AGO, Vendor

HALF_AN_HOUR = timedelta(minutes=30)


def out_of_reach(_: Envelope) -> Receipt:
    return Receipt(Fault.UNREACHABLE, said="30003", status=400)


def text(app: App, **values: Any) -> int:
    [i] = o.queue(app.engine, channel="text", **values)
    return i


def told(app: App, i: int, attempt: int, what: Told = Told.BLOCKED, word: str = "undelivered", **more: Any) -> Event:
    """A status callback for one hand-over of a message. Out of reach, unless `what` says otherwise."""
    with writing(app.engine) as c:
        reference = f"{epochs.name_it(c)}-{i}-{attempt}"
    fault = Fault.UNREACHABLE if what in (Told.BLOCKED, Told.DROPPED) else None
    sid = f"SM{i}x{attempt}"
    more = {"fault": fault, "said": "undelivered 30003" if fault else None} | more
    return Event("twilio", f"{sid}:{word}", what, Channel.TEXT, b"x", reference, sid, **more)


def at_once(app: App, vendor: Vendor) -> Callable[[int], None]:
    """The provider says so to the request itself."""
    vendor.answer = out_of_reach

    def one_try(_: int) -> None:
        assert sum(o.send(app).states.values()) == 1

    return one_try


def later(app: App, vendor: Vendor) -> Callable[[int], None]:
    """The provider takes it, and says so afterwards."""

    def one_try(attempt: int) -> None:
        assert o.send(app).states == {"accepted": 1}
        a.heard(app, told(app, vendor_message(vendor), attempt))

    return one_try


def vendor_message(vendor: Vendor) -> int:
    return int(vendor.journal[-1].id.removeprefix("m-"))


WAYS = pytest.mark.parametrize("way", [at_once, later])


def time_passes(app: App, i: int) -> None:
    """Half an hour, behind everybody's back."""
    o.change(app.engine, [i], not_before=LONG_AGO)


def opted_out(app: App, i: int) -> None:
    """They want no texts any more."""
    with writing(app.engine) as c:
        at = now(c)
        wishes.suppress(c, [(Channel.TEXT, o.hash_of(i))], Asked(Scope.TEXT, "asked", "test", None, None, at))


# --- so often and no more


@WAYS
def test_rule_26_out_of_reach_waits_half_an_hour(app: App, vendor: Vendor, way: Any):
    i, one_try = text(app), way(app, vendor)
    with reading(app.engine) as c:
        before = now(c)
    one_try(1)
    with reading(app.engine) as c:
        after = now(c)
    row = o.message(app.engine, i)
    assert (row.state, row.attempt, row.owner, row.lease_until) == ("ready", 1, None, None)
    assert before + HALF_AN_HOUR <= row.not_before <= after + HALF_AN_HOUR
    assert (row.provider_message_id, row.fate, row.fate_rank, row.fate_at) == (None, None, None, None)
    assert "30003" in row.last_error
    with reading(app.engine) as c:
        [tried] = c.execute(sa.select(attempts)).all()
    assert (tried.outcome, tried.error_class, tried.finished_at is None) == ("ready", "unreachable", False)
    assert o.send(app).states == {}, "not before that"
    assert len(vendor.journal) == 1


@pytest.mark.parametrize(("way", "end"), [(at_once, ("rejected", None)), (later, ("accepted", "blocked"))])
def test_rule_26_never_more_than_three_tries(app: App, vendor: Vendor, way: Any, end: tuple[str, str | None]):
    i, one_try = text(app), way(app, vendor)
    for attempt in (1, 2, 3):
        assert a.fates(app)[i] == ("ready", None)
        one_try(attempt)
        time_passes(app, i)
    assert a.fates(app)[i] == end
    assert o.send(app).states == {}
    assert [envelope.reference.rpartition("-")[2] for envelope in vendor.journal] == ["1", "2", "3"]


def test_rule_26_a_phone_that_is_switched_on_again_gets_it(app: App, vendor: Vendor):
    i = text(app)
    at_once(app, vendor)(1)
    time_passes(app, i)
    vendor.answer = lambda e: Receipt(message_id=e.reference)
    assert o.send(app).states == {"accepted": 1}
    a.heard(app, told(app, i, 2, Told.DELIVERED, "delivered"))
    assert a.fates(app)[i] == ("accepted", "delivered")


@pytest.mark.parametrize(
    ("channel", "ends"),
    [("email", [("rejected", None), ("accepted", "blocked")]), ("text", [("ready", None), ("ready", None)])],
)
def test_rule_26_never_for_an_email(app: App, vendor: Vendor, channel: str, ends: list[Any]):
    """Told at once, and told later."""
    [i] = o.queue(app.engine, channel=channel)
    vendor.answer = out_of_reach
    assert o.send(app).states == {ends[0][0]: 1}
    ((j, reference),) = a.sent(app, channel=channel)
    said = Event("x", "e1", Told.BLOCKED, Channel(channel), b"x", reference, fault=Fault.UNREACHABLE)
    a.heard(app, said)
    assert [a.fates(app)[i], a.fates(app)[j]] == ends


def test_rule_26_a_past_night_played_again_puts_nothing_off(app: App, vendor: Vendor):
    played = o.going(app, vendor, Mode.OUTBOX)
    i = text(app, mode="outbox")
    vendor.answer = out_of_reach
    assert o.send(played).states == {"rejected": 1}
    assert o.states(app.engine, [i]) == {i: "rejected"}


# --- only while it is useful, within their hours, and as long as nobody said no


@pytest.mark.parametrize(("way", "end"), [(at_once, ("rejected", None)), (later, ("accepted", "blocked"))])
def test_rule_26_too_late_to_be_tried_again(app: App, vendor: Vendor, way: Any, end: tuple[str, str | None]):
    with reading(app.engine) as c:
        soon = now(c) + timedelta(minutes=20)
    i = text(app, not_after=soon)
    way(app, vendor)(1)
    assert a.fates(app)[i] == end


@WAYS
def test_rule_26_not_useful_any_more_when_its_time_comes(app: App, vendor: Vendor, way: Any):
    i = text(app)
    way(app, vendor)(1)
    time_passes(app, i)
    o.change(app.engine, [i], not_after=LONG_AGO + DAY)
    assert o.send(app).states == {"expired": 1}
    assert (o.states(app.engine, [i]), len(vendor.journal)) == ({i: "expired"}, 1)


def test_rule_26_tried_again_within_their_hours(app: App, vendor: Vendor):
    i = text(app, kind="service")
    o.live_where_it_is(app.engine, [i], hour=12)
    at_once(app, vendor)(1)
    time_passes(app, i)
    o.live_where_it_is(app.engine, [i], hour=3)
    assert o.send(app).states == {"ready": 1}
    assert len(vendor.journal) == 1
    with reading(app.engine) as c:
        assert o.message(app.engine, i).not_before > now(c) + timedelta(hours=4)


@WAYS
def test_rule_26_an_opt_out_while_it_waits(app: App, vendor: Vendor, way: Any):
    i = text(app)
    way(app, vendor)(1)
    opted_out(app, i)
    time_passes(app, i)
    assert o.send(app).states == {}
    assert (o.states(app.engine, [i]), len(vendor.journal)) == ({i: "suppressed"}, 1)


def test_rule_26_an_opt_out_before_the_provider_says_so(app: App, vendor: Vendor):
    """Nothing waits for a person who said no, not even for half an hour."""
    first, second = text(app), text(app)
    vendor.answer = lambda e: Receipt(message_id=e.reference)
    assert o.send(app).states == {"accepted": 2}
    opted_out(app, first)
    a.heard(app, told(app, first, 1), told(app, second, 1))
    assert o.states(app.engine) == {first: "suppressed", second: "ready"}

    async def while_it_leaves(envelope: Envelope) -> None:
        opted_out(app, int(envelope.id.removeprefix("m-")))

    third = text(app)
    vendor.answer, vendor.wait = out_of_reach, while_it_leaves
    assert o.send(app).states == {"suppressed": 1}
    assert o.states(app.engine, [third]) == {third: "suppressed"}


def test_rule_26_it_is_the_same_message_under_the_cap(app: App, vendor: Vendor):
    i = text(app, kind="offer", campaign="upgrade_offer")
    o.live_where_it_is(app.engine, [i], hour=12)
    key = o.message(app.engine, i).dedupe_key
    for attempt in (1, 2):
        at_once(app, vendor)(attempt)
        time_passes(app, i)
    assert o.message(app.engine, i).dedupe_key == key
    with reading(app.engine) as c:
        assert [row.outbox_id for row in c.execute(sa.select(contact_ledger))] == [i]


# --- however often and in whatever order it is told


def taken(app: App, vendor: Vendor) -> int:
    i = text(app)
    vendor.answer = lambda e: Receipt(message_id=e.reference)
    assert o.send(app).states == {"accepted": 1}
    return i


LATE = [
    ("undelivered", Told.BLOCKED),
    ("failed", Told.DROPPED),
    ("sent", Told.TAKEN),
    ("delivered", Told.DELIVERED),
]


@pytest.mark.parametrize(("word", "what"), LATE)
def test_rule_26_what_is_still_told_of_the_try_before(app: App, vendor: Vendor, word: str, what: Told):
    """While it waits, while it is tried again, and after that."""
    i = taken(app, vendor)
    a.heard(app, told(app, i, 1))
    waiting = o.message(app.engine, i)
    a.heard(app, told(app, i, 1, what, word))
    assert o.message(app.engine, i) == waiting
    time_passes(app, i)
    assert o.send(app).states == {"accepted": 1}
    again = o.message(app.engine, i)
    a.heard(app, told(app, i, 1, what, f"{word} "))
    assert o.message(app.engine, i) == again
    assert (again.attempt, again.state, again.fate) == (2, "accepted", None)


@pytest.mark.parametrize("state", ["handed", "in_doubt", "unknown"])
def test_rule_26_told_before_the_answer_is_recorded(app: App, state: str):
    ((i, _),) = a.sent(app, state=state, channel="text")
    a.heard(app, told(app, i, 1))
    a.heard(app, told(app, i, 1, Told.TAKEN, "sent"))
    assert (a.fates(app)[i], o.message(app.engine, i).doubt_since) == (("ready", None), None)


@pytest.mark.parametrize("together", [True, False])
def test_rule_26_the_first_word_that_ends_its_way_stands(app: App, vendor: Vendor, together: bool):
    """Rules 25 and 26: delivered is delivered."""
    i = taken(app, vendor)
    said = [told(app, i, 1, Told.TAKEN, "sent"), told(app, i, 1, Told.DELIVERED, "delivered"), told(app, i, 1)]
    for post in [said] if together else [[one] for one in said]:
        a.heard(app, *post)
    assert a.fates(app)[i] == ("accepted", "delivered")


def test_rule_26_all_in_one_post(app: App, vendor: Vendor):
    i = taken(app, vendor)
    a.heard(app, told(app, i, 1, Told.TAKEN, "sent"), told(app, i, 1), told(app, i, 1, Told.DROPPED, "failed"))
    row = o.message(app.engine, i)
    assert (row.state, row.fate, row.attempt) == ("ready", None, 1)


def test_rule_26_told_twice_and_by_many_at_once_it_waits_once(app: App, vendor: Vendor):
    messages = a.sent(app, 20, channel="text")
    first = [told(app, i, 1) for i, _ in messages]
    other = [told(app, i, 1, Told.DROPPED, "failed") for i, _ in messages]
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda post: a.heard(app, *post), [first, first[::-1], other[::-1], other]))
        kept = {i: o.message(app.engine, i) for i, _ in messages}
        list(threads.map(lambda one: a.heard(app, one), [*first[:4], *other[:4]]))
    assert {row.state for row in kept.values()} == {"ready"}
    assert {i: o.message(app.engine, i) for i, _ in messages} == kept
    with reading(app.engine) as c:
        assert c.execute(sa.select(sa.func.count()).select_from(attempts)).scalar_one() == 20


def test_rule_26_two_posts_of_one_handed_over_message_at_once(app: App):
    """One waits for the other, and sees what it left of the message and of its try."""
    messages = a.sent(app, 12, state="handed", channel="text")
    for i, _ in messages:
        posts = [told(app, i, 1), told(app, i, 1, Told.DROPPED, "failed"), told(app, i, 1, word="Undelivered")]
        with ThreadPoolExecutor(3) as threads:
            list(threads.map(lambda one: a.heard(app, one), posts))
    assert set(o.states(app.engine).values()) == {"ready"}
