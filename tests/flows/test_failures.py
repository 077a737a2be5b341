"""How many failures stop a campaign for the night? Over 50; or 5 and more and over 5 %. Both sides of each boundary."""

from collections import Counter
from datetime import timedelta

import pytest
import sqlalchemy as sa

from outreach.flows import again
from outreach.flows.rendering import too_many
from outreach.flows.tonight import the_night
from outreach.store.engine import writing
from outreach.store.schema import outbox
from outreach.store.shop import order_lines
from tests import builders
from tests.flows.stage import NIGHT, Stage
from tests.flows.test_templates import ENDLESS, outcome, sums_add_up

#: So many that 51 failures are less than one in twenty.
CROWD = 1_060


@pytest.mark.parametrize(
    ("failed", "total", "stops"),
    [
        (0, 0, False),
        (4, 4, False),  # fewer than five never stop one, whatever their share
        (5, 100, False),  # 5 % is not over 5 %
        (5, 99, True),
        (5, 5, True),
        (50, 1_000, False),
        (50, 999, True),
        (50, 1_000_000, False),
        (51, 1_000_000, True),  # over 50 is over 50
    ],
)
def test_the_boundaries(failed: int, total: int, stops: bool):
    assert too_many(failed, total) is stops


@pytest.mark.parametrize(("failing", "stopped"), [(50, False), (51, True)])
def test_fifty_failures_cost_fifty_people_and_one_more_the_campaign(bare: Stage, failing: int, stopped: bool):
    with writing(bare.app.engine) as c:
        _crowd(c, failing)
        _somebody_else(c)
    planned = bare.night()
    (problem,) = planned.problems
    assert problem.facts[-1] == f"{failing} customers wait for this message"
    states = {t.campaign: (t.state, t.failed) for t in the_night(bare.app, planned.run_id).tallies}
    assert states["delivery_check"] == ("stopped" if stopped else "done", failing)
    assert states["we_were_late"] == ("done", 0), "the others go on"
    words = outcome(bare)
    kept = CROWD if stopped else failing
    assert words["delivery_check"] == Counter({"template_problem": kept, "send": CROWD - kept}) + Counter()
    assert words["we_were_late"]["send"] == 1
    assert len(bare.messages(campaign="delivery_check", state="ready")) == CROWD - kept
    sums_add_up(bare, planned.run_id)

    ready = {m.id for m in bare.messages()}
    bare.change(sa.update(order_lines).values(name="a mill"))
    mended = again.retry(bare.app, f"n-{NIGHT}")
    assert mended.problems == ()
    new = [m for m in bare.messages() if m.id not in ready]
    assert (len(new), {m.campaign for m in new}) == (kept, {"delivery_check"}), "exactly those"
    assert bare.rows(sa.select(sa.func.count(sa.distinct(outbox.c.customer_id))))[0][0] == CROWD + 1
    sums_add_up(bare, planned.run_id)


def _crowd(c: sa.Connection, failing: int) -> None:
    """People with an order that came in time; the first `failing` bought a thing with an endless name."""
    came = NIGHT - timedelta(days=5)
    for i in range(CROWD):
        who = builders.customer(c, f"C-{i:04}", f"c{i}@example.com")
        name = ENDLESS if i < failing else "a mill"
        builders.order(c, f"O-{i}", who, placed_on=came, promised_on=came, delivered_on=came, lines=[name])


def _somebody_else(c: sa.Connection) -> None:
    who = builders.customer(c, "C-late", "late@example.com")
    missed, came = NIGHT - timedelta(days=8), NIGHT - timedelta(days=5)
    placed = missed - timedelta(days=9)
    builders.order(c, "O-late", who, placed_on=placed, promised_on=missed, delivered_on=came, lines=["a hob"])
