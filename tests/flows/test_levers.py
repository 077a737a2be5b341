"""Does what a person stops stay where it is, up to the last moment before it is handed over?"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from outreach.core.errors import Misuse
from outreach.flows import levers
from outreach.store.engine import writing
from outreach.store.leases import free_expired_leases
from outreach.store.schema import attempts, contact_ledger, decisions, outbox
from outreach.store.sending import claim
from outreach.store.shop import orders, products
from tests import builders
from tests.flows.stage import NIGHT, Stage


def test_a_paused_campaign_waits_and_the_others_go(stage: Stage):
    stage.night()
    waiting = len(stage.messages(campaign="delivery_check"))
    assert levers.pause(stage.app, "delivery_check", because="the link is wrong") == waiting
    stage.hand_over()
    assert {m.state for m in stage.messages(campaign="delivery_check")} == {"ready"}
    assert {m.state for m in stage.messages() if m.campaign != "delivery_check"} == {"accepted"}
    assert levers.resume(stage.app, "delivery_check")
    assert not levers.resume(stage.app, "delivery_check")
    assert stage.hand_over().states == {"accepted": waiting}


def test_the_switch_for_everything(stage: Stage):
    stage.night()
    count = len(stage.messages())
    assert levers.pause(stage.app, "", because="stop") == count
    assert stage.hand_over().states == {}
    nights_go_on = stage.night(NIGHT.replace(day=15))
    assert nights_go_on.fresh
    levers.resume(stage.app, "delivery_check")  # lifting one does not lift all
    assert stage.hand_over().states == {}
    levers.resume(stage.app, "")
    assert stage.hand_over().accepted >= count


def test_a_held_customer_is_cancelled_now_and_left_alone_later(stage: Stage):
    stage.night()
    someone = stage.messages(campaign="delivery_check")[0]
    key, cancelled = levers.hold(stage.app, someone.key, until=NIGHT.replace(day=20), because="a dispute")
    assert (key, cancelled) == (someone.key, 1)
    (m,) = stage.messages(id=someone.id)
    assert (m.state, m.because) == ("cancelled", "on hold: a dispute")
    stage.change(sa.delete(sa.table("told", sa.column("outbox_id"))).where(sa.column("outbox_id") == someone.id))
    stage.change(sa.delete(sa.table("content", sa.column("outbox_id"))).where(sa.column("outbox_id") == someone.id))
    stage.change(sa.delete(outbox).where(outbox.c.id == someone.id))
    stage.night(NIGHT.replace(day=15))
    last = stage.rows(
        sa.select(decisions)
        .where(decisions.c.customer_id == someone.customer_id, decisions.c.campaign == "delivery_check")
        .order_by(decisions.c.id.desc())
    )[0]
    assert (last.reason, last.next_eligible_on) == ("on_hold", NIGHT.replace(day=20))
    assert levers.release_hold(stage.app, someone.key) == (key, True)
    assert levers.release_hold(stage.app, someone.key) == (key, False)


def test_a_hold_wants_one_customer(bare: Stage):
    with writing(bare.app.engine) as c:
        ana = builders.customer(c, "C-1")
        builders.customer(c, "C-2", household=ana)
    with pytest.raises(Misuse, match="C-1, C-2") as refused:
        levers.hold(bare.app, "ana@example.com", until=None, because="x")
    assert refused.value.code == "OUT-503"
    with pytest.raises(Misuse) as refused:
        levers.hold(bare.app, "C-9", until=None, because="x")
    assert refused.value.code == "OUT-501"


def test_strike_one_then_a_campaign_then_all(stage: Stage):
    stage.night()
    rows = stage.messages()
    one = next(m for m in rows if m.campaign == "delivery_check")
    assert levers.strike(stage.app, f"m-{one.id}").cancelled == 1
    with pytest.raises(Misuse, match="it is cancelled") as refused:
        levers.strike(stage.app, f"m-{one.id}")
    assert refused.value.code == "OUT-331"
    offers = [m for m in rows if m.campaign == "upgrade_offer"]
    assert levers.strike(stage.app, "upgrade_offer").cancelled == len(offers)
    assert levers.strike(stage.app, "all").cancelled == len(rows) - 1 - len(offers)
    assert stage.hand_over().states == {}
    assert {m.state for m in stage.messages()} == {"cancelled"}
    for what, code in (("m-99999", "OUT-330"), ("upgrade_ofer", "OUT-620")):
        with pytest.raises(Misuse) as refused:
            levers.strike(stage.app, what)
        assert refused.value.code == code


def test_what_has_left_cannot_be_called_back(stage: Stage):
    stage.night()
    stage.hand_over()
    first = stage.messages()[0]
    with pytest.raises(Misuse, match="no longer waits: it is accepted") as refused:
        levers.strike(stage.app, f"m-{first.id}")
    assert refused.value.code == "OUT-331"
    assert levers.strike(stage.app, "all").cancelled == 0


def test_a_claim_asks_the_facts_again(stage: Stage):
    stage.night()
    offers = stage.messages(campaign="upgrade_offer")
    gone = offers[0].subject_key
    quiet = stage.messages(campaign="quiet_customer")[0]
    check = stage.messages(campaign="delivery_check")[0]
    yesterday = NIGHT - timedelta(days=1)
    with writing(stage.app.engine) as c:
        c.execute(sa.update(products).where(products.c.key == gone).values(in_stock=False))
        c.execute(sa.update(orders).where(orders.c.key == check.subject_key).values(returned_on=yesterday))
        builders.order(c, "O-back", quiet.customer_id, placed_on=yesterday, lines=["beans"])
    stage.hand_over()
    states = {m.id: (m.state, m.because) for m in stage.messages()}
    for m in offers:
        expected = "cancelled" if m.subject_key == gone else "accepted"
        assert states[m.id][0] == expected
    assert states[quiet.id] == ("cancelled", "bought again since")
    assert states[check.id] == ("cancelled", "returned since")


def test_a_claim_nobody_finished_goes_back_and_a_hand_off_is_in_doubt(stage: Stage):
    """With a provider that may not be handed the same message twice."""
    stage.night()
    providers = {channel: replace(each, idempotent=False) for channel, each in stage.app.providers.items()}
    stage._app = replace(stage.app, providers=providers)
    ids = [m.id for m in stage.messages()][:4]
    long_ago = datetime(2026, 11, 14, 3, tzinfo=UTC)
    with writing(stage.app.engine) as c:
        claim(c, ids, owner="dead:1", at=long_ago)
        c.execute(sa.update(outbox).where(outbox.c.id.in_(ids[2:])).values(state="handed"))
    with writing(stage.app.engine) as c:
        assert free_expired_leases(c, at=long_ago + timedelta(seconds=59)) == (0, 0)
    stage.change(sa.update(outbox).where(outbox.c.id.in_(ids)).values(lease_until=datetime(2020, 1, 1, tzinfo=UTC)))
    handed = stage.hand_over()
    assert handed.accepted == len(stage.messages()) - 2
    after = {m.id: m for m in stage.messages()}
    assert [after[i].state for i in ids] == ["accepted", "accepted", "in_doubt", "in_doubt"]
    assert [after[i].attempt for i in ids] == [2, 2, 1, 1]
    assert all(after[i].doubt_since for i in ids[2:])
    tries = stage.rows(sa.select(attempts).where(attempts.c.outbox_id == ids[0]).order_by(attempts.c.attempt))
    assert [t.outcome for t in tries] == [None, "accepted"]
    assert not (stage.project / ".outreach" / "outbox" / str(NIGHT) / f"m-{ids[3]}.eml").exists()


def test_one_offer_or_check_in_a_day_by_a_key_that_cannot_be_taken_twice(stage: Stage):
    stage.night()
    (first, other) = stage.messages(campaign="upgrade_offer")[:2]
    stage.change(
        sa.update(outbox)
        .where(outbox.c.id == other.id)
        .values(contact_hash=first.contact_hash, customer_id=first.customer_id, not_before=first.not_before)
    )
    stage.hand_over()
    states = {m.id: (m.state, m.because) for m in stage.messages()}
    assert states[first.id][0] == "accepted"
    assert states[other.id] == ("capped", "another message today")
    slots = stage.rows(sa.select(contact_ledger).where(contact_ledger.c.contact_hash == first.contact_hash))
    assert [s.outbox_id for s in slots] == [first.id]


def test_a_disk_that_takes_nothing_refuses_for_now(sqlite_stage: Stage):
    sqlite_stage.night()
    outbox_folder = sqlite_stage.project / ".outreach" / "outbox"
    outbox_folder.parent.mkdir(exist_ok=True)
    outbox_folder.write_text("a file where a folder should be", encoding="utf-8")
    count = len(sqlite_stage.messages())
    assert sqlite_stage.hand_over().states == {"ready": count}
    assert {m.state for m in sqlite_stage.messages()} == {"ready"}
    assert all("cannot write" in m.last_error for m in sqlite_stage.messages())
    outbox_folder.unlink()
    assert sqlite_stage.hand_over().states == {"accepted": count}
