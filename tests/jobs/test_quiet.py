"""Is somebody quiet exactly when their own rhythm says so? Checked against the formula written a second time."""

import math
import random
import shutil
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobs.scans import quiet_customers
from outreach.store import shop
from outreach.store.engine import open_engine
from tests import builders as b

NIGHT = date(2026, 3, 15)
DAY = timedelta(days=1)
FEW = 30


def ago(days: int) -> date:
    return NIGHT - days * DAY


@dataclass(frozen=True)
class Order:
    """`called_off`: the day, or True for undated."""

    customer: int
    days_ago: int
    called_off: int | bool = False


@dataclass(frozen=True)
class Quiet:
    """What the rule says of one customer, reckoned exactly."""

    days: int
    own: int
    typical: Fraction
    limit: Fraction
    attempt: int
    became_ago: int


def reference(orders: list[Order], *, few: int = FEW, factor: int = 2, least: int = 30) -> dict[int, Quiet]:
    """The rule of settled 15, by hand, over days before the night (0 is the night itself)."""
    days: dict[int, list[int]] = {}
    for o in orders:
        gone = o.called_off is True or (o.called_off is not False and o.called_off > 0)
        if o.days_ago > 0 and not gone:
            days[o.customer] = sorted({*days.get(o.customer, []), o.days_ago}, reverse=True)
    gaps = {who: [a - z for a, z in pairwise(mine)] for who, mine in days.items()}
    whole = [gap for mine in gaps.values() for gap in mine]
    found = {}
    for who, mine in gaps.items():
        n = len(mine)
        if not whole or (len(whole) < few and n < 2):
            continue
        own = Fraction(median(mine)) if mine else Fraction(0)
        typical = (n * own + 2 * Fraction(median(whole))) / (n + 2)
        limit = max(Fraction(least), factor * typical)
        silence = days[who][-1]
        if silence > limit:
            attempt = 2 if silence > limit + typical else 1
            since = limit + typical if attempt == 2 else limit
            found[who] = Quiet(silence, n, typical, limit, attempt, silence - math.floor(since) - 1)
    return found


def write(c: sa.Connection, orders: list[Order]) -> None:
    """The shop's rows for these orders; customer ids as given, order keys "O-<place>"."""
    for who in sorted({o.customer for o in orders}):
        c.execute(sa.insert(shop.customers).values(id=who, key=f"C-{who}", household_id=who))
    for n, o in enumerate(orders, 1):
        off: dict[str, Any] = {}
        if o.called_off is True:
            off = {"cancelled": True}
        elif o.called_off is not False:
            off = {"cancelled_on": ago(o.called_off)}
        b.order(c, f"O-{n}", o.customer, placed_on=ago(o.days_ago), **off)


def found(c: sa.Connection, **more: Any) -> dict[int, dict[str, Any]]:
    rows = [dict(row) for row in c.execute(quiet_customers.scan(NIGHT, **more)).mappings()]
    assert len({row["customer_id"] for row in rows}) == len(rows)
    return {row["customer_id"]: row for row in rows}


def agree(c: sa.Connection, orders: list[Order], **more: int) -> int:
    """Scan and reference say the same of everybody. Returns how many are quiet."""
    scanned, right = found(c, **more), reference(orders, few=more.get("few_gaps", FEW))
    assert set(scanned) == set(right)
    for who, want in right.items():
        row = scanned[who]
        became = NIGHT - want.became_ago * DAY
        assert (row["days_quiet"], row["own_gaps"], row["attempt"]) == (want.days, want.own, want.attempt)
        assert row["became_on"] == row["subject_date"] == became
        assert row["useful_until"] == became + 30 * DAY
        assert row["usual_days"] == math.floor(want.typical + Fraction(1, 2))
        assert row["allowed_days"] == math.floor(want.limit)
        assert row["subject_key"].endswith(f":{want.attempt}")
    return len(right)


def rhythm(gap: int, times: int, *, first: int = 1000, last: int = 5) -> list[Order]:
    """Other customers, each with one gap, who give the shop its own rhythm and are not quiet."""
    return [Order(first + i, last + d) for i in range(times) for d in (gap, 0)]


def test_the_limit_is_twice_the_usual_gap(connection: sa.Connection) -> None:
    """Two gaps of 20, shop median 26: typical (2 x 20 + 2 x 26) / 4 = 23; quiet from 47 days on, again from 70 on."""
    shops = rhythm(26, 60)
    people = [Order(s, s + d) for s in (46, 47, 69, 70) for d in (40, 20, 0)]
    write(connection, shops + people)
    rows = found(connection)
    assert {who: row["attempt"] for who, row in rows.items()} == {47: 1, 69: 1, 70: 2}
    assert agree(connection, shops + people) == 3
    assert rows[47]["became_on"] == NIGHT
    assert rows[69]["became_on"] == ago(22)
    assert rows[70]["became_on"] == NIGHT


def test_the_row_says_the_rule_in_numbers(connection: sa.Connection) -> None:
    shops = rhythm(26, 60)
    write(connection, [*shops, *(Order(1, 95 + d) for d in (60, 30, 0))])
    [row] = found(connection).values()
    last = connection.execute(
        sa.select(shop.orders.c.id, shop.orders.c.key).where(shop.orders.c.placed_on == ago(95))
    ).one()
    assert row == {
        "customer_id": 1,
        "subject_key": f"{last.key}:2",
        "subject_date": ago(95 - 85),
        "became_on": ago(95 - 85),
        "useful_until": ago(95 - 85 - 30),
        "follows": f"{last.key}:1",
        "attempt": 2,
        "variant": "last",
        "last_order_id": last.id,
        "days_quiet": 95,
        "months_quiet": 3,
        "usual_days": 28,
        "own_gaps": 2,
        "own_median": 30,
        "shop_median": 26,
        "allowed_days": 56,
    }


def test_the_first_try_follows_nothing(connection: sa.Connection) -> None:
    write(connection, [*rhythm(26, 60), *(Order(1, 60 + d) for d in (60, 30, 0))])
    [row] = found(connection).values()
    assert row["subject_key"].endswith(":1")
    assert (row["follows"], row["variant"], row["attempt"]) == (None, None, 1)


def test_never_before_thirty_days(connection: sa.Connection) -> None:
    people = [Order(s, s + d) for s in (30, 31) for d in (10, 5, 0)]
    write(connection, rhythm(5, 60) + people)
    assert set(found(connection)) == {31}
    assert found(connection)[31]["allowed_days"] == 30


def test_one_order_customers_borrow_the_shops_rhythm(connection: sa.Connection) -> None:
    """No gap of their own: typical is the shop's median, 40; quiet from 81 days on."""
    orders = [*rhythm(40, 30), Order(1, 80), Order(2, 81), Order(3, 120), Order(4, 121)]
    write(connection, orders)
    assert {who: row["attempt"] for who, row in found(connection).items()} == {2: 1, 3: 1, 4: 2}
    assert agree(connection, orders) == 3
    assert found(connection)[2]["own_median"] is None


@pytest.mark.parametrize(("gaps", "quiet"), [(27, {3}), (28, {1, 2, 3})])
def test_a_shop_without_a_rhythm_lends_none(connection: sa.Connection, gaps: int, quiet: set[int]) -> None:
    """Fewer than 30 gaps in the whole shop: only people with two gaps of their own are looked at (here: customer 3)."""
    two = [Order(3, d) for d in (300, 290, 280)]
    orders = [*rhythm(20, gaps), Order(1, 300), Order(2, 300), *two]
    write(connection, orders)
    assert set(found(connection)) == quiet
    agree(connection, orders)


def test_one_gap_is_no_rhythm_of_ones_own(connection: sa.Connection) -> None:
    orders = [Order(1, 300), Order(1, 290), Order(2, 300), Order(2, 290), Order(2, 280)]
    write(connection, orders)
    assert set(found(connection)) == {2}


def test_nobody_ever_came_back(connection: sa.Connection) -> None:
    write(connection, [Order(i, 900) for i in range(1, 9)])
    assert found(connection, few_gaps=0) == {}


def test_orders_of_one_day_count_once(connection: sa.Connection) -> None:
    """Three orders on two days are one gap; the last order is the newest of its day."""
    orders = [*rhythm(20, 60), Order(1, 120), Order(1, 100), Order(1, 100)]
    write(connection, orders)
    [row] = found(connection).values()
    assert row["own_gaps"] == 1
    assert row["subject_key"] == f"O-{len(orders)}:2"
    agree(connection, orders)


def test_called_off_orders_and_the_night_itself(connection: sa.Connection) -> None:
    """Called off before the night: no order. Called off or placed on the night: not known yet."""
    shops = rhythm(20, 60)
    orders = [
        *shops,
        *(Order(1, 100 + d) for d in (40, 20, 0)),
        Order(1, 10, True),
        Order(1, 9, 1),
        Order(1, 0),
        *(Order(2, 100 + d) for d in (40, 20, 0)),
        Order(2, 10, 0),
    ]
    write(connection, orders)
    assert set(found(connection)) == {1}
    agree(connection, orders)


def test_useful_for_thirty_nights(connection: sa.Connection) -> None:
    shops = rhythm(20, 60)
    write(connection, [*shops, *(Order(1, 300 + d) for d in (40, 20, 0))])
    [row] = found(connection).values()
    assert row["became_on"] == ago(300 - 61)
    assert row["useful_until"] == row["became_on"] + 30 * DAY
    assert found(connection, give_up_days=7)[1]["useful_until"] == row["became_on"] + 7 * DAY


def test_thirds_of_a_day_are_reckoned_the_same_everywhere(connection: sa.Connection) -> None:
    """One own gap makes thirds; on the very day three thirds make a whole, both databases must say the same."""
    orders = rhythm(41, 80)
    for own in range(15, 120, 9):
        typical = Fraction(own + 2 * 41, 3)
        limit = max(Fraction(30), 2 * typical)
        for k, edge in enumerate((limit, limit + typical)):
            for j, silence in enumerate((math.floor(edge), math.floor(edge) + 1)):
                who = 4 * own + 2 * k + j
                orders += [Order(who, silence + own), Order(who, silence)]
    write(connection, orders)
    assert agree(connection, orders) == 36


def random_shop(seed: int, people: int) -> list[Order]:
    chance = random.Random(seed)
    orders = []
    for who in range(1, people + 1):
        day, usual = chance.randint(1, 500), chance.choice([6, 15, 31, 33, 90])
        for _ in range(chance.choice([1, 1, 2, 3, 4, 5, 8])):
            off = chance.choice([False] * 8 + [True, 0, 1, 40])
            orders.append(Order(who, max(0, day), off))
            day += chance.choice([0, usual, usual, chance.randint(1, 2 * usual)])
    return orders


@pytest.mark.parametrize("seed", [1, 2])
def test_a_random_shop(connection: sa.Connection, seed: int) -> None:
    orders = random_shop(seed, 90)
    write(connection, orders)
    assert agree(connection, orders) > 30


SMALL = st.lists(
    st.builds(Order, st.integers(1, 4), st.integers(0, 130), st.sampled_from([False, False, False, True, 0, 1])),
    max_size=12,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(orders=SMALL, few=st.sampled_from([0, 2, 5, 30]))
def test_any_small_shop(sqlite_template: Path, tmp_path: Path, orders: list[Order], few: int) -> None:
    path = tmp_path / "shop.db"
    if not path.exists():
        shutil.copyfile(sqlite_template, path)
    engine = open_engine(f"sqlite:///{path}")
    with engine.connect() as c, c.begin() as given_up:
        write(c, orders)
        agree(c, orders, few_gaps=few)
        given_up.rollback()
    engine.dispose()
