"""Does a live night wait for a person whenever it should, and go on with today's facts when they say yes?"""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from outreach.core.addresses import address_hash
from outreach.core.errors import Misuse
from outreach.core.holdout import draw
from outreach.core.selection import parse
from outreach.core.terms import Channel, Mode, RunState, Scope
from outreach.flows import again, levers, opt_out
from outreach.flows.tonight import the_night
from outreach.store.engine import reading
from outreach.store.runs import Run, get
from outreach.store.schema import decisions, outbox, run_campaigns, runs, told
from outreach.store.shop import orders, products
from tests import builders
from tests.flows.stage import NIGHT, Stage

RUN = f"n-{NIGHT}"
ONE = timedelta(days=1)


@pytest.fixture
def live(stage: Stage) -> Stage:
    """The stocked shop in live mode; it started long ago, so that offers are no backlog."""
    app = stage.live()
    limits = replace(app.house.limits, start_on=date(2020, 1, 1), max_per_night=None)
    stage._app = replace(app, house=replace(app.house, limits=limits))
    return stage


def run_of(stage: Stage, night: date = NIGHT) -> Run:
    with reading(stage.app.engine) as c:
        found = get(c, night=night, mode=Mode.LIVE)
    assert found is not None
    return found


def adds_up(stage: Stage, run_id: int) -> None:
    for tally in the_night(stage.app, run_id).tallies:
        assert tally.found == tally.left_alone + tally.queued


def last_words(stage: Stage) -> dict[tuple[str, int, str], tuple[str, str | None]]:
    rows = stage.rows(sa.select(decisions).order_by(decisions.c.id))
    return {(r.campaign, r.customer_id, r.subject_key): (r.outcome, r.reason) for r in rows}


def usual_nights(stage: Stage, queued: dict[str, int], orders_read: int | None = None) -> None:
    """Three live nights that went through, before NIGHT."""
    known = stage.rows(sa.select(sa.func.count()).select_from(orders))[0][0] if orders_read is None else orders_read
    for back in (3, 2, 1):
        night = NIGHT - back * ONE
        row = {
            "id": 900 - back,
            "name": f"n-{night}",
            "job": "nightly",
            "business_date": night,
            "mode": "live",
            "state": "done",
            "orders_read": known,
            "started_at": datetime(2026, 11, 1, tzinfo=UTC),
        }
        of = [
            {"run_id": 900 - back, "campaign": k, "state": "done", "queued": n, "because": {}}
            for k, n in queued.items()
        ]
        stage.change(sa.insert(runs).values(row), *(sa.insert(run_campaigns).values(each) for each in of))


def test_the_first_live_night_waits(live: Stage):
    planned = live.night()
    assert "first live night" in planned.held[0]
    assert run_of(live).state is RunState.HELD
    assert live.messages() == []
    assert live.rows(sa.select(told)) == []
    report = the_night(live.app, planned.run_id)
    assert report.queued > 80, "what would have been queued stays in the sum"
    adds_up(live, planned.run_id)
    again_held = live.night()
    assert (again_held.held, again_held.fresh) == (planned.held, False)


def test_approve_lets_it_go_up_to_a_limit_and_no_later_pass_takes_up_the_rest(live: Stage):
    held = live.night()
    would = the_night(live.app, held.run_id).queued
    planned = again.approve(live.app, RUN, note="looked at all of it", limit=5)
    assert not planned.held
    assert [m.campaign for m in live.messages(state="ready")] == ["we_were_late"] * 5
    report = the_night(live.app, held.run_id)
    assert report.because()["over_limit"] == would - 5
    adds_up(live, held.run_id)
    run = run_of(live)
    assert (run.state, run.note, run.held_because) == (RunState.DONE, "looked at all of it", ())
    assert not live.night().fresh
    assert len(live.messages()) == 5
    with pytest.raises(Misuse) as refused:
        again.approve(live.app, RUN, note="twice", limit=None)
    assert refused.value.code == "OUT-321"
    tomorrow = live.night(NIGHT + ONE)
    assert not tomorrow.held
    assert len(live.messages(night=NIGHT + ONE)) > 50, "they are found again while the scan's window holds"


def test_reject_sends_nothing_for_good(live: Stage):
    live.night()
    levers.reject(live.app, RUN, note="the export was half")
    assert run_of(live).state is RunState.REJECTED
    assert not live.night().fresh
    assert live.messages() == []
    with pytest.raises(Misuse, match="is not held"):
        again.approve(live.app, RUN, note="after all", limit=None)


def test_a_later_night_takes_the_place_of_one_nobody_approved(live: Stage):
    live.night()
    later = live.night(NIGHT + ONE)
    assert later.held
    assert run_of(live).state is RunState.SUPERSEDED
    with pytest.raises(Misuse, match="superseded") as refused:
        again.approve(live.app, RUN, note="too late", limit=None)
    assert refused.value.code == "OUT-321"
    assert not live.night().fresh, "nor does it run by itself"
    assert live.messages() == []
    again.approve(live.app, f"n-{NIGHT + ONE}", note="this one", limit=None)
    assert live.messages(state="ready")


def test_facts_and_wishes_are_asked_again_at_approve(live: Stage):
    live.night()
    sends = [key for key, (outcome, _) in last_words(live).items() if outcome == "send"]
    by = {name: [k for k in sends if k[0] == name] for name in ("upgrade_offer", "quiet_customer", "running_late")}
    gone_model = by["upgrade_offer"][0][2]
    out_of_stock = [k for k in by["upgrade_offer"] if k[2] == gone_model]
    owner = next(k for k in by["upgrade_offer"] if k[2] != gone_model)
    back, arrived = by["quiet_customer"][0], by["running_late"][0]
    asked = next(k for k in sends if k[0] == "delivery_check")
    live.change(sa.update(products).where(products.c.key == gone_model).values(in_stock=False))
    with live.app.engine.begin() as c:
        (model,) = c.execute(sa.select(products.c.id).where(products.c.key == owner[2])).one()
        yesterday = NIGHT - ONE
        builders.order(c, "O-new", owner[1], placed_on=yesterday, lines=[model])
        builders.order(c, "O-back", back[1], placed_on=yesterday, lines=["beans"])
        c.execute(sa.update(orders).where(orders.c.key == arrived[2]).values(complete_on=orders.c.due_on))
        (key,) = c.execute(sa.text("SELECT key FROM customer WHERE id = :id"), {"id": asked[1]}).one()
    opt_out.add(live.app, key, opt_out.Asked(Scope.EVERYTHING, "asked", "staff", None, None, datetime.min))
    again.approve(live.app, RUN, note="yes", limit=None)
    words = last_words(live)
    assert {words[k] for k in out_of_stock} == {("leave_alone", "cannot_deliver")}
    assert words[owner] == ("leave_alone", "owns_newer")
    assert words[back] == ("leave_alone", "bought_since")
    assert words[arrived] == ("leave_alone", "too_old")
    assert words[asked] == ("leave_alone", "no_contact")
    written = {(m.campaign, m.customer_id, s) for m in live.messages(state="ready") for s in m.subjects}
    changed = {*out_of_stock, owner, back, arrived, asked}
    assert written & changed == set()
    assert written >= set(sends) - changed - _of_households(live, changed)
    adds_up(live, run_of(live).id)


def _of_households(stage: Stage, keys: set[Any]) -> set[Any]:
    """Others about the customers that changed, or who share an address with them: they may be decided anew."""
    rows = stage.rows(sa.text("SELECT id, household_id FROM customer"))
    homes = {r.id: r.household_id for r in rows}
    touched = {homes[k[1]] for k in keys}
    return {k for k in last_words(stage) if homes[k[1]] in touched}


def test_a_night_unlike_the_others_is_held(live: Stage):
    usual_nights(live, {"delivery_check": 5, "we_were_late": 12, "upgrade_offer": 1})
    planned = live.night()
    total = the_night(live.app, planned.run_id).queued
    assert planned.held == (f"tonight's plan is {total} messages. A usual night is 18",)
    assert live.messages() == []


def test_small_selections_do_not_slip_past_the_guard(live: Stage):
    """What earlier passes of the night let go counts: each of these alone would be usual."""
    usual_nights(live, {"delivery_check": 1})
    passes = [live.night(select=parse(f"country:{c}", campaigns=live.app.campaigns)) for c in ("GB", "US", "BR", "DE")]
    assert not passes[0].held
    assert 0 < len(live.messages()) <= 51
    assert passes[-1].held


def test_one_campaign_unlike_itself_is_held(live: Stage):
    usual_nights(live, {"delivery_check": 0, "upgrade_offer": 200})
    planned = live.night()
    count = next(t.queued for t in the_night(live.app, planned.run_id).tallies if t.campaign == "delivery_check")
    assert planned.held == (f"delivery_check {count} (usually 0)",)
    assert live.messages() == []


def test_a_usual_night_goes_by_itself(live: Stage):
    usual_nights(live, {"delivery_check": 50, "we_were_late": 12, "upgrade_offer": 30})
    planned = live.night()
    assert (planned.held, planned.warnings) == ((), ())
    assert len(live.messages(state="ready")) > 100


def test_two_live_nights_do_not_say_what_is_usual(live: Stage):
    usual_nights(live, {"delivery_check": 1})
    live.change(sa.delete(run_campaigns).where(run_campaigns.c.run_id == 897), sa.delete(runs).where(runs.c.id == 897))
    assert not live.night().held


def test_half_an_export_is_held_also_the_night_after(live: Stage):
    usual_nights(live, {"delivery_check": 50, "we_were_late": 12, "upgrade_offer": 30}, orders_read=400)
    for night in (NIGHT, NIGHT + ONE):
        (said,) = live.night(night).held
        assert said.endswith("fewer than the night before. Is the export whole?")
    assert live.messages() == []


def test_outbox_nights_are_only_warned_about(stage: Stage):
    usual_nights(stage, {"delivery_check": 1})
    limits = replace(stage.app.house.limits, max_per_night=20)
    stage._app = replace(stage.app, house=replace(stage.app.house, limits=limits))
    planned = stage.night()
    assert not planned.held
    assert len(planned.warnings) == 2 + 1
    assert "a live night stops at 20" in planned.warnings[-1]
    assert len(stage.messages(state="ready")) > 100


def test_over_the_ceiling_priority_decides_then_the_draw(live: Stage):
    usual_nights(live, {"delivery_check": 50, "we_were_late": 12, "upgrade_offer": 30})
    limits = replace(live.app.house.limits, max_per_night=30)
    live._app = replace(live.app, house=replace(live.app.house, limits=limits))
    planned = live.night()
    adds_up(live, planned.run_id)
    words = last_words(live)
    stood = [k for k, w in words.items() if w[0] == "send" or w[1] == "over_limit"]
    ranked = sorted(stood, key=lambda k: (live.app.campaigns[k[0]].priority, draw(NIGHT, k[1])))
    written = {(m.campaign, m.customer_id, s) for m in live.messages(state="ready") for s in m.subjects}
    assert len(live.messages(state="ready")) == 30
    assert written == set(ranked[: len(written)])
    assert Counter(m.campaign for m in live.messages())["upgrade_offer"] == 0
    assert not live.night().fresh, "the ceiling is the night's, not the pass's"


def test_nights_of_one_mode_do_not_count_in_another(stage: Stage):
    stage.night()
    sent = len(stage.messages(state="ready"))
    stage.hand_over()
    app = stage.live()
    limits = replace(app.house.limits, start_on=date(2020, 1, 1), max_per_night=None)
    stage._app = replace(app, house=replace(app.house, limits=limits))
    stage.night()
    again.approve(stage.app, RUN, note="yes", limit=None)
    assert len(stage.messages(mode="live")) == sent
    assert len(stage.messages(mode="outbox", state="accepted")) == sent


def test_the_start_line_leaves_the_backlog_alone(stage: Stage):
    stage.live()
    live = stage.night()
    because = the_night(stage.app, live.run_id).because()
    assert because["before_start"] > 20
    assert stage.rows(sa.select(outbox)) == []
    offers = [k for k, w in last_words(stage).items() if w[0] == "send" and k[0] in ("upgrade_offer", "quiet_customer")]
    assert offers == []


def test_an_address_is_remembered_by_its_hash_only(live: Stage):
    live.night()
    again.approve(live.app, RUN, note="yes", limit=1)
    (m,) = live.messages()
    (address,) = live.rows(sa.text(f"SELECT address FROM contact_point WHERE id = {m.contact_point_id}"))[0]
    assert m.contact_hash == address_hash(live.app.secrets.pepper, Channel(m.channel), address)
    assert address not in str(tuple(m))
