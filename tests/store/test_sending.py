"""Do claim, hand-off, record and sweep hold against each other, whoever comes late? (state.md)"""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from outreach.core.lifecycle import Fault
from outreach.core.reference import Reference
from outreach.core.terms import MessageState
from outreach.store import breakers, doubts, epochs, leases, provider_states, recording, sending
from outreach.store.contacts import holds
from outreach.store.engine import now, open_engine, reading, writing
from outreach.store.recording import Result
from outreach.store.sending import Due
from tests.flows import outgoing as o

SECOND = timedelta(seconds=1)
DEADLINE = 20 * SECOND
ALL = Due("live", ("email",), datetime(2100, 1, 1, tzinfo=o.UTC))


def claimed(engine: sa.Engine, ids: list[int], at: datetime | None = None) -> list[tuple[int, int]]:
    with writing(engine) as c:
        rows = sending.claim(c, ids, owner="me", at=at or now(c))
    return [(row.id, row.attempt) for row in rows]


def handed(engine: sa.Engine, held: list[tuple[int, int]], at: datetime | None = None) -> set[int]:
    with writing(engine) as c:
        return {i for i, _ in sending.hand(c, held, at=at or now(c), deadline=DEADLINE)}


def recorded(engine: sa.Engine, held: tuple[int, int], state: MessageState, message_id: str | None = None) -> bool:
    with writing(engine) as c:
        result = Result(*held, state, "vendor", message_id, fault=Fault.DOUBT if state == "in_doubt" else None)
        return bool(recording.record(c, [result], at=now(c)))


def moment(engine: sa.Engine) -> datetime:
    with reading(engine) as c:
        return now(c)


def test_a_claim_is_a_lease_and_a_try(engine: sa.Engine) -> None:
    [i] = o.queue(engine)
    assert claimed(engine, [i]) == [(i, 1)]
    row = o.message(engine, i)
    assert row.lease_until - row.updated_at == timedelta(seconds=sending.LEASE_SECONDS)
    assert claimed(engine, [i]) == [], "it is somebody's"


def test_due_goes_on_where_it_stood(engine: sa.Engine) -> None:
    ids = o.queue(engine, 5)
    with writing(engine) as c:
        first = sending.due(c, ALL, after=None, size=3)
        rest = sending.due(c, ALL, after=(first[-1].not_before, first[-1].id), size=3)
    assert [row.id for row in (*first, *rest)] == ids


def test_no_hand_off_on_a_lease_that_ends_within_the_deadline(engine: sa.Engine) -> None:
    [i] = o.queue(engine)
    at = moment(engine)
    held = claimed(engine, [i], at)
    ends = at + timedelta(seconds=sending.LEASE_SECONDS)
    assert handed(engine, held, ends - DEADLINE) == set()
    assert handed(engine, held, ends - DEADLINE - SECOND) == {i}


def test_a_hand_off_is_fenced_by_the_attempt(engine: sa.Engine) -> None:
    [i] = o.queue(engine)
    old = claimed(engine, [i])
    with writing(engine) as c:
        sending.give_back(c, old, at=now(c))
    new = claimed(engine, [i])
    assert (old, new) == ([(i, 1)], [(i, 2)])
    assert handed(engine, old) == set()
    assert handed(engine, new) == {i}


def test_a_hold_between_claim_and_hand_off(engine: sa.Engine) -> None:
    [i] = o.queue(engine)
    held = claimed(engine, [i])
    with writing(engine) as c:
        c.execute(sa.insert(holds).values(customer_id=i, because="dispute", since=now(c)))
    assert handed(engine, held) == set()
    with writing(engine) as c:
        assert sending.give_back(c, held, at=now(c)) == {"cancelled": 1}


def test_a_late_answer_does_not_touch_a_later_try(engine: sa.Engine) -> None:
    """An idempotent provider's message went back after its lease; the first worker wakes and records."""
    [i] = o.queue(engine)
    first = claimed(engine, [i])
    handed(engine, first)
    o.change(engine, [i], lease_until=o.LONG_AGO)
    with writing(engine) as c:
        assert leases.free_expired_leases(c, at=now(c), idempotent=["email"]) == (1, 0)
    second = claimed(engine, [i])
    handed(engine, second)
    assert not recorded(engine, first[0], MessageState.REJECTED)
    assert o.message(engine, i).state == "handed"
    assert recorded(engine, second[0], MessageState.ACCEPTED)


def test_a_late_answer_settles_the_doubt_about_its_own_try(engine: sa.Engine) -> None:
    [i] = o.queue(engine)
    held = claimed(engine, [i])
    handed(engine, held)
    o.change(engine, [i], lease_until=o.LONG_AGO)
    with writing(engine) as c:
        assert leases.free_expired_leases(c, at=now(c)) == (0, 1)
    assert o.message(engine, i).owner == "me", "whoever handed it may still live"
    assert recorded(engine, held[0], MessageState.ACCEPTED, "v-1")
    assert o.message(engine, i).state == "accepted"
    assert not recorded(engine, held[0], MessageState.IN_DOUBT), "and nothing unsettles it"


def test_what_was_surely_not_sent_goes_back_from_handed_too(engine: sa.Engine) -> None:
    [i] = o.queue(engine)
    held = claimed(engine, [i])
    handed(engine, held)
    with writing(engine) as c:
        assert sending.give_back(c, held, at=now(c)) == {"ready": 1}
        assert sending.give_back(c, held, at=now(c)) == {}


@pytest.mark.parametrize("state", ["handed", "in_doubt", "unknown", "ready"])
def test_evidence_of_this_try_settles_it(engine: sa.Engine, state: str) -> None:
    [i] = o.queue(engine)
    held = claimed(engine, [i])
    handed(engine, held)
    o.change(engine, [i], state=state)
    with writing(engine) as c:
        mine = Reference(epochs.name_it(c), i, 1)
        assert doubts.evidence(c, mine, "v-1", at=now(c))
        assert not doubts.evidence(c, mine, "v-1", at=now(c)), "the second time is no news"
    row = o.message(engine, i)
    assert (row.state, row.provider_message_id) == ("accepted", "v-1")


def test_evidence_of_another_try_or_database_changes_nothing(engine: sa.Engine) -> None:
    [i] = o.queue(engine)
    held = claimed(engine, [i])
    handed(engine, held)
    with writing(engine) as c:
        assert not doubts.evidence(c, Reference(epochs.name_it(c), i, 2), None, at=now(c))
        assert not doubts.evidence(c, Reference("0123456789ab", i, 1), None, at=now(c))
    assert o.message(engine, i).state == "handed"


def test_a_sweeper_passes_by_what_is_being_changed(postgres_url: str) -> None:
    """And a second claimer passes by what the first is claiming. (SQLite has one writer at a time.)"""
    engine = open_engine(postgres_url)
    one, two = o.queue(engine, 2)
    with writing(engine) as c, writing(engine) as other:
        assert [row.id for row in sending.due(c, ALL, after=None, size=1)] == [one]
        assert [row.id for row in sending.due(other, ALL, after=None, size=9)] == [two]
    o.change(engine, [one, two], state="claimed", lease_until=o.LONG_AGO)
    with writing(engine) as c, writing(engine) as other:
        c.execute(sa.select(sending.outbox.c.id).where(sending.outbox.c.id == one).with_for_update())
        assert leases.free_expired_leases(other, at=now(other)) == (1, 0)
    engine.dispose()


def test_many_setbacks_of_one_moment_are_one(engine: sa.Engine) -> None:
    with writing(engine) as c:
        at = now(c)
        first = provider_states.pause(c, "vendor", at=at, wait=None, because="503")
        assert provider_states.pause(c, "vendor", at=at + SECOND, wait=None, because="503") == first
        assert first - at == 5 * SECOND
        longer = provider_states.pause(c, "vendor", at=at + 6 * SECOND, wait=None, because="503")
        assert longer - at == 16 * SECOND
        asked = provider_states.pause(c, "vendor", at=at + 7 * SECOND, wait=60 * SECOND, because="429")
        assert asked - at == 67 * SECOND
        shorter = provider_states.pause(c, "vendor", at=at + 8 * SECOND, wait=SECOND, because="429")
        assert shorter == asked


def test_the_breaker_counts_the_last_hundred(engine: sa.Engine) -> None:
    with writing(engine) as c:
        assert breakers.note(c, "live", {"a": "." * 100, "b": "x" * 19}) == []
        assert breakers.note(c, "live", {"a": "x" * 50}) == [], "half is not more than half"
        assert breakers.note(c, "team", {"b": "x"}) == [], "another mode"
        assert breakers.note(c, "live", {"a": "x", "b": "x"}) == ["a", "b"]
        assert breakers.note(c, "live", {"a": "x" * 19}) == [], "it begins anew"
