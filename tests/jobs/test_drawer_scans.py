"""Do the scans of the campaigns that ship switched off find exactly their people, on both databases?"""

import re
from datetime import date, timedelta
from types import ModuleType
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from jobs.scans import anniversaries, care_tips, discontinued_models, event_in_reach, third_orders
from outreach.store import shop
from tests import builders as b

NIGHT = date(2026, 3, 15)
DAY = timedelta(days=1)
EVENT: dict[str, Any] = {"event": "Open day", "starts_on": NIGHT + 10 * DAY, "place": "Mill Lane", "near": ["GB"]}
EVERY: dict[ModuleType, dict[str, Any]] = {
    anniversaries: {},
    care_tips: {},
    discontinued_models: {},
    event_in_reach: EVENT,
    third_orders: {},
}
TIP = ("The mesh", "Rinse it hot once a week.", "https://shop.alder.example/care/press")


def ago(days: int) -> date:
    return NIGHT - days * DAY


def found(c: sa.Connection, scan: ModuleType, night: date = NIGHT, **more: Any) -> list[dict[str, Any]]:
    """The rows, by subject; nobody is found twice about one subject."""
    rows = [dict(row) for row in c.execute(scan.scan(night, **{**EVERY[scan], **more})).mappings()]
    assert len({(row["customer_id"], row["subject_key"]) for row in rows}) == len(rows)
    return sorted(rows, key=lambda row: (row["subject_key"], row["customer_id"]))


def keys(c: sa.Connection, scan: ModuleType, night: date = NIGHT, **more: Any) -> list[str]:
    return [row["subject_key"] for row in found(c, scan, night, **more)]


@pytest.fixture
def ana(connection: sa.Connection) -> int:
    return b.customer(connection)


def test_a_care_tip_comes_a_month_after(connection: sa.Connection, ana: int) -> None:
    for days in (29, 30, 37, 38):
        product = b.product(connection, f"press-{days}", care=TIP)
        b.order(connection, f"O-{days}", ana, placed_on=ago(60), delivered_on=ago(days), lines=[product])
    assert keys(connection, care_tips) == ["press-30", "press-37"]
    assert keys(connection, care_tips, from_days=29, to_days=29) == ["press-29"]


def test_a_care_tip_row(connection: sa.Connection, ana: int) -> None:
    """Bought twice in the window: one tip, about the first of them."""
    press = b.product(connection, "press", care=TIP)
    for key, days in (("O-1", 31), ("O-2", 35)):
        b.order(connection, key, ana, placed_on=ago(days + 4), delivered_on=ago(days), lines=[press, press])
    [row] = found(connection, care_tips)
    assert row == {
        "customer_id": ana,
        "subject_key": "press",
        "subject_date": ago(35),
        "became_on": ago(5),
        "item_product_id": press,
        "bought_on": ago(39),
    }


def test_nothing_to_look_after(connection: sa.Connection, ana: int) -> None:
    """No tip, an empty tip, a name that is in no catalogue, or sent back: nothing to say."""
    press, cup = b.product(connection, "press", care=TIP), b.product(connection, "cup")
    bare = b.product(connection, "bare", care=("", "", ""))
    came = {"placed_on": ago(40), "delivered_on": ago(33)}
    b.order(connection, "O-1", ana, **came, lines=[cup, bare, "a spoon"])
    b.order(connection, "O-2", ana, **came, lines=[press], returned_on=ago(1))
    third = b.order(connection, "O-3", ana, **came, lines=[press])
    mine = shop.order_lines.c.order_id == third
    connection.execute(sa.update(shop.order_lines).where(mine).values(returned_on=ago(2)))
    b.order(connection, "O-4", ana, placed_on=ago(40), delivered_on=ago(33), lines=[press], part_missing=True)
    assert keys(connection, care_tips) == []
    connection.execute(sa.update(shop.order_lines).where(mine).values(returned_on=NIGHT))
    assert keys(connection, care_tips) == ["press"]


@pytest.mark.parametrize(
    ("bought", "night", "subject"),
    [
        (date(2025, 3, 15), NIGHT, "O:1"),
        (date(2025, 3, 9), NIGHT, "O:1"),
        (date(2025, 3, 8), NIGHT, None),
        (date(2025, 3, 16), NIGHT, None),
        (date(2026, 3, 15), NIGHT, None),
        (date(2016, 3, 15), NIGHT, "O:10"),
        (date(2015, 3, 15), NIGHT, None),
        (date(2024, 12, 30), date(2026, 1, 2), "O:1"),
        (date(2025, 1, 1), date(2026, 1, 2), "O:1"),
        (date(2024, 2, 29), date(2026, 2, 28), "O:2"),
        (date(2024, 2, 29), date(2026, 2, 27), None),
        (date(2024, 2, 29), date(2026, 3, 6), "O:2"),
        (date(2024, 2, 29), date(2026, 3, 7), None),
        (date(2024, 2, 29), date(2028, 2, 28), None),
        (date(2024, 2, 29), date(2028, 2, 29), "O:4"),
        (date(2024, 2, 28), date(2028, 2, 28), "O:4"),
        (date(2027, 2, 28), date(2028, 2, 29), "O:1"),
        (date(2027, 3, 1), date(2028, 2, 29), None),
    ],
)
def test_anniversaries(connection: sa.Connection, ana: int, bought: date, night: date, subject: str | None) -> None:
    """For seven nights from the day itself; 29 February counts on the 28th where there is no 29th."""
    b.order(connection, "O", ana, placed_on=bought, delivered_on=bought + DAY, lines=[b.product(connection, "mill")])
    assert keys(connection, anniversaries, night) == ([subject] if subject else [])


def test_every_day_has_one_anniversary_a_year(connection: sa.Connection, ana: int) -> None:
    """Night by night through a leap year and a common one: each order once a year, on the day or on 28 February."""
    mill = b.product(connection, "mill")
    days = [date(2024, 2, 27) + n * DAY for n in range(5)]
    for day in days:
        b.order(connection, str(day), ana, placed_on=day, delivered_on=day + DAY, lines=[mill])
    told = []
    for n in range(20):
        night = date(2027, 2, 20) + n * DAY
        told += [
            (row["subject_key"], row["subject_date"]) for row in found(connection, anniversaries, night, from_days=0)
        ]
    wanted = [(f"{d}:3", date(2027, 2, 28) if (d.month, d.day) == (2, 29) else d.replace(year=2027)) for d in days]
    assert sorted(told) == sorted(wanted)


def test_an_anniversary_row(connection: sa.Connection, ana: int) -> None:
    """The first thing that is in the catalogue and was kept."""
    mill, cup = b.product(connection, "mill"), b.product(connection, "cup")
    dates = {"placed_on": date(2023, 3, 12), "delivered_on": date(2023, 3, 20)}
    order = b.order(connection, "O", ana, **dates, lines=["a spoon", cup, mill])
    lines = shop.order_lines.c
    sent_back = (lines.order_id == order, lines.product_id == cup)
    connection.execute(sa.update(shop.order_lines).where(*sent_back).values(returned_on=date(2023, 4, 1)))
    b.order(connection, "back", ana, **dates, lines=[mill], returned_on=date(2023, 4, 1))
    b.order(connection, "never came", ana, placed_on=date(2023, 3, 12), lines=[mill])
    b.order(connection, "no catalogue", ana, **dates, lines=["a spoon"])
    [row] = found(connection, anniversaries)
    assert row == {
        "customer_id": ana,
        "subject_key": "O:3",
        "subject_date": date(2026, 3, 12),
        "became_on": date(2026, 3, 12),
        "item_product_id": mill,
        "bought_on": date(2023, 3, 12),
        "years": 3,
    }


def test_discontinued_window(connection: sa.Connection, ana: int) -> None:
    def owned(key: str, gone: int | None, until: date | None = NIGHT + DAY) -> None:
        day = None if gone is None else ago(gone)
        product = b.product(connection, key, discontinued_on=day, supported_until=until)
        b.order(connection, f"O-{key}", ana, placed_on=ago(400), delivered_on=ago(390), lines=[product])

    for days in (-5, 0, 1, 30, 31):
        owned(f"mill{days}", days)
    owned("still made", None)
    owned("no promise", 5, None)
    owned("over", 5, NIGHT)
    assert keys(connection, discontinued_models) == ["mill1", "mill30"]


def test_a_discontinued_row(connection: sa.Connection, ana: int) -> None:
    until = date(2031, 12, 31)
    mill = b.product(connection, "mill", discontinued_on=ago(5), supported_until=until)
    for key, days in (("O-1", 800), ("O-2", 300)):
        b.order(connection, key, ana, placed_on=ago(days), lines=[mill])
    kim = b.customer(connection, "C-2", email="kim@example.com")
    b.order(connection, "O-3", kim, placed_on=ago(300), lines=[mill], cancelled=True)
    b.order(connection, "O-4", kim, placed_on=ago(300), lines=[mill], returned_on=ago(200))
    b.order(connection, "O-5", kim, placed_on=NIGHT, lines=[mill])
    [row] = found(connection, discontinued_models, repair_link="https://shop.alder.example/repair")
    assert row == {
        "customer_id": ana,
        "subject_key": "mill",
        "subject_date": ago(5),
        "became_on": ago(5),
        "owned_product_id": mill,
        "bought_on": ago(300),
        "parts_until": until,
        "repair_link": "https://shop.alder.example/repair",
    }
    assert found(connection, discontinued_models)[0]["repair_link"] is None


def test_the_third_order_that_came(connection: sa.Connection, ana: int) -> None:
    """By the day they came; those called back or not here do not count."""
    for n, (placed, came) in enumerate(((300, 290), (200, 20), (100, 90)), 1):
        b.order(connection, f"O-{n}", ana, placed_on=ago(placed), delivered_on=ago(came))
    b.order(connection, "back", ana, placed_on=ago(320), delivered_on=ago(310), returned_on=ago(300))
    b.order(connection, "on its way", ana, placed_on=ago(310))
    [row] = found(connection, third_orders)
    third = connection.execute(sa.select(shop.orders.c.id).where(shop.orders.c.key == "O-2")).scalar_one()
    assert row == {
        "customer_id": ana,
        "subject_key": "delivered:3",
        "subject_date": ago(20),
        "became_on": NIGHT,
        "order_id": third,
        "extra_months": 6,
    }
    assert keys(connection, third_orders, which=2) == []
    assert keys(connection, third_orders, which=2, from_days=90) == ["delivered:2"]


@pytest.mark.parametrize(
    ("came", "promised", "is_found"),
    [(19, None, False), (20, 20, True), (40, None, True), (41, None, False), (25, 26, False), (25, 25, True)],
)
def test_the_third_came_well(
    connection: sa.Connection, ana: int, came: int, promised: int | None, is_found: bool
) -> None:
    for n in (1, 2):
        b.order(connection, f"O-{n}", ana, placed_on=ago(200), delivered_on=ago(190 - n))
    due = None if promised is None else ago(promised)
    b.order(connection, "O-3", ana, placed_on=ago(60), delivered_on=ago(came), promised_on=due)
    assert bool(keys(connection, third_orders)) is is_found


def test_nobody_has_two_third_orders(connection: sa.Connection, ana: int) -> None:
    """An earlier one goes back, so that the fourth becomes the third: the subject stays, and was told."""
    for n in range(1, 5):
        b.order(connection, f"O-{n}", ana, placed_on=ago(60), delivered_on=ago(38 - n))
    first = found(connection, third_orders)
    connection.execute(sa.update(shop.orders).where(shop.orders.c.key == "O-1").values(returned_on=ago(1)))
    second = found(connection, third_orders)
    assert first[0]["order_id"] != second[0]["order_id"]
    assert first[0]["subject_key"] == second[0]["subject_key"]


@pytest.mark.parametrize(("days", "is_found"), [(29, False), (28, True), (7, True), (6, False), (-1, False)])
def test_an_event_is_announced_in_time(connection: sa.Connection, ana: int, days: int, is_found: bool) -> None:
    assert bool(keys(connection, event_in_reach, starts_on=NIGHT + days * DAY)) is is_found


def test_an_event_row(connection: sa.Connection, ana: int) -> None:
    [row] = found(connection, event_in_reach)
    assert row == {
        "customer_id": ana,
        "subject_key": "Open day 2026-03-25",
        "subject_date": date(2026, 3, 25),
        "became_on": date(2026, 2, 25),
        "useful_until": date(2026, 3, 18),
        "event": "Open day",
        "starts_on": date(2026, 3, 25),
        "place": "Mill Lane",
    }


def test_who_lives_near(connection: sa.Connection, ana: int) -> None:
    """A country; or cities of it, however the record spells capitals."""
    people = [("York", "GB"), ("YORK", "GB"), ("leeds", "GB"), ("York", "US"), ("São Paulo", "BR"), ("SÃO PAULO", "BR")]
    for n, (city, country) in enumerate(people):
        b.customer(connection, f"{city} {country}", email=f"p{n}@example.com", city=city, country=country)
    b.customer(connection, "nowhere", email="nowhere@example.com", country=None)
    gone = b.customer(connection, "gone", email="gone@example.com", city="York")
    connection.execute(sa.update(shop.customers).where(shop.customers.c.id == gone).values(erased_at=b.LONG_AGO))

    def near(*places: str) -> set[str]:
        rows = found(connection, event_in_reach, near=list(places))
        which = sa.select(shop.customers.c.key).where(shop.customers.c.id.in_([r["customer_id"] for r in rows]))
        return set(connection.execute(which).scalars())

    assert near("GB") == {"C-1", "York GB", "YORK GB", "leeds GB"}
    assert near("York, GB") == {"York GB", "YORK GB"}
    assert near("York,GB", "Leeds, GB") == {"York GB", "YORK GB", "leeds GB"}
    assert near("York, GB", "US") == {"York GB", "YORK GB", "York US"}
    assert near("São Paulo, BR") == {"São Paulo BR", "SÃO PAULO BR"}
    assert near("FR") == near() == set()


@pytest.mark.parametrize("scan", EVERY, ids=lambda s: s.__name__.rpartition(".")[2])
@pytest.mark.parametrize("dialect", [sqlite.dialect(), postgresql.dialect()], ids=lambda d: d.name)
def test_spend_is_in_no_scan(scan: ModuleType, dialect: sa.Dialect) -> None:
    text = str(scan.scan(NIGHT, **EVERY[scan]).compile(dialect=dialect)).lower()
    assert not re.search(r"spen[dt]|revenue|margin|tier|score|total|quantity|remedy|price", text)


def test_prices_change_nothing(connection: sa.Connection, ana: int) -> None:
    """Multiply every price by another factor: the same people are found, with the same facts."""
    mill = b.product(connection, "mill", care=TIP, discontinued_on=ago(5), supported_until=NIGHT + 900 * DAY)
    for key, days in (("A", 365), ("B", 90), ("C", 40)):
        b.order(connection, key, ana, placed_on=ago(days), delivered_on=ago(days - 9), lines=[mill])
    before = [found(connection, scan) for scan in EVERY]
    assert all(before)
    connection.execute(sa.update(shop.products).values(price_minor=shop.products.c.price_minor * 1000 + 3))
    connection.execute(sa.update(shop.order_lines).values(quantity=50))
    assert [found(connection, scan) for scan in EVERY] == before
