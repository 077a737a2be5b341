"""Is the newer model offered to everyone who has had the older one long enough, and to nobody else?"""

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from jobs.scans import superseded_models
from outreach.store import shop
from tests import builders as b

NIGHT = date(2026, 3, 15)
DAY = timedelta(days=1)


def ago(days: int) -> date:
    return NIGHT - days * DAY


def rows(c: sa.Connection, night: date = NIGHT, **more: int) -> list[dict[str, Any]]:
    return [dict(row) for row in c.execute(superseded_models.scan(night, **more)).mappings()]


def offers(c: sa.Connection, night: date = NIGHT, **more: int) -> list[tuple[str, str]]:
    """(customer's key, offered model) of everyone found, sorted."""
    names = {row.id: row.key for row in c.execute(sa.select(shop.customers.c.id, shop.customers.c.key))}
    return sorted((names[row["customer_id"]], row["subject_key"]) for row in rows(c, night, **more))


@pytest.fixture
def mills(connection: sa.Connection) -> dict[int, int]:
    """Three generations of one model; the last came out 60 nights ago."""
    days = {1: 1500, 2: 800, 3: 60}
    return {
        g: b.product(connection, f"mill-{g}", line="mill-1", generation=g, released_on=ago(d)) for g, d in days.items()
    }


def owner(c: sa.Connection, key: str, *models: int, **more: Any) -> int:
    """A customer who bought these models 400 nights ago, unless `placed_on` says otherwise."""
    found = b.customer(c, key, email=f"{key.lower()}@example.com")
    b.order(c, f"O-{key}", found, lines=models, **{"placed_on": ago(400), **more})
    return found


def change(c: sa.Connection, product: int, **values: Any) -> None:
    c.execute(sa.update(shop.products).where(shop.products.c.id == product).values(**values))


def test_the_newest_in_stock_is_offered_and_told_what_for(connection: sa.Connection, mills: dict[int, int]) -> None:
    ana = owner(connection, "A", mills[1])
    [row] = rows(connection)
    assert row == {
        "customer_id": ana,
        "subject_key": "mill-3",
        "subject_date": ago(59),
        "became_on": ago(59),
        "owned_product_id": mills[1],
        "newer_product_id": mills[3],
        "bought_on": ago(400),
    }


def test_true_since_it_was_out_or_theirs_was_old_enough(connection: sa.Connection, mills: dict[int, int]) -> None:
    owner(connection, "A", mills[2], placed_on=ago(200))
    [row] = rows(connection)
    assert row["became_on"] == row["subject_date"] == ago(20)
    assert offers(connection, ago(20)) == [("A", "mill-3")]
    assert offers(connection, ago(21)) == []


def test_bought_long_enough_ago(connection: sa.Connection, mills: dict[int, int]) -> None:
    for days in (179, 180, 181):
        owner(connection, f"A{days}", mills[2], placed_on=ago(days))
    assert offers(connection) == [("A180", "mill-3"), ("A181", "mill-3")]
    assert offers(connection, min_age=181) == [("A181", "mill-3")]


def test_released_on_the_night_is_not_out_yet(connection: sa.Connection, mills: dict[int, int]) -> None:
    owner(connection, "A", mills[2])
    change(connection, mills[3], released_on=NIGHT)
    assert offers(connection) == []
    assert offers(connection, NIGHT + DAY) == [("A", "mill-3")]
    change(connection, mills[3], released_on=ago(1))
    assert offers(connection) == [("A", "mill-3")]


def test_until_the_newest_is_out_the_one_before_is_offered(connection: sa.Connection, mills: dict[int, int]) -> None:
    owner(connection, "A", mills[1])
    change(connection, mills[3], released_on=NIGHT)
    assert offers(connection) == [("A", "mill-2")]
    assert offers(connection, NIGHT + DAY) == [("A", "mill-3")]


def test_who_owns_the_newest_is_left_alone(connection: sa.Connection, mills: dict[int, int]) -> None:
    owner(connection, "one", mills[3])
    owner(connection, "both", mills[1], mills[3])
    recently = owner(connection, "since", mills[1])
    b.order(connection, "O-again", recently, placed_on=ago(1), lines=[mills[3]])
    assert offers(connection) == []


def test_a_newer_one_bought_a_short_while_ago_is_what_they_own(
    connection: sa.Connection, mills: dict[int, int]
) -> None:
    ana = owner(connection, "A", mills[1])
    b.order(connection, "O-2", ana, placed_on=ago(30), lines=[mills[2]])
    assert offers(connection) == []


def test_bought_on_the_night_is_not_known(connection: sa.Connection, mills: dict[int, int]) -> None:
    ana = owner(connection, "A", mills[1])
    b.order(connection, "O-2", ana, placed_on=NIGHT, lines=[mills[3]])
    assert offers(connection) == [("A", "mill-3")]
    assert offers(connection, NIGHT + DAY) == []


@pytest.mark.parametrize("how", ["returned_on", "cancelled_on"])
def test_what_was_sent_back_or_called_off_is_not_owned(
    connection: sa.Connection, mills: dict[int, int], how: str
) -> None:
    for name, day in (("before", ago(1)), ("night", NIGHT)):
        owner(connection, f"old-{name}", mills[1], **{how: day})
        kept = owner(connection, f"newer-{name}", mills[1])
        b.order(connection, f"N-{name}", kept, placed_on=ago(100), lines=[mills[3]], **{how: day})
    assert offers(connection) == [("newer-before", "mill-3"), ("old-night", "mill-3")]


def test_one_line_of_an_order_sent_back(connection: sa.Connection, mills: dict[int, int]) -> None:
    owner(connection, "A", mills[1], mills[3])
    lines = shop.order_lines.c
    back = sa.update(shop.order_lines).where(lines.product_id == mills[3])
    connection.execute(back.values(returned_on=NIGHT))
    assert offers(connection) == []
    connection.execute(back.values(returned_on=ago(1)))
    assert offers(connection) == [("A", "mill-3")]


def test_cancelled_without_a_date_is_never_owned(connection: sa.Connection, mills: dict[int, int]) -> None:
    owner(connection, "A", mills[1], cancelled=True)
    assert offers(connection) == []


def test_out_of_stock_so_the_newest_that_is_there(connection: sa.Connection, mills: dict[int, int]) -> None:
    owner(connection, "one", mills[1])
    owner(connection, "two", mills[2])
    change(connection, mills[3], in_stock=False)
    assert offers(connection) == [("one", "mill-2")]
    change(connection, mills[2], in_stock=None)
    assert offers(connection) == []


@pytest.mark.parametrize(
    "lacking",
    [
        {"price_minor": None},
        {"keep_if": None},
        {"keep_if": ""},
        {"what_changed": None},
        {"what_changed": sa.null()},
        {"what_changed": []},
    ],
)
def test_what_we_cannot_describe_is_not_offered_nor_an_older_one(
    connection: sa.Connection, mills: dict[int, int], lacking: dict[str, Any]
) -> None:
    owner(connection, "A", mills[1])
    change(connection, mills[3], **lacking)
    assert offers(connection) == []


def test_two_models_of_a_line_are_one_candidate(connection: sa.Connection, mills: dict[int, int]) -> None:
    ana = owner(connection, "A", mills[1], mills[2])
    b.order(connection, "O-2", ana, placed_on=ago(300), lines=[mills[2], mills[1]])
    [row] = rows(connection)
    assert (row["owned_product_id"], row["bought_on"]) == (mills[2], ago(300))


def test_two_lines_are_two_candidates(connection: sa.Connection, mills: dict[int, int]) -> None:
    kettle = b.product(connection, "kettle-1", line="kettle-1", released_on=ago(900))
    b.product(connection, "kettle-2", line="kettle-1", generation=2, released_on=ago(90))
    owner(connection, "A", mills[1], kettle)
    assert offers(connection) == [("A", "kettle-2"), ("A", "mill-3")]


def test_siblings_of_a_generation_are_offered_the_same(connection: sa.Connection, mills: dict[int, int]) -> None:
    """Two models with one successor are one line: whoever has either hears once."""
    twin = b.product(connection, "twin-2", line="mill-1", generation=2, released_on=ago(800))
    owner(connection, "A", mills[2], twin)
    assert offers(connection) == [("A", "mill-3")]


def test_products_outside_any_line(connection: sa.Connection, mills: dict[int, int]) -> None:
    lone = b.product(connection, "soap", released_on=ago(900))
    ana = owner(connection, "A", lone)
    b.order(connection, "O-2", ana, placed_on=ago(500), lines=["a thing not in the catalogue"])
    assert offers(connection) == []
