"""Do the order scans find exactly the orders of their windows, on both databases, and never look ahead of the night?"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import product
from types import ModuleType

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from jobs.scans import delivered_orders, late_delivered, late_orders, quiet_customers, superseded_models
from outreach.store import shop
from outreach.store.intake_orders import complete_orders
from tests import builders as b

NIGHT = date(2026, 3, 15)
DAY = timedelta(days=1)
EVERY = (delivered_orders, late_delivered, late_orders, quiet_customers, superseded_models)


def ago(days: int) -> date:
    return NIGHT - days * DAY


def keys(c: sa.Connection, scan: ModuleType, night: date = NIGHT, **more: int) -> set[str]:
    """Subject keys found; no subject twice."""
    found = [row.subject_key for row in c.execute(scan.scan(night, **more))]
    assert len(set(found)) == len(found)
    return set(found)


@pytest.fixture
def ana(connection: sa.Connection) -> int:
    return b.customer(connection)


def test_delivered_window(connection: sa.Connection, ana: int) -> None:
    for days in (2, 3, 4, 9, 10, 11):
        b.order(connection, f"O-{days}", ana, placed_on=ago(20), delivered_on=ago(days))
    assert keys(connection, delivered_orders) == {"O-3", "O-4", "O-9", "O-10"}
    assert keys(connection, delivered_orders, from_days=9, to_days=4) == {"O-4", "O-9"}


def test_delivered_row(connection: sa.Connection, ana: int) -> None:
    order = b.order(connection, "O-1", ana, placed_on=ago(20), delivered_on=ago(5))
    [row] = connection.execute(delivered_orders.scan(NIGHT)).mappings()
    assert dict(row) == {"customer_id": ana, "subject_key": "O-1", "subject_date": ago(5), "order_id": order}


def test_delivered_on_the_promised_day_is_on_time(connection: sa.Connection, ana: int) -> None:
    for name, promised in (("before", 4), ("same", 5), ("late", 6), ("none", None)):
        day = None if promised is None else ago(promised)
        b.order(connection, name, ana, placed_on=ago(20), delivered_on=ago(5), promised_on=day)
    assert keys(connection, delivered_orders) == {"before", "same", "none"}
    assert keys(connection, late_delivered) == {"late"}


def test_a_later_day_the_customer_chose_is_not_our_lateness(connection: sa.Connection, ana: int) -> None:
    b.order(connection, "moved", ana, placed_on=ago(20), delivered_on=ago(5), promised_on=ago(9), due_on=ago(5))
    b.order(connection, "waits", ana, placed_on=ago(20), promised_on=ago(9), due_on=NIGHT)
    assert keys(connection, delivered_orders) == {"moved"}
    assert keys(connection, late_delivered) == set()
    assert keys(connection, late_orders) == set()


def test_late_delivered_window(connection: sa.Connection, ana: int) -> None:
    for days in (0, 1, 2, 9, 10, 11):
        b.order(connection, f"O-{days}", ana, placed_on=ago(30), promised_on=ago(14), delivered_on=ago(days))
    assert keys(connection, late_delivered) == {"O-1", "O-2", "O-9", "O-10"}


def test_late_delivered_row(connection: sa.Connection, ana: int) -> None:
    order = b.order(connection, "O-1", ana, placed_on=ago(40), promised_on=ago(31), delivered_on=ago(5))
    [row] = connection.execute(late_delivered.scan(NIGHT)).mappings()
    plain = {"customer_id": ana, "subject_key": "O-1", "subject_date": ago(5), "order_id": order, "days_late": 26}
    assert dict(row) == plain


def test_late_window(connection: sa.Connection, ana: int) -> None:
    for days in (-1, 0, 1, 2, 13, 14, 15):
        b.order(connection, f"O{days}", ana, placed_on=ago(30), promised_on=ago(days))
    b.order(connection, "never promised", ana, placed_on=ago(30))
    assert keys(connection, late_orders) == {"O1", "O2", "O13", "O14"}


def test_late_row(connection: sa.Connection, ana: int) -> None:
    order = b.order(connection, "O-1", ana, placed_on=ago(40), promised_on=ago(14))
    [row] = connection.execute(late_orders.scan(NIGHT)).mappings()
    plain = {"customer_id": ana, "subject_key": "O-1", "subject_date": ago(14), "order_id": order, "days_late": 14}
    assert dict(row) == plain


def test_called_off(connection: sa.Connection, ana: int) -> None:
    """An undated cancellation counts always; a dated one from its day on, so a past night does not know it."""
    late = {"placed_on": ago(30), "promised_on": ago(5)}
    b.order(connection, "undated", ana, **late, cancelled=True)
    b.order(connection, "before", ana, **late, cancelled_on=ago(1))
    b.order(connection, "on the night", ana, **late, cancelled_on=NIGHT)
    b.order(connection, "after", ana, **late, cancelled_on=NIGHT + DAY)
    assert keys(connection, late_orders) == {"on the night", "after"}


def test_called_off_but_delivered_is_delivered(connection: sa.Connection, ana: int) -> None:
    """Delivery is judged by its date, never by status (settled 2)."""
    b.order(connection, "came", ana, placed_on=ago(30), delivered_on=ago(5), cancelled=True)
    b.order(connection, "came late", ana, placed_on=ago(30), promised_on=ago(9), delivered_on=ago(5), cancelled=True)
    assert keys(connection, delivered_orders) == {"came"}
    assert keys(connection, late_delivered) == {"came late"}


def test_returned(connection: sa.Connection, ana: int) -> None:
    for name, when in (("before", ago(1)), ("on the night", NIGHT), ("kept", None)):
        dates = {"placed_on": ago(30), "returned_on": when}
        b.order(connection, f"came, {name}", ana, **dates, delivered_on=ago(5))
        b.order(connection, f"came late, {name}", ana, **dates, promised_on=ago(9), delivered_on=ago(5))
        b.order(connection, f"late, {name}", ana, **dates, promised_on=ago(9))
    assert keys(connection, delivered_orders) == {"came, on the night", "came, kept"}
    assert keys(connection, late_delivered) == {"came late, on the night", "came late, kept"}
    assert keys(connection, late_orders) == {"late, on the night", "late, kept"}


def test_the_night_does_not_see_itself(connection: sa.Connection, ana: int) -> None:
    """What is dated on the night or later has not happened yet: the order is late, not delivered."""
    for name, day in (("on the night", NIGHT), ("after", NIGHT + DAY)):
        b.order(connection, name, ana, placed_on=ago(30), promised_on=ago(2), delivered_on=day)
    b.order(connection, "yesterday", ana, placed_on=ago(30), promised_on=ago(2), delivered_on=ago(1))
    assert keys(connection, late_orders) == {"on the night", "after"}
    assert keys(connection, late_delivered) == {"yesterday"}
    assert keys(connection, delivered_orders) == set()


def test_an_order_placed_later_is_not_known(connection: sa.Connection, ana: int) -> None:
    """A record with impossible dates must not reach a night before it was placed."""
    b.order(connection, "O-1", ana, placed_on=NIGHT, promised_on=ago(2))
    b.order(connection, "O-2", ana, placed_on=NIGHT, delivered_on=ago(5))
    b.order(connection, "O-3", ana, placed_on=NIGHT, promised_on=ago(9), delivered_on=ago(5))
    assert [keys(connection, scan) for scan in (late_orders, delivered_orders, late_delivered)] == [set()] * 3


def test_a_line_with_its_own_day(connection: sa.Connection, ana: int) -> None:
    """Lines inherit the order's day unless they have their own; the last one counts (settled 4)."""
    lines = shop.order_lines

    def came(key: str, *days: date | None, whole: date | None = None) -> None:
        names = [f"part {i}" for i in range(len(days))]
        order = b.order(connection, key, ana, placed_on=ago(30), promised_on=ago(6), delivered_on=whole, lines=names)
        for number, day in enumerate(days, 1):
            mine = (lines.c.order_id == order, lines.c.number == str(number))
            connection.execute(sa.update(lines).where(*mine).values(delivered_on=day))
        complete_orders(connection, [order])

    came("no lines", whole=ago(7))
    came("inherited", None, None, whole=ago(7))
    came("one later", None, ago(4), whole=ago(7))
    came("one earlier", None, ago(9), whole=ago(7))
    came("one out", ago(7), None)
    came("all their own", ago(8), ago(7))
    assert keys(connection, delivered_orders) == {"no lines", "inherited", "one earlier", "all their own"}
    assert keys(connection, late_delivered) == {"one later"}
    assert keys(connection, late_orders) == {"one out"}


def test_never_two_scans_for_one_order(connection: sa.Connection, ana: int) -> None:
    """Every small combination of days: an order is on time, late here, late out, or nothing; never two of them."""
    days: list[date | None] = [None, *(ago(d) for d in (-1, 0, 1, 2, 3, 9, 10, 11, 14, 15))]
    for n, (promised, delivered) in enumerate(product(days, days)):
        b.order(connection, f"O-{n}", ana, placed_on=ago(30), promised_on=promised, delivered_on=delivered)
    found = [keys(connection, scan) for scan in (delivered_orders, late_delivered, late_orders)]
    assert all(found)
    assert len(set().union(*found)) == sum(len(each) for each in found)


def prices() -> Iterator[str]:
    """Names of columns that hold what somebody paid, of every table a scan may read."""
    for table in (shop.customers, shop.orders, shop.order_lines, shop.promises):
        yield from (c.name for c in table.c if re.search(r"price|total|amount|paid|spen|margin|tier|score", c.name))


def test_nothing_a_customer_paid_is_stored() -> None:
    assert list(prices()) == []


@pytest.mark.parametrize("scan", EVERY, ids=lambda s: s.__name__.rpartition(".")[2])
@pytest.mark.parametrize("dialect", [sqlite.dialect(), postgresql.dialect()], ids=lambda d: d.name)
def test_spend_is_in_no_scan(scan: ModuleType, dialect: sa.Dialect) -> None:
    """The one price a scan may name is the catalogue's, and only to ask whether there is one."""
    text = str(scan.scan(NIGHT).compile(dialect=dialect)).lower()
    assert not re.search(r"spen[dt]|revenue|margin|tier|score|total|quantity|remedy", text)
    assert re.sub(r"product\.price_minor is not null", "", text).count("price") == 0


def test_prices_change_nothing(connection: sa.Connection, ana: int) -> None:
    """Multiply every price by another factor: the same people are found, with the same facts."""
    old = b.product(connection, "old", line="mill", released_on=ago(900))
    b.product(connection, "new", line="mill", generation=2, released_on=ago(100))
    kim = b.customer(connection, "C-2", email="kim@example.com")
    for n, days in enumerate((700, 640, 580)):
        b.order(connection, f"A-{n}", ana, placed_on=ago(days), lines=[old])
        b.order(connection, f"K-{n}", kim, placed_on=ago(days + n), lines=[old])
    b.order(connection, "O-1", ana, placed_on=ago(20), promised_on=ago(9), delivered_on=ago(5))
    b.order(connection, "O-2", kim, placed_on=ago(20), promised_on=ago(9))
    b.order(connection, "O-3", kim, placed_on=ago(20), delivered_on=ago(5))
    for n, days in enumerate((700, 690, 680)):
        b.order(connection, f"S-{n}", b.customer(connection, f"S-{n}", email=None), placed_on=ago(days))
    silent = b.customer(connection, "C-3", email=None)
    for n, days in enumerate((400, 390, 380)):
        b.order(connection, f"L-{n}", silent, placed_on=ago(days))

    def everything() -> list[set[tuple[object, ...]]]:
        return [{tuple(row) for row in connection.execute(scan.scan(NIGHT))} for scan in EVERY]

    before = everything()
    assert all(before)
    price = shop.products.c.price_minor
    factor = sa.case((shop.products.c.key == "old", 7), else_=1000)
    connection.execute(sa.update(shop.products).values(price_minor=price * factor + 3))
    connection.execute(sa.update(shop.orders).values(remedy_minor=99, remedy_currency="GBP"))
    connection.execute(sa.update(shop.order_lines).values(quantity=50))
    assert everything() == before
