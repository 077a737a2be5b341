"""Is a message whose facts no longer hold found out, and one whose facts hold left in peace?"""

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from outreach.core.terms import Reason
from outreach.store import shop
from outreach.store.recheck import untrue
from tests import builders as b

NIGHT = date(2026, 3, 15)
DAY = timedelta(days=1)


def ago(days: int) -> date:
    return NIGHT - days * DAY


@pytest.fixture
def ana(connection: sa.Connection) -> int:
    return b.customer(connection)


def ask(c: sa.Connection, facts: dict[str, Any], before: date = NIGHT + DAY) -> tuple[Reason, str] | None:
    found = untrue(c, {7: {"customer_id": 1, **facts}}, night=NIGHT, before=before)
    assert set(found) <= {7}
    return (found[7].reason, found[7].said) if found else None


def test_nothing_to_ask(connection: sa.Connection) -> None:
    assert untrue(connection, {}, night=NIGHT, before=NIGHT) == {}
    assert ask(connection, {}) is None


LATE = {"placed_on": ago(30), "promised_on": ago(3)}
CAME = {"placed_on": ago(30), "delivered_on": ago(5)}
CHANGES: list[tuple[str, dict[str, Any], dict[str, Any], str | None]] = [
    ("late, still out", LATE, {"days_late": 3}, None),
    ("late, came today", {**LATE, "delivered_on": NIGHT}, {"days_late": 3}, "delivered since"),
    ("late, comes tomorrow", {**LATE, "delivered_on": NIGHT + DAY}, {"days_late": 3}, None),
    ("late, came yesterday and we hear it now", {**LATE, "delivered_on": ago(1)}, {"days_late": 3}, "delivered since"),
    ("late, called off undated", {**LATE, "cancelled": True}, {"days_late": 3}, "called off since"),
    ("late, called off today", {**LATE, "cancelled_on": NIGHT}, {"days_late": 3}, "called off since"),
    ("late, called off tomorrow", {**LATE, "cancelled_on": NIGHT + DAY}, {"days_late": 3}, None),
    ("late, returned today", {**LATE, "returned_on": NIGHT}, {"days_late": 3}, "returned since"),
    ("came late", {**LATE, "delivered_on": ago(1)}, {"days_late": 2}, None),
    ("came late, on another day than we say", {**LATE, "delivered_on": ago(2)}, {"days_late": 2}, "delivered since"),
    ("came", CAME, {}, None),
    ("came though called off", {**CAME, "cancelled": True}, {}, None),
    ("came, returned today", {**CAME, "returned_on": NIGHT}, {}, "returned since"),
    ("came, goes back tomorrow", {**CAME, "returned_on": NIGHT + DAY}, {}, None),
]


@pytest.mark.parametrize(("days", "facts", "said"), [c[1:] for c in CHANGES], ids=[c[0] for c in CHANGES])
def test_an_order(
    connection: sa.Connection, ana: int, days: dict[str, Any], facts: dict[str, Any], said: str | None
) -> None:
    order = b.order(connection, "O-1", ana, **days)
    assert ask(connection, {"order_id": order, **facts}) == (said and (Reason.TOO_OLD, said))


def test_a_past_night_sees_no_later_fact(connection: sa.Connection, ana: int) -> None:
    order = b.order(connection, "O-1", ana, **LATE, delivered_on=NIGHT, returned_on=NIGHT)
    assert ask(connection, {"order_id": order, "days_late": 3}, before=NIGHT) is None


def test_an_order_that_is_gone(connection: sa.Connection) -> None:
    assert ask(connection, {"order_id": 99}) == (Reason.TOO_OLD, "the order is no longer in the records")


def test_an_order_that_shares_the_message(connection: sa.Connection, ana: int) -> None:
    one = b.order(connection, "O-1", ana, **LATE)
    two = b.order(connection, "O-2", ana, **LATE, delivered_on=NIGHT)
    also = {"order_id": two, "days_late": 3}
    assert ask(connection, {"order_id": one, "days_late": 3, "also": [also]}) == (Reason.TOO_OLD, "delivered since")
    assert ask(connection, {"order_id": one, "days_late": 3, "also": [also]}, before=NIGHT) is None


@pytest.mark.parametrize(
    ("again", "expected"),
    [
        ({"placed_on": NIGHT}, Reason.BOUGHT_SINCE),
        ({"placed_on": NIGHT + DAY}, None),
        ({"placed_on": ago(100)}, None),
        ({"placed_on": ago(101)}, None),
        ({"placed_on": NIGHT, "cancelled": True}, None),
        ({"placed_on": NIGHT, "cancelled_on": NIGHT}, None),
        ({"placed_on": NIGHT, "cancelled_on": NIGHT + DAY}, Reason.BOUGHT_SINCE),
    ],
)
def test_bought_since(connection: sa.Connection, ana: int, again: dict[str, Any], expected: Reason | None) -> None:
    last = b.order(connection, "O-1", ana, placed_on=ago(100))
    kim = b.customer(connection, "C-2", email="kim@example.com")
    b.order(connection, "K-1", kim, placed_on=NIGHT)
    b.order(connection, "O-2", ana, **again)
    found = ask(connection, {"last_order_id": last})
    assert found == (expected and (expected, "bought again since"))


def test_the_model_is_gone(connection: sa.Connection, ana: int) -> None:
    new = b.product(connection, "new", line="old", generation=2, released_on=ago(90))
    assert ask(connection, {"newer_product_id": new}) is None
    for lacking in ({"in_stock": False}, {"in_stock": None}, {"in_stock": True, "price_minor": None}):
        connection.execute(sa.update(shop.products).values(**lacking))
        found = ask(connection, {"newer_product_id": new})
        assert found == (Reason.CANNOT_DELIVER, "not in stock, or without a price, by now")


def test_the_price_the_message_states_is_no_longer_the_price(connection: sa.Connection, ana: int) -> None:
    new = b.product(connection, "new", line="old", generation=2, released_on=ago(90), price_minor=8900, currency="GBP")
    stated = {"newer_product_id": new, "offer": {"price": {"minor": 8900, "currency": "GBP"}}}
    assert ask(connection, stated) is None
    connection.execute(sa.update(shop.products).values(price_minor=9900))
    assert ask(connection, stated) == (Reason.CANNOT_DELIVER, "its price changed since")


@pytest.mark.parametrize(
    ("generation", "more", "owns"),
    [
        (1, {"placed_on": NIGHT}, False),
        (2, {"placed_on": NIGHT}, True),
        (3, {"placed_on": NIGHT}, True),
        (2, {"placed_on": NIGHT + DAY}, False),
        (2, {"placed_on": NIGHT, "cancelled_on": NIGHT}, False),
        (2, {"placed_on": NIGHT, "returned_on": NIGHT}, False),
    ],
)
def test_owns_newer(connection: sa.Connection, ana: int, generation: int, more: dict[str, Any], owns: bool) -> None:
    models = {g: b.product(connection, f"m-{g}", line="m-1", generation=g, released_on=ago(90)) for g in (1, 2, 3)}
    b.order(connection, "O-1", ana, lines=[models[generation]], **more)
    kim = b.customer(connection, "C-2", email="kim@example.com")
    b.order(connection, "K-1", kim, placed_on=NIGHT, lines=[models[2]])
    facts = {"customer_id": ana, "newer_product_id": models[2]}
    assert ask(connection, facts) == ((Reason.OWNS_NEWER, "owns it by now") if owns else None)


def test_each_message_by_its_own_key(connection: sa.Connection, ana: int) -> None:
    held = b.order(connection, "O-1", ana, **LATE)
    came = b.order(connection, "O-2", ana, **LATE, delivered_on=NIGHT)
    asked = {
        3: {"customer_id": ana, "order_id": held, "days_late": 3},
        4: {"customer_id": ana, "order_id": came, "days_late": 3},
        5: {"customer_id": ana, "last_order_id": came},
    }
    assert set(untrue(connection, asked, night=NIGHT, before=NIGHT + DAY)) == {4}
