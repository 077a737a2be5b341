"""Does every message leave once, to whom it may, when it may, and does every answer have its consequence?"""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import time, timedelta
from math import inf
from time import monotonic

import pytest
import sqlalchemy as sa

from outreach.core.lifecycle import Fault
from outreach.core.shop import Hours, Sending
from outreach.core.terms import Channel, Mode, Scope
from outreach.flows import levers, opt_out
from outreach.flows.app import App
from outreach.flows.handing import FIRST_BYTE
from outreach.flows.mending import ask_again
from outreach.flows.release import release
from outreach.providers.base import Envelope, Found, LookUp, Receipt, Verdict
from outreach.store import provider_states
from outreach.store.contacts import contact_points, suppressions
from outreach.store.engine import now, reading, writing
from outreach.store.schema import attempts, contact_ledger, contents
from tests.flows import outgoing as o
from tests.flows.outgoing import DAY, LONG_AGO, Vendor
from tests.flows.stage import Stage

MINUTE = timedelta(minutes=1)


def saying(fault: Fault, **more: object) -> Receipt:
    return Receipt(fault, said="so it said", **more)  # type: ignore[arg-type]


def provider_row(app: App):  # type: ignore[no-untyped-def]
    with reading(app.engine) as c:
        return provider_states.state(c, "vendor")


# --- once, and recorded


def test_everything_due_leaves_once_and_is_recorded(app: App, vendor: Vendor) -> None:
    """Rules 19 and 34: the id the provider gave is stored."""
    ids = o.queue(app.engine, 450)
    assert o.send(app).states == {"accepted": 450}
    assert Counter(vendor.names) == Counter({f"m-{i}": 1 for i in ids})
    row = o.message(app.engine, ids[0])
    assert (row.state, row.attempt, row.owner, row.lease_until) == ("accepted", 1, None, None)
    assert row.provider_message_id == f"v-{vendor.journal[0].reference}" or row.provider_message_id.endswith("-1")
    with reading(app.engine) as c:
        tries = c.execute(sa.select(attempts)).all()
    assert {(t.outcome, t.handed_at is None, t.finished_at is None) for t in tries} == {("accepted", False, False)}
    assert o.send(app).states == {}


def test_only_hinted_messages_leave_when_hinted(app: App, vendor: Vendor) -> None:
    ids = o.queue(app.engine, 5)
    o.send(app, ids=ids[1:3])
    assert sorted(vendor.names) == [f"m-{i}" for i in ids[1:3]]


@pytest.mark.parametrize("left", [None, b"", b"damaged"])
def test_a_message_whose_words_are_gone_is_refused_and_keeps_up_nobody(app: App, vendor: Vendor, left: bytes | None):
    lost, *others = o.queue(app.engine, 3)
    with writing(app.engine) as c:
        c.execute(sa.update(contents).where(contents.c.outbox_id == lost).values(body=left))
    assert o.send(app).states == {"accepted": 2, "rejected": 1}
    assert sorted(vendor.names) == [f"m-{i}" for i in others]
    row = o.message(app.engine, lost)
    assert (row.state, row.last_error) == ("rejected", "its content is gone")


def test_a_message_whose_address_is_gone_by_then_is_refused(bare: Stage, vendor: Vendor) -> None:
    """A provider never seen gets one message first; while it is on its way, another's address is erased."""
    app = o.going(bare.app, vendor)
    first, lost, last = o.queue(app.engine, 3)

    async def erasing(envelope: Envelope) -> None:
        if envelope.id == f"m-{first}":
            row = o.message(app.engine, lost)
            assert row.state == "claimed"
            with writing(app.engine) as c:
                gone = sa.update(contact_points).where(contact_points.c.id == row.contact_point_id)
                c.execute(gone.values(address=None))

    vendor.wait = erasing
    assert o.send(app).states == {"accepted": 2, "rejected": 1}
    assert vendor.names == [f"m-{first}", f"m-{last}"]
    assert o.message(app.engine, lost).last_error == "its address was erased"


def test_two_hand_overs_at_once_send_nothing_twice(app: App, vendor: Vendor) -> None:
    ids = o.queue(app.engine, 300)

    async def both() -> None:
        await asyncio.gather(o.send_due(app), o.send_due(app))

    asyncio.run(both())
    assert sorted(vendor.names) == sorted(f"m-{i}" for i in ids)
    assert set(o.states(app.engine).values()) == {"accepted"}


def test_other_modes_messages_stay(app: App, vendor: Vendor) -> None:
    ids = o.queue(app.engine, 2)
    o.change(app.engine, ids[:1], mode="team")
    o.send(app)
    assert vendor.names == [f"m-{ids[1]}"]


def test_an_envelope_says_what_the_row_says(app: App, vendor: Vendor) -> None:
    [i] = o.queue(app.engine)
    o.send(app)
    [e] = vendor.journal
    assert (e.to, e.subject, str(e.text)) == (o.email(i), "Hello", "Hello")
    assert (e.mode, e.campaign) == (Mode.LIVE, "delivery_check")
    assert e.headers == (("From", f"Mara <{app.house.senders[Channel.EMAIL].address}>"),)
    assert e.reference.endswith(f"-{i}-1")


def test_one_id_given_to_two_messages_loses_no_answer(app: App, vendor: Vendor) -> None:
    ids = o.queue(app.engine, 5)
    vendor.answer = lambda _: Receipt(message_id="always the same")
    assert o.send(app).states == {"accepted": 5}
    named = [o.message(app.engine, i).provider_message_id for i in ids]
    assert sorted(map(str, named)) == ["None"] * 4 + ["always the same"]


def test_what_a_database_cannot_keep_is_left_out(app: App, vendor: Vendor) -> None:
    [i] = o.queue(app.engine)
    vendor.answer = lambda _: Receipt(Fault.INVALID, message_id="a\x00b", said="no\x00\n" + "x" * 5000)
    o.send(app)
    row = o.message(app.engine, i)
    assert (row.state, row.provider_message_id, len(row.last_error)) == ("rejected", "a b", 300)


def test_the_same_hint_fifty_times_sends_once_each(app: App, vendor: Vendor) -> None:
    ids = o.queue(app.engine, 40)

    async def hinted() -> None:
        for _ in range(5):
            await asyncio.gather(*(o.send_due(app, ids=ids) for _ in range(10)))

    asyncio.run(hinted())
    assert Counter(vendor.names) == Counter(f"m-{i}" for i in ids)
    assert {o.message(app.engine, i).attempt for i in ids} == {1}


def test_it_is_handed_over_at_the_databases_hour_and_not_long_after(app: App, vendor: Vendor) -> None:
    o.queue(app.engine)
    with reading(app.engine) as c:
        before = now(c)
    begun = monotonic()
    o.send(app)
    with reading(app.engine) as c:
        after = now(c)
    [e] = vendor.journal
    assert before <= e.handed_at <= after
    assert begun < e.begin_by <= monotonic() + FIRST_BYTE


def test_a_past_night_is_handed_over_at_its_own_hour(bare: Stage, vendor: Vendor) -> None:
    app = o.going(bare.app, vendor, Mode.OUTBOX)
    [i] = o.queue(app.engine, mode="outbox")
    o.send(app)
    [e] = vendor.journal
    assert (e.handed_at, e.begin_by) == (o.message(app.engine, i).not_before, inf)


def test_what_would_begin_too_late_goes_back_and_leaves_later(app: App, vendor: Vendor) -> None:
    """Its connection took too long to stand: nothing left, so it is handed over anew, and no provider rests for it."""
    ids = o.queue(app.engine, 30)
    late = dict.fromkeys((f"m-{i}" for i in ids[5:]), 2)

    def answers(envelope: Envelope) -> Receipt:
        late[envelope.id] = late.get(envelope.id, 0) - 1
        return Receipt(Fault.LATE) if late[envelope.id] >= 0 else Receipt(message_id=envelope.reference)

    vendor.answer = answers
    assert o.send(app).states == {"accepted": 30}
    assert set(o.states(app.engine).values()) == {"accepted"}
    assert {o.message(app.engine, i).attempt for i in ids[5:]} == {3}
    assert not provider_row(app).setbacks


def most_at_once(vendor: Vendor, full: int) -> list[int]:
    """How many calls there were under way when each of them began. After forty they are held until `full` are."""
    under_way, seen, gate = [0], [], asyncio.Event()

    async def call(_: Envelope) -> None:
        under_way[0] += 1
        seen.append(under_way[0])
        if under_way[0] == full:
            gate.set()
        await (asyncio.sleep(0.005) if len(seen) <= 40 else gate.wait())
        under_way[0] -= 1

    vendor.wait = call
    return seen


def test_no_more_calls_at_once_than_it_takes(app: App, vendor: Vendor) -> None:
    o.queue(app.engine, 60)
    vendor.at_once, seen = 5, most_at_once(vendor, 5)
    assert o.send(app).accepted == 60
    assert max(seen) == 5


def test_few_go_first_and_more_with_each_that_is_taken(app: App, vendor: Vendor) -> None:
    o.queue(app.engine, 200)
    seen = most_at_once(vendor, 21)
    assert o.send(app).accepted == 200
    assert all(under_way <= 1 + 3 * began for began, under_way in enumerate(seen))
    assert max(seen) > 20


def test_doubts_make_them_fewer(app: App, vendor: Vendor) -> None:
    """Sixty are taken at once. Whatever then begins is held until no more may, and all of it ends in doubt: of those
    that follow one begins alone, and each that is taken allows three more."""
    o.queue(app.engine, 120)
    vendor.at_once = 20
    enough = vendor.at_once - vendor.at_once // 4 + 1  # with so many under way no more are handed over
    doubted, alone, gate = set[str](), list[int](), asyncio.Event()
    under_way = 0

    async def call(envelope: Envelope) -> None:
        nonlocal under_way
        if len(vendor.journal) <= 60:
            return
        under_way += 1
        if gate.is_set():
            await asyncio.sleep(0)  # whatever was handed over with it has begun as well
            alone.append(under_way)
        else:
            doubted.add(envelope.id)
            if len(doubted) == enough:
                asyncio.get_running_loop().call_soon(gate.set)
            await gate.wait()
        under_way -= 1

    vendor.wait = call
    vendor.answer = lambda e: Receipt(Fault.DOUBT if e.id in doubted else None, e.reference)
    states = o.send(app).states
    assert enough <= len(doubted) <= vendor.at_once
    assert states == {"accepted": 120 - len(doubted), "in_doubt": len(doubted)}
    assert all(now_ <= 1 + 3 * taken for taken, now_ in enumerate(alone))
    assert alone[0] == 1


# --- who may not be written to


def test_an_opt_out_before_the_claim(app: App, vendor: Vendor) -> None:
    """Rule 7."""
    ids = o.queue(app.engine, 3)
    with writing(app.engine) as c:  # as if its withdrawal had been lost
        row = {"contact_hash": o.hash_of(ids[1]), "channel": "email", "scope": "everything"}
        c.execute(sa.insert(suppressions).values(**row, reason="asked", door="page", since=now(c)))
    assert o.send(app).states == {"accepted": 2, "suppressed": 1}
    assert f"m-{ids[1]}" not in vendor.names


def test_opt_outs_between_claim_and_hand_off(bare: Stage, vendor: Vendor) -> None:
    """Rule 7. A provider never seen gets one message first; while it is on its way, others are claimed and opt out."""
    app = o.going(bare.app, vendor)
    ids = o.queue(app.engine, 60)
    asked = opt_out.Asked(Scope.EVERYTHING, "asked", "page", None, None, LONG_AGO)

    async def opting_out(envelope: Envelope) -> None:
        if len(vendor.journal) == 1:
            assert o.message(app.engine, ids[30]).state == "claimed"
            for i in ids[10:40]:
                await asyncio.to_thread(opt_out.add, app, o.email(i), asked)

    vendor.wait = opting_out
    assert o.send(app).accepted == 30
    assert set(vendor.names) == {f"m-{i}" for i in ids[:10] + ids[40:]}
    assert {o.states(app.engine)[i] for i in ids[10:40]} == {"suppressed"}


def test_too_late_is_never_sent(app: App, vendor: Vendor) -> None:
    ids = o.queue(app.engine, 2)
    o.change(app.engine, ids[:1], not_after=LONG_AGO)
    assert o.send(app).states == {"accepted": 1, "expired": 1}
    assert o.states(app.engine)[ids[0]] == "expired"


def test_not_due_yet_stays(app: App, vendor: Vendor) -> None:
    [i] = o.queue(app.engine)
    with reading(app.engine) as c:
        o.change(app.engine, [i], not_before=now(c) + MINUTE)
    assert o.send(app).states == {}


def test_a_paused_campaign_lets_the_others_by(app: App, vendor: Vendor) -> None:
    first, second = o.queue(app.engine, 220), o.queue(app.engine, 3, campaign="running_late")
    levers.pause(app, "delivery_check", because="look first")
    assert o.send(app).states == {"accepted": 3}
    assert sorted(vendor.names) == [f"m-{i}" for i in second]
    levers.resume(app, "delivery_check")
    assert o.send(app).states == {"accepted": len(first)}


def test_the_cap_is_a_key_of_address_and_local_day(app: App, vendor: Vendor) -> None:
    first, second = o.queue(app.engine, 2, kind="offer", campaign="upgrade_offer")
    o.change(app.engine, [second], contact_hash=o.hash_of(first))
    o.live_where_it_is(app.engine, [first, second], hour=12)
    assert o.send(app).states == {"accepted": 1, "capped": 1}
    with reading(app.engine) as c:
        assert len(c.execute(sa.select(contact_ledger)).all()) == 1


# --- within their hours (respect 16)


def test_outside_their_hours_it_waits_for_the_next_opening(app: App, vendor: Vendor) -> None:
    """Rule 16."""
    night, day = o.queue(app.engine, 2, kind="service")
    o.live_where_it_is(app.engine, [night], hour=3)
    o.live_where_it_is(app.engine, [day], hour=12)
    assert o.send(app).states == {"accepted": 1, "ready": 1}
    assert vendor.names == [f"m-{day}"]
    with reading(app.engine) as c:
        ahead = o.message(app.engine, night).not_before - now(c)
    assert timedelta(hours=4) < ahead <= timedelta(hours=6), "it is between three and four; they open at nine"


def test_usefulness_given_to_the_provider_ends_with_the_window(app: App, vendor: Vendor) -> None:
    """Rule 16."""
    [i] = o.queue(app.engine, kind="service")
    o.live_where_it_is(app.engine, [i], hour=12)
    o.send(app)
    with reading(app.engine) as c:
        ahead = vendor.journal[0].not_after - now(c)
    assert timedelta(hours=6) < ahead <= timedelta(hours=8), "they close at eight in the evening"


# --- what answers mean


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        (Fault.INVALID, "rejected"),
        (Fault.CONTENT, "rejected"),
        (Fault.UNREACHABLE, "rejected"),
        (Fault.UNKNOWN, "rejected"),
        (Fault.DOUBT, "in_doubt"),
        (Fault.NOT_REACHED, "ready"),
        (Fault.REFUSED, "ready"),
        (Fault.KEY, "ready"),
        (Fault.SENDER, "ready"),
        (Fault.OPTED_OUT, "rejected"),
        (Fault.BAD_ADDRESS, "rejected"),
    ],
)
def test_where_a_fault_leads(app: App, vendor: Vendor, fault: Fault, state: str) -> None:
    """Rules 19 and 26."""
    [i] = o.queue(app.engine)
    vendor.answer = lambda _: saying(fault, status=499)
    assert o.send(app).states == {state: 1}
    row = o.message(app.engine, i)
    assert (row.state, row.last_error) == (state, "so it said")
    assert (row.doubt_since is not None) == (state == "in_doubt")
    with reading(app.engine) as c:
        [tried] = c.execute(sa.select(attempts)).all()
    assert (tried.outcome, tried.error_class, tried.http_status) == (state, fault.value, 499)


def test_a_provider_that_asks_for_time_gets_it(app: App, vendor: Vendor) -> None:
    """Rule 19."""
    ids = o.queue(app.engine, 1)
    vendor.answer = lambda _: saying(Fault.REFUSED, wait=timedelta(minutes=30))
    o.send(app)
    row = provider_row(app)
    with reading(app.engine) as c:
        at = now(c)
    assert timedelta(minutes=29) < row.paused_until - at <= timedelta(minutes=30)
    assert o.message(app.engine, ids[0]).not_before == row.paused_until
    others = o.queue(app.engine, 3)
    assert o.send(app).states == {}, "nothing is claimed for it, nor handed to it, before that"
    assert len(vendor.journal) == 1
    with writing(app.engine) as c:
        c.execute(sa.update(provider_states.provider_states).values(paused_until=LONG_AGO))
    o.change(app.engine, ids, not_before=LONG_AGO)
    vendor.answer = lambda e: Receipt(message_id=e.reference)
    assert o.send(app).states == {"accepted": 1 + len(others)}
    assert provider_row(app).setbacks == 0


def test_after_a_setback_one_message_goes_first(app: App, vendor: Vendor) -> None:
    o.queue(app.engine, 50)
    vendor.answer = lambda _: saying(Fault.REFUSED)
    o.send(app)
    begun = len(vendor.journal)
    with writing(app.engine) as c:
        c.execute(sa.update(provider_states.provider_states).values(paused_until=LONG_AGO))
    o.change(app.engine, list(o.states(app.engine)), not_before=LONG_AGO)
    o.send(app)
    assert len(vendor.journal) == begun + 1
    assert provider_row(app).setbacks == 2


def test_a_key_that_is_refused_stops_the_provider(app: App, vendor: Vendor) -> None:
    """Rule 19."""
    o.queue(app.engine, 300)
    accepted = iter(range(150))
    vendor.answer = lambda e: Receipt(message_id=e.reference) if next(accepted, None) is not None else saying(Fault.KEY)
    o.send(app)
    begun = len(vendor.journal)
    assert begun <= 150 + 1, "none begins once the first such answer is in"
    assert set(o.states(app.engine).values()) == {"accepted", "ready"}
    assert provider_row(app).needs_person
    assert o.send(app).states == {}
    assert len(vendor.journal) == begun
    with writing(app.engine) as c:
        assert provider_states.mended(c, "vendor")
    o.send(app)
    assert len(vendor.journal) == begun + 1, "one first, to see whether it was mended"


def test_a_key_that_fails_from_the_start_of_a_night_costs_a_request_a_process(app: App, vendor: Vendor) -> None:
    """Though the provider took messages the night before."""
    o.queue(app.engine, 300)
    vendor.answer, vendor.wait = lambda _: saying(Fault.KEY), lambda _: asyncio.sleep(0.05)

    async def two_processes() -> None:
        await asyncio.gather(o.send_due(app), o.send_due(app))

    asyncio.run(two_processes())
    assert len(vendor.journal) <= 2
    assert set(o.states(app.engine).values()) == {"ready"}


def test_a_provider_never_seen_gets_one_message_first(bare: Stage, vendor: Vendor) -> None:
    app = o.going(bare.app, vendor)
    o.queue(app.engine, 30)
    vendor.answer = lambda _: saying(Fault.KEY)
    o.send(app)
    assert len(vendor.journal) == 1


def test_who_opted_out_at_the_provider_is_left_alone_here(app: App, vendor: Vendor) -> None:
    """Rule 26: 21610 suppresses."""
    [i] = o.queue(app.engine)
    vendor.answer = lambda _: saying(Fault.OPTED_OUT)
    o.send(app)
    with reading(app.engine) as c:
        [row] = c.execute(sa.select(suppressions)).all()
    assert (row.contact_hash, row.scope, row.door) == (o.hash_of(i), "everything", "provider")


def test_an_address_that_is_none_is_flagged_alone(app: App, vendor: Vendor) -> None:
    """Rule 26."""
    [i] = o.queue(app.engine)
    vendor.answer = lambda _: saying(Fault.BAD_ADDRESS)
    o.send(app)
    with reading(app.engine) as c:
        [row] = c.execute(sa.select(suppressions)).all()
    assert (row.contact_hash, row.scope) == (o.hash_of(i), "address")


def test_what_the_provider_will_not_carry_pauses_its_campaign_only(app: App, vendor: Vendor) -> None:
    """Rule 26."""
    o.queue(app.engine, 3)
    o.queue(app.engine, 3, campaign="running_late")
    vendor.answer = lambda e: (
        saying(Fault.SENDER) if e.campaign == "delivery_check" else Receipt(message_id=e.reference)
    )
    o.send(app)
    o.send(app)
    with reading(app.engine) as c:
        [row] = levers.levers.paused(c)
    assert row.campaign == "delivery_check"
    assert Counter(o.states(app.engine).values()) == {"ready": 3, "accepted": 3}


def test_the_breaker_stops_one_campaign_and_no_other(app: App, vendor: Vendor) -> None:
    o.queue(app.engine, 400)
    o.queue(app.engine, 200, campaign="running_late")
    vendor.answer = lambda e: (
        saying(Fault.INVALID) if e.campaign == "delivery_check" else Receipt(message_id=e.reference)
    )
    o.send(app)
    counts = Counter((e.campaign) for e in vendor.journal)
    assert counts["running_late"] == 200
    with reading(app.engine) as c:
        [row] = levers.levers.paused(c)
    assert row.campaign == "delivery_check"


def test_nineteen_failures_stop_nothing(app: App, vendor: Vendor) -> None:
    o.queue(app.engine, 19)
    vendor.answer = lambda _: saying(Fault.INVALID)
    o.send(app)
    with reading(app.engine) as c:
        assert levers.levers.paused(c) == []


def test_a_provider_that_fails_in_our_hands_leaves_a_doubt(app: App, vendor: Vendor) -> None:
    ids = o.queue(app.engine, 3)

    def breaks(envelope):  # type: ignore[no-untyped-def]
        raise KeyError("its own fault")

    vendor.answer = breaks
    assert o.send(app).states == {"in_doubt": 3}
    assert o.message(app.engine, ids[0]).last_error == "a fault in the program: KeyError"


def test_a_rate_is_kept(app: App, vendor: Vendor) -> None:
    vendor.per_second = 40.0
    o.queue(app.engine, 12)

    async def timed() -> float:
        clock = asyncio.get_running_loop().time
        began = clock()
        assert (await o.send_due(app)).accepted == 12
        return clock() - began

    assert asyncio.run(timed()) >= (12 - 4) / 40.0, "four may go ahead of the pace; never more"


def test_stop_gives_back_what_was_not_begun(app: App, vendor: Vendor) -> None:
    o.queue(app.engine, 900)
    assert o.send(app, stop=lambda: len(vendor.journal) >= 100).accepted == len(vendor.journal)
    assert 100 <= len(vendor.journal) < 900
    found = Counter(o.states(app.engine).values())
    assert found == {"accepted": len(vendor.journal), "ready": 900 - len(vendor.journal)}


# --- doubts and the sweeper


def test_an_expired_claim_goes_back_and_an_expired_hand_off_is_in_doubt(app: App) -> None:
    claimed, handed, fresh = o.queue(app.engine, 3)
    o.change(app.engine, [claimed], state="claimed", attempt=1, lease_until=LONG_AGO)
    o.change(app.engine, [handed], state="handed", attempt=1, lease_until=LONG_AGO)
    hints: list[int] = []
    done = release(app, hints.extend)
    assert (done.freed, done.doubted, done.hinted) == (1, 1, 2)
    assert o.states(app.engine) == {claimed: "ready", handed: "in_doubt", fresh: "ready"}
    assert sorted(hints) == [claimed, fresh]
    again = release(app, lambda _: None)
    assert (again.freed, again.doubted) == (0, 0)


def test_hints_are_of_five_hundred_at_most(app: App) -> None:
    o.queue(app.engine, 1001)
    hints: list[int] = []
    release(app, lambda ids: hints.append(len(ids)))
    assert hints == [500, 500, 1]


def test_a_day_of_doubt_is_unknown_and_evidence_still_settles_it(app: App) -> None:
    """Rules 19 and 27."""
    [i] = o.queue(app.engine)
    with reading(app.engine) as c:
        since = now(c) - DAY - MINUTE
    o.change(app.engine, [i], state="in_doubt", attempt=1, doubt_since=since)
    assert release(app, lambda _: None).unknown == 1
    assert o.states(app.engine) == {i: "unknown"}


@pytest.mark.parametrize(
    ("found", "look_first", "owner", "state"),
    [
        (Found.THERE, False, "elsewhere:1:1", "accepted"),
        (Found.ABSENT, False, None, "in_doubt"),
        (Found.ABSENT, True, None, "ready"),
        (Found.ABSENT, True, "elsewhere:1:1", "in_doubt"),
        (Found.CANNOT_TELL, True, None, "in_doubt"),
    ],
)
def test_a_look_at_the_provider(
    app: App, vendor: Vendor, found: Found, look_first: bool, owner: str | None, state: str
) -> None:
    """Rule 27: nothing is sent again before the look."""
    [i] = o.queue(app.engine)
    vendor.listed = {f"m-{i}": LookUp(found, "v-1")}
    with writing(app.engine) as c:
        at = now(c) - timedelta(hours=1)
        c.execute(sa.insert(attempts).values(outbox_id=i, attempt=1, owner="x", claimed_at=at, handed_at=at))
    o.change(app.engine, [i], state="in_doubt", attempt=1, doubt_since=at, owner=owner)
    release(o.going(app, vendor, sending=Sending(look_first=look_first)), lambda _: None)
    assert o.states(app.engine) == {i: state}


def test_only_answers_and_dangers_pass_the_vendors_own_list(app: App, vendor: Vendor) -> None:
    """Settled 12, 22: it was told of the wish they are sent in spite of."""
    always = replace(app.house.limits, hours=Hours(time(0), time(23, 59, 59)))
    app = replace(app, house=replace(app.house, limits=always))
    kinds = {o.queue(app.engine, kind=kind)[0]: kind for kind in ("answer", "safety", "service", "offer")}
    o.send(app)
    passed = {kinds[int(e.id[2:])]: e.despite_lists for e in vendor.journal}
    assert passed == {"answer": True, "safety": True, "service": False, "offer": False}


def test_answers_go_before_whatever_waits(app: App, vendor: Vendor) -> None:
    """Somebody waits for them, and a night is thousands of messages long."""
    o.queue(app.engine, 30, kind="safety")
    [answer] = o.queue(app.engine, kind="answer")
    o.send(app)
    assert vendor.names[0] == f"m-{answer}"
    assert len(vendor.names) == 31, "each once"


@pytest.mark.parametrize("good", [True, False])
def test_a_key_that_works_again_opens_the_provider(app: App, vendor: Vendor, good: bool) -> None:
    o.queue(app.engine, 1)
    vendor.answer = lambda _: saying(Fault.KEY)
    o.send(app)
    vendor.verdict = Verdict(good, "asked")
    assert asyncio.run(ask_again(app)) == (["vendor"] if good else [])
    assert provider_row(app).needs_person is not good
    assert asyncio.run(ask_again(app)) == []


def test_a_fault_of_ours_ends_the_hand_over_and_is_said(app: App, vendor: Vendor) -> None:
    """Nothing hangs, what is under way is waited for, and what could not be recorded is in doubt, never sent again."""
    ids = o.queue(app.engine, 120)

    def breaks(_: int) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        o.send(app, told=breaks)
    assert set(o.states(app.engine, ids).values()) <= {"accepted", "handed", "ready"}
    assert len(vendor.names) == len(set(vendor.names))
