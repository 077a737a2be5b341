"""Does a scan switch itself off exactly when the records cannot carry it, and is the gap named with its mend?"""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from outreach.store.gaps import Gap, look, unoffered
from outreach.store.shop import Need
from tests import builders as b

NIGHT = date(2026, 3, 15)
DAY = timedelta(days=1)


def ago(days: int) -> date:
    return NIGHT - days * DAY


@pytest.fixture
def ana(connection: sa.Connection) -> int:
    return b.customer(connection)


def gap(c: sa.Connection, *needs: Need) -> Gap | None:
    return look(c, needs, NIGHT)


@pytest.mark.parametrize("need", list(Need))
def test_an_empty_shop_carries_nothing(connection: sa.Connection, need: Need) -> None:
    found = gap(connection, need)
    assert found is not None
    assert found.off
    assert found.said
    assert found.mend


def test_delivered(connection: sa.Connection, ana: int) -> None:
    b.order(connection, "O-1", ana, placed_on=ago(9), delivered_on=NIGHT)
    found = gap(connection, Need.DELIVERED)
    assert found is not None
    assert found.said == "no order says on which day it was delivered"
    b.order(connection, "O-2", ana, placed_on=ago(9), delivered_on=ago(1))
    assert gap(connection, Need.DELIVERED) is None


def test_promised(connection: sa.Connection, ana: int) -> None:
    b.order(connection, "O-1", ana, placed_on=NIGHT, promised_on=NIGHT + DAY)
    b.order(connection, "O-2", ana, placed_on=ago(1))
    found = gap(connection, Need.PROMISED)
    assert found is not None
    assert found.said == "no order says for which day it was promised"
    b.order(connection, "O-3", ana, placed_on=ago(1), promised_on=NIGHT + DAY)
    assert gap(connection, Need.PROMISED) is None


def ship(c: sa.Connection, ana: int, *, arrived: int, out: int, newest: int = 2) -> None:
    """Orders shipped 20 nights ago; `newest`: how long ago the newest of all deliveries was."""
    for n in range(arrived + out):
        b.order(c, f"S-{n}", ana, placed_on=ago(21), shipped_on=ago(20), delivered_on=ago(15) if n < arrived else None)
    b.order(c, "new", ana, placed_on=ago(10), shipped_on=ago(9), delivered_on=ago(newest))


def test_tracked_without_shipping_days(connection: sa.Connection, ana: int) -> None:
    b.order(connection, "O-1", ana, placed_on=ago(20), delivered_on=ago(2))
    found = gap(connection, Need.TRACKED)
    assert found is not None
    assert found.said == "no order says when it was shipped"


@pytest.mark.parametrize("shipped", [5, 200])
def test_tracked_with_nothing_shipped_in_the_window(connection: sa.Connection, ana: int, shipped: int) -> None:
    """A young shop, or stale records: nothing to judge by, so off, and the column is not said to be missing."""
    b.order(connection, "O-1", ana, placed_on=ago(201), shipped_on=ago(shipped), delivered_on=ago(1))
    found = gap(connection, Need.TRACKED)
    assert found is not None
    assert found.off
    assert found.said == "no order we know of was shipped 14 to 120 days before 2026-03-15"


def test_nineteen_of_twenty_are_enough(connection: sa.Connection, ana: int) -> None:
    ship(connection, ana, arrived=19, out=1)
    assert gap(connection, Need.TRACKED) is None


def test_eighteen_of_nineteen_are_not(connection: sa.Connection, ana: int) -> None:
    ship(connection, ana, arrived=18, out=1)
    found = gap(connection, Need.TRACKED)
    assert found is not None
    assert found.said == "only 94 % of orders shipped 14+ days ago say when they arrived (18 of 19; 95 % needed)"
    assert found.mend == "import the carrier's tracking, so that every delivery has its day"


def test_only_shipments_of_two_weeks_to_four_months_ago_are_looked_at(connection: sa.Connection, ana: int) -> None:
    ship(connection, ana, arrived=1, out=0)
    for days in (13, 121):
        b.order(connection, f"out-{days}", ana, placed_on=ago(200), shipped_on=ago(days))
    assert gap(connection, Need.TRACKED) is None
    b.order(connection, "out-14", ana, placed_on=ago(200), shipped_on=ago(14))
    assert gap(connection, Need.TRACKED) is not None


def test_a_past_night_does_not_know_what_arrived_since(connection: sa.Connection, ana: int) -> None:
    ship(connection, ana, arrived=1, out=0)
    b.order(connection, "later", ana, placed_on=ago(40), shipped_on=ago(30), delivered_on=NIGHT)
    assert gap(connection, Need.TRACKED) is not None


@pytest.mark.parametrize(("newest", "off"), [(4, False), (5, True), (0, True)])
def test_the_news_must_be_fresh(connection: sa.Connection, ana: int, newest: int, off: bool) -> None:
    ship(connection, ana, arrived=20, out=0, newest=newest)
    found = gap(connection, Need.TRACKED)
    assert (found is not None) == off
    if found:
        assert found.said == f"the newest delivery we know of is from {ago(5 if newest else 15)}"


def test_successors(connection: sa.Connection) -> None:
    b.product(connection, "old", line="old")
    found = gap(connection, Need.SUCCESSORS)
    assert found is not None
    assert found.off
    b.product(connection, "new", line="old", generation=2)
    assert gap(connection, Need.SUCCESSORS) is None


def come_back(c: sa.Connection, ana: int, times: int) -> None:
    for n in range(times + 1):
        b.order(c, f"R-{n}", ana, placed_on=ago(1 + n))


def test_nobody_came_back(connection: sa.Connection, ana: int) -> None:
    b.order(connection, "O-1", ana, placed_on=ago(5))
    b.order(connection, "O-2", ana, placed_on=ago(5))
    b.order(connection, "O-3", ana, placed_on=ago(4), cancelled=True)
    b.order(connection, "O-4", ana, placed_on=ago(3), cancelled_on=ago(1))
    b.order(connection, "O-5", ana, placed_on=NIGHT)
    found = gap(connection, Need.REPEATS)
    assert found is not None
    assert found.off


@pytest.mark.parametrize(("times", "noted"), [(1, True), (29, True), (30, False)])
def test_a_few_came_back(connection: sa.Connection, ana: int, times: int, noted: bool) -> None:
    """Worth knowing, and no reason to switch off."""
    come_back(connection, ana, times)
    found = gap(connection, Need.REPEATS)
    assert (found is not None) == noted
    if found:
        assert not found.off
        assert found.said.startswith(f"only {times} times has anybody come back")


def test_a_gap_that_switches_off_is_said_before_one_that_does_not(connection: sa.Connection, ana: int) -> None:
    come_back(connection, ana, 2)
    found = gap(connection, Need.REPEATS, Need.DELIVERED)
    assert found is not None
    assert found.off
    assert "delivered" in found.said


def test_models_that_cannot_be_offered(connection: sa.Connection) -> None:
    b.product(connection, "a-1", line="a-1", released_on=ago(900), keep_if=None)
    b.product(connection, "a-2", line="a-1", generation=2, released_on=ago(9), keep_if="", what_changed=())
    b.product(connection, "b-2", line="b-1", generation=2, released_on=ago(9), price_minor=None)
    b.product(connection, "c-2", line="c-1", generation=2, released_on=ago(9))
    b.product(connection, "d-2", line="d-1", generation=2, released_on=NIGHT, keep_if=None)
    b.product(connection, "e-2", line="e-1", generation=2, released_on=ago(9), in_stock=False, keep_if=None)
    assert unoffered(connection, NIGHT) == [
        ("a-2", "a-2", ("what_changed", "keep_if")),
        ("b-2", "b-2", ("price",)),
    ]
