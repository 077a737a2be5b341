"""Is everything that may forbid a message asked again when it is claimed and handed over?"""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from outreach.core.errors import Misuse
from outreach.core.terms import MessageState
from outreach.flows import again
from outreach.flows import plan as plan_module
from outreach.flows.tonight import the_night
from outreach.store import sending
from outreach.store.contacts import consent_events, contact_points, holds
from outreach.store.engine import now, writing
from outreach.store.planning import planned_per_campaign
from outreach.store.runs import get
from outreach.store.schema import outbox, runs
from tests.flows.stage import NIGHT, Stage, read_rows, take_in, write_back

ONE = timedelta(days=1)


def ready(stage: Stage, campaign: str, channel: str = "email") -> sa.Row[tuple[object, ...]]:
    """The first waiting message of a campaign."""
    stage.night()
    return stage.messages(campaign=campaign, channel=channel)[0]  # type: ignore[no-any-return]


def state(stage: Stage, message: int) -> tuple[str, str | None]:
    [row] = stage.rows(sa.select(outbox.c.state, outbox.c.because).where(outbox.c.id == message))
    return row.state, row.because


def test_consent_withdrawn_by_an_import_stops_what_waits(stage: Stage, shop_files, tmp_path) -> None:  # type: ignore[no-untyped-def]
    message = ready(stage, "upgrade_offer")
    rows = read_rows(shop_files.customers)
    for row in rows:
        if row["customer"] == message.key:
            row["email_marketing"] = "no"
    changed = tmp_path / "customers.csv"
    write_back(changed, rows)
    take_in(stage.app, [changed])
    assert state(stage, message.id) == ("suppressed", "asked not to be written to")


@pytest.mark.parametrize(("campaign", "becomes"), [("upgrade_offer", "suppressed"), ("delivery_check", "accepted")])
def test_consent_withdrawn_between_plan_and_claim(stage: Stage, campaign: str, becomes: str) -> None:
    """An offer rests on consent; an email about an order does not (settled 20)."""
    message = ready(stage, campaign)
    words = {"level": "marketing", "action": "withdraw", "source": "page", "channel": "email"}
    with writing(stage.app.engine) as c:
        at = now(c)
        c.execute(sa.insert(consent_events).values(contact_hash=message.contact_hash, at=at, recorded_at=at, **words))
    stage.hand_over()
    assert state(stage, message.id)[0] == becomes


def test_a_hold_that_no_cancel_saw_is_asked_at_claim(stage: Stage) -> None:
    message = ready(stage, "delivery_check")
    with writing(stage.app.engine) as c:
        c.execute(sa.insert(holds).values(customer_id=message.customer_id, because="dispute", since=now(c)))
    stage.hand_over()
    assert state(stage, message.id) == ("cancelled", "on hold")


def test_a_wish_between_claim_and_hand_off(stage: Stage) -> None:
    message = ready(stage, "delivery_check")
    with writing(stage.app.engine) as c:
        at = now(c)
        [claimed] = sending.claim(c, [message.id], owner="test", at=at)
        c.execute(sa.insert(holds).values(customer_id=message.customer_id, because="dispute", since=at))
        held = [(claimed.id, claimed.attempt)]
        assert sending.hand(c, held, at=at, deadline=timedelta(seconds=20)) == set()
        assert sending.give_back(c, held, at=at) == {"cancelled": 1}


def test_too_late_between_claim_and_hand_off(stage: Stage) -> None:
    message = ready(stage, "delivery_check")
    with writing(stage.app.engine) as c:
        at = now(c)
        [claimed] = sending.claim(c, [message.id], owner="test", at=at)
        held, deadline = [(claimed.id, claimed.attempt)], timedelta(seconds=20)
        assert sending.hand(c, held, at=at, deadline=deadline, clock=message.not_after) == set()
        assert sending.hand(c, held, at=at, deadline=deadline, clock=message.not_after - ONE) == {(message.id, 1)}


def test_an_address_the_record_no_longer_names(stage: Stage) -> None:
    message = ready(stage, "delivery_check")
    stage.change(sa.update(contact_points).where(contact_points.c.id == message.contact_point_id).values(current=False))
    stage.hand_over()
    assert state(stage, message.id) == ("cancelled", "the address changed since")


def test_a_hand_off_to_files_that_broke_off_is_done_again(stage: Stage) -> None:
    """Writing the same file again is harmless, so nothing stays in doubt in outbox mode."""
    message = ready(stage, "delivery_check")
    with writing(stage.app.engine) as c:
        long_ago = now(c) - timedelta(seconds=sending.LEASE_SECONDS + 1)
        [claimed] = sending.claim(c, [message.id], owner="killed", at=long_ago)
        sending.hand(c, [(claimed.id, claimed.attempt)], at=long_ago, deadline=timedelta(seconds=20))
    assert state(stage, message.id)[0] == MessageState.HANDED.value
    stage.hand_over()
    assert state(stage, message.id)[0] == MessageState.ACCEPTED.value


class Killed(Exception):
    """The program ends here."""


def broken_off(stage: Stage) -> int:
    """A night that decided, and ended before anything was let go. Returns its run."""

    def tell(stage_name: str, _: str) -> None:
        if stage_name == "decided":
            raise Killed

    with pytest.raises(Killed):
        from_plan(stage, tell)
    with writing(stage.app.engine) as c:
        run = get(c, night=NIGHT, mode=stage.app.house.mode)
        assert run is not None
        assert sum(planned_per_campaign(c, run).values()) > 50
        return run.id


def from_plan(stage: Stage, tell) -> None:  # type: ignore[no-untyped-def]
    plan_module.plan(stage.app, plan_module.Request(NIGHT, stage.app.house.mode, past=True), tell)


def test_who_was_planned_by_a_night_that_broke_off_is_found_again(stage: Stage) -> None:
    run = broken_off(stage)
    planned = {m.subject_key for m in stage.messages(run_id=run, campaign="delivery_check")}
    stage.night(NIGHT + ONE)
    assert stage.messages(run_id=run) == []
    later = {m.subject_key for m in stage.messages(night=NIGHT + ONE, campaign="delivery_check", state="ready")}
    assert len(planned & later) > 20
    [old] = stage.rows(sa.select(runs.c.state).where(runs.c.id == run))
    assert old.state == "superseded"
    report = the_night(stage.app, run)
    assert report.queued == 0
    assert report.found == report.left_alone + report.queued


def test_a_night_that_broke_off_goes_on_when_run_again(stage: Stage) -> None:
    run = broken_off(stage)
    planned = {m.id for m in stage.messages(run_id=run)}
    stage.night()
    assert {m.id for m in stage.messages(run_id=run, state="ready")} == planned


def test_a_rejected_night_is_not_tried_again(stage: Stage) -> None:
    planned = stage.night()
    stage.change(sa.update(runs).where(runs.c.id == planned.run_id).values(state="rejected"))
    with pytest.raises(Misuse, match="rejected") as refused:
        again.retry(stage.app, f"n-{NIGHT}")
    assert refused.value.code == "OUT-325"
