"""Do ids become exactly the records a template may name, as they were known before the night?"""

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from outreach.render.variables import _RECORDS, _fields
from outreach.store import shop
from outreach.store.facts import expand
from tests import builders as b

NIGHT = date(2026, 3, 15)
DAY = timedelta(days=1)
CARE = ("Descale it", "Once a month, with vinegar.", "https://shop.alder.example/care")


def ago(days: int) -> date:
    return NIGHT - days * DAY


def iso(days: int) -> str:
    return ago(days).isoformat()


@pytest.fixture
def ana(connection: sa.Connection) -> int:
    return b.customer(connection)


def one(c: sa.Connection, **raw: Any) -> dict[str, Any]:
    [found] = expand(c, [raw], NIGHT)
    return found


def unknown(record: str, value: dict[str, Any]) -> set[str]:
    """Parts of a record no template may name."""
    return set(value) - set(_fields(_RECORDS[record]))


def missing(record: str, value: dict[str, Any]) -> set[str]:
    """Parts a template may count on that are not there."""
    return {name for name, kind in _fields(_RECORDS[record]).items() if not kind.may_miss and value.get(name) is None}


def test_an_order(connection: sa.Connection, ana: int) -> None:
    kettle = b.product(connection, "kettle", "Kettle K2", care=CARE)
    order = b.order(
        connection,
        "O-1",
        ana,
        placed_on=ago(20),
        promised_on=ago(9),
        shipped_on=ago(12),
        delivered_on=ago(5),
        lines=[kettle, "Tea towel"],
        carrier="Red Van",
        late_reason="snow",
        remedy_text="A free filter",
        remedy_minor=500,
        remedy_currency="GBP",
    )
    found = one(connection, order_id=order, days_late=4)
    item = {"name": "Kettle K2", "quantity": 1, "care_link": CARE[2]}
    record = {
        "number": "O-1",
        "placed_on": iso(20),
        "promised_on": iso(9),
        "shipped_on": iso(12),
        "delivered_on": iso(5),
        "new_date": None,
        "carrier": "Red Van",
        "late_reason": "snow",
        "days_late": 4,
        "items": [item, {"name": "Tea towel", "quantity": 1, "care_link": None}],
        "main_item": item,
    }
    assert found == {
        "order_id": order,
        "days_late": 4,
        "order": record,
        "orders": [record],
        "remedy": {"text": "A free filter", "amount": {"minor": 500, "currency": "GBP"}},
        "give": {"title": CARE[0], "text": CARE[1], "link": CARE[2]},
    }
    assert unknown("order", record) == set() == missing("order", record)
    assert unknown("item", item) == set() == missing("item", item)
    assert unknown("remedy", found["remedy"]) == unknown("give", found["give"]) == set()


def test_an_order_of_which_little_is_known(connection: sa.Connection, ana: int) -> None:
    found = one(connection, order_id=b.order(connection, "O-1", ana, placed_on=ago(20)))
    assert found["order"]["items"] == []
    assert found["order"]["main_item"] is None
    assert found["order"]["promised_on"] is found["order"]["delivered_on"] is found["order"]["days_late"] is None
    assert found["remedy"] == {"text": None, "amount": None}
    assert found["give"] is None
    assert missing("order", found["order"]) == set()


def test_a_line_without_a_name_is_not_spoken_of(connection: sa.Connection, ana: int) -> None:
    order = b.order(connection, "O-1", ana, placed_on=ago(20), lines=["Tea towel"])
    connection.execute(sa.insert(shop.order_lines).values(order_id=order, number="0"))
    found = one(connection, order_id=order)["order"]
    assert [item["name"] for item in found["items"]] == ["Tea towel"]
    assert found["main_item"]["name"] == "Tea towel"


def test_no_fact_of_the_night_or_later(connection: sa.Connection, ana: int) -> None:
    for name, day, known in (("yesterday", ago(1), iso(1)), ("tonight", NIGHT, None), ("later", NIGHT + DAY, None)):
        order = b.order(connection, name, ana, placed_on=ago(20), shipped_on=day, delivered_on=day)
        found = one(connection, order_id=order)["order"]
        assert (found["shipped_on"], found["delivered_on"]) == (known, known)


def test_a_new_date_only_while_it_lies_ahead(connection: sa.Connection, ana: int) -> None:
    for name, day, said in (("past", ago(1), None), ("tonight", NIGHT, iso(0)), ("ahead", NIGHT + DAY, iso(-1))):
        order = b.order(connection, name, ana, placed_on=ago(20), promised_on=ago(3), new_date=day)
        assert one(connection, order_id=order)["order"]["new_date"] == said


def test_orders_that_share_a_message(connection: sa.Connection, ana: int) -> None:
    first = b.order(connection, "O-1", ana, placed_on=ago(20), promised_on=ago(5), remedy_text="first")
    second = b.order(connection, "O-2", ana, placed_on=ago(19), promised_on=ago(3), remedy_text="second")
    found = one(connection, order_id=first, days_late=5, also=[{"order_id": second, "days_late": 3}])
    assert [(o["number"], o["days_late"]) for o in found["orders"]] == [("O-1", 5), ("O-2", 3)]
    assert found["order"] == found["orders"][0]
    assert found["remedy"]["text"] == "first"
    assert [o["order_id"] for o in found["also"]] == [second]  # asked again before it leaves


def test_a_last_order(connection: sa.Connection, ana: int) -> None:
    kettle = b.product(connection, "kettle", "Kettle K2", care=CARE, supported_until=date(2030, 1, 1))
    last = b.order(connection, "O-1", ana, placed_on=ago(90), lines=[kettle, "Tea towel", kettle])
    found = one(connection, last_order_id=last, days_quiet=90, usual_days=31)
    owned = {"name": "Kettle K2", "bought_on": iso(90), "supported_until": "2030-01-01"}
    assert found["owned"] == [owned, {"name": "Tea towel", "bought_on": iso(90), "supported_until": None}]
    assert found["last_order"]["number"] == "O-1"
    assert found["days_quiet"] == 90
    assert found["give"]["title"] == CARE[0]
    assert unknown("order", found["last_order"]) == set() == missing("order", found["last_order"])
    assert unknown("product", owned) == set() == missing("product", owned)
    assert "order" not in found


@pytest.fixture
def mills(connection: sa.Connection) -> tuple[int, int]:
    old = b.product(connection, "old", "Mill M1", line="old", released_on=ago(900), supported_until=date(2030, 1, 1))
    new = b.product(connection, "new", "Mill M2", line="old", generation=2, released_on=ago(200), price_minor=15000)
    return old, new


def test_a_newer_model(connection: sa.Connection, mills: tuple[int, int]) -> None:
    old, new = mills
    found = one(connection, owned_product_id=old, newer_product_id=new, bought_on=iso(400))
    assert found["owned"] == {"name": "Mill M1", "bought_on": iso(400), "supported_until": "2030-01-01"}
    assert found["newer"] == {
        "name": "Mill M2",
        "released_on": iso(200),
        "what_changed": ["The burrs can be changed without tools."],
        "not_changed": ["It grinds as fine as before."],
        "link": "https://shop.alder.example/new",
    }
    assert found["offer"] == {
        "price": {"minor": 15000, "currency": "GBP"},
        "usual_price": None,
        "saving": None,
        "ends_on": None,
        "keep_if": "you are happy with how yours grinds",
        "link": "https://shop.alder.example/new",
    }
    for record, name in (("product", "owned"), ("model", "newer"), ("offer", "offer")):
        assert unknown(record, found[name]) == set() == missing(record, found[name])


STEPS: list[tuple[str, list[tuple[int, int]], int | None]] = [
    ("no history", [], None),
    ("one price for ever", [(200, 15000)], None),
    ("cheaper than for ever", [(200, 20000)], 20000),
    ("lowered a week ago", [(200, 20000), (7, 15000)], 20000),
    ("lowered, with a history of 30 days", [(30, 20000), (7, 15000)], 20000),
    ("lowered, with a history of 29 days", [(29, 20000), (7, 15000)], None),
    ("lowered twice", [(200, 20000), (20, 18000), (7, 15000)], 18000),
    ("raised before it was lowered", [(200, 16000), (10, 20000), (7, 15000)], 16000),
    ("lowered more than 30 days ago", [(200, 20000), (31, 15000)], None),
    ("lowered 30 days ago", [(200, 20000), (30, 15000)], None),
    ("lowered 29 days ago", [(200, 20000), (29, 15000)], 20000),
    ("as low as now within the month", [(200, 20000), (20, 15000), (10, 20000), (5, 15000)], None),
    ("lower within the month", [(200, 20000), (20, 14000), (10, 20000), (5, 15000)], None),
    ("raised to it", [(200, 12000), (5, 15000)], None),
    ("lowered on the night", [(200, 20000), (0, 15000)], 20000),
    ("lowered a week ago and on the night", [(200, 25000), (7, 20000), (0, 15000)], 20000),
]


@pytest.mark.parametrize(("steps", "usual"), [s[1:] for s in STEPS], ids=[s[0] for s in STEPS])
def test_the_struck_price_is_the_lowest_of_thirty_days(
    connection: sa.Connection, mills: tuple[int, int], steps: list[tuple[int, int]], usual: int | None
) -> None:
    """The price now is 15000. Without 30 days of history, or without a real saving, nothing is struck."""
    old, new = mills
    prices = shop.product_prices
    connection.execute(sa.delete(prices).where(prices.c.product_id == new))
    for days, minor in steps:
        row = {"product_id": new, "since_on": ago(days), "price_minor": minor, "currency": "GBP"}
        connection.execute(sa.insert(prices).values(**row))
    offer = one(connection, owned_product_id=old, newer_product_id=new, bought_on=iso(400))["offer"]
    assert offer["usual_price"] == (usual and {"minor": usual, "currency": "GBP"})
    assert offer["saving"] == (usual and {"minor": usual - 15000, "currency": "GBP"})


def test_each_gets_their_own_in_order(connection: sa.Connection, ana: int, mills: tuple[int, int]) -> None:
    order = b.order(connection, "O-1", ana, placed_on=ago(20))
    raw = [{"order_id": order}, {"newer_product_id": mills[1]}, {"note": "x"}]
    found = expand(connection, raw, NIGHT)
    assert [sorted(set(f) - {"give"}) for f in found] == [
        ["order", "order_id", "orders", "remedy"],
        ["newer", "newer_product_id", "offer"],
        ["note"],
    ]
    assert raw == [{"order_id": order}, {"newer_product_id": mills[1]}, {"note": "x"}]
    assert expand(connection, [], NIGHT) == []
