"""Do rows that go in by the thousand arrive as those that go in one by one: every type, a taken key, a late change?"""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
import sqlalchemy as sa

from outreach.store.among import among
from outreach.store.bulk import amend, json_text, pour, put, take_ids
from outreach.store.engine import dialect_insert
from outreach.store.schema import audits, template_revisions
from outreach.store.shop import products
from outreach.store.types import Facts

AT = datetime(2026, 3, 15, 2, 30, 0, 123456, tzinfo=UTC)
#: What hides in a text: quotes, marks of a statement and of COPY, line ends, letters beyond ASCII.
HOSTILE = 'it\'s "50%" ? :x %s \\N \\. tab\t end\r\nnext 𐐷 ç {}'


def test_every_value_comes_back(connection: sa.Connection) -> None:
    east = timezone(timedelta(hours=5, minutes=30))
    rows = [
        ("K-1", HOSTILE, date(2020, 2, 29), True, [HOSTILE, "ß"], 2**62),
        ("K-2", "x", None, None, None, None),
        ("K-3", "", date(1, 1, 1), False, [], 0),
    ]
    columns = ("key", "name", "released_on", "in_stock", "what_changed", "price_minor")
    put(connection, products, columns=columns, rows=rows, same={"currency": HOSTILE, "generation": 7})
    wanted = [products.c[name] for name in (*columns, "currency", "generation")]
    found = connection.execute(sa.select(*wanted).order_by(products.c.key)).all()
    assert [tuple(row) for row in found] == [(*row, HOSTILE, 7) for row in rows]
    said = {"actor": "mara", "action": "x", "about": HOSTILE}
    put(connection, audits, columns=("at", "detail"), rows=[(AT.astimezone(east), {"a": HOSTILE})], same=said)
    [row] = connection.execute(sa.select(audits))
    assert (row.at, row.detail, row.about) == (AT, {"a": HOSTILE}, HOSTILE)


def test_a_naive_time_is_refused(connection: sa.Connection) -> None:
    rows = [(datetime(2026, 3, 15), {})]
    with pytest.raises(ValueError, match="naive"):
        put(connection, audits, columns=("at", "detail"), rows=rows, same={"actor": "a", "action": "b", "about": "c"})


def test_a_taken_key_is_left_alone(connection: sa.Connection) -> None:
    for name in ("first", "second"):
        rows = [("K-1", name), (f"K-{name}", name)]
        put(connection, products, columns=("key", "name"), rows=rows, same={})
    put(connection, products, columns=("key", "name"), rows=[], same={})
    found = connection.execute(sa.select(products.c.key, products.c.name).order_by(products.c.key)).all()
    assert [tuple(row) for row in found] == [("K-1", "first"), ("K-first", "first"), ("K-second", "second")]


def _renew(connection: sa.Connection, *rows: dict[str, Any]) -> None:
    """As an import does it: new rows go in, a changed one is written over, a currency that is there stays."""
    insert = dialect_insert(connection, products)
    new = insert.excluded
    changing = {
        "name": new.name,
        "released_on": new.released_on,
        "currency": sa.func.coalesce(products.c.currency, new.currency),
    }
    changed = products.c.record_sha != new.record_sha
    pour(connection, insert.on_conflict_do_update(index_elements=["key"], set_=changing, where=changed), rows)


def test_poured_rows_do_what_the_statement_says_of_a_taken_key(connection: sa.Connection) -> None:
    names = ("name", "key", "currency", "in_stock", "released_on", "record_sha")  # not as the table has them
    day = date(2026, 3, 15)
    made = [
        (HOSTILE, "K-2", "GBP", True, day, "a"),
        ("as it was", "K-1", None, False, None, "b"),
        ("", "K-3", "EUR", None, None, "c"),
    ]
    _renew(connection, *(dict(zip(names, row, strict=True)) for row in made))
    again = [("unchanged", "K-1", "USD", True, day, "b"), ("new", "K-3", "USD", True, day, "d")]
    _renew(connection, *(dict(zip(names, row, strict=True)) for row in again))
    _renew(connection)
    wanted = [products.c[name] for name in names[:5]]
    found = [tuple(row) for row in connection.execute(sa.select(*wanted).order_by(products.c.id))]
    renewed = ("new", "K-3", "EUR", None, day)
    assert found == [made[0][:5], made[1][:5], renewed], "in the order they came in, each by what the statement says"


def test_keys_of_any_letters_are_found(connection: sa.Connection) -> None:
    keys = ["K-1", HOSTILE, '"', "\\", "{a,b}", "NULL", "", "a, b", "\x01", "ß𐐷"]
    ids = take_ids(connection, products, len(keys))
    put(
        connection,
        products,
        columns=("id", "key", "name"),
        rows=[(i, k, "x") for i, k in zip(ids, keys, strict=True)],
        same={},
    )
    put(connection, products, columns=("key", "name"), rows=[("K", "another"), ("a", "b")], same={})
    for some in (keys, keys[:1], keys[2:4], []):
        found = connection.execute(sa.select(products.c.key).where(among(products.c.key, some))).scalars()
        assert sorted(found) == sorted(some)
    found = connection.execute(sa.select(products.c.id).where(among(products.c.id, set(ids[3:])))).scalars()
    assert sorted(found) == ids[3:]


def test_only_rows_that_still_say_so_are_amended(connection: sa.Connection) -> None:
    rows = [("K-1", "a", "GBP"), ("K-2", "b", "GBP"), ("K-3", "c", "EUR")]
    put(connection, products, columns=("key", "name", "currency"), rows=rows, same={})
    changes = [("K-1", "x", 5), ("K-2", None, 6), ("K-3", "z", 7)]
    amend(connection, products, columns=("key", "name", "price_minor"), rows=changes, only={"currency": "GBP"})
    amend(connection, products, columns=("key", "name"), rows=[], only={})
    columns = (products.c.name, products.c.price_minor)
    found = connection.execute(sa.select(*columns).order_by(products.c.key)).all()
    assert [tuple(row) for row in found] == [("x", 5), ("b", 6), ("c", None)]


def test_bytes(connection: sa.Connection) -> None:
    every = bytes(range(256))
    said = {"campaign": "c", "channel": "email", "language": "en", "file": "f", "source": "s", "first_used_at": AT}
    put(connection, template_revisions, columns=("revision", "skeleton"), rows=[("r", every)], same=said)
    assert connection.execute(sa.select(template_revisions.c.skeleton)).scalar_one() == every


def test_ids_rise_and_are_nobody_elses(connection: sa.Connection) -> None:
    first = take_ids(connection, products, 3)
    assert first == sorted(set(first))
    put(connection, products, columns=("id", "key", "name"), rows=[(i, f"K-{i}", "x") for i in first], same={})
    later = connection.execute(sa.insert(products).values(key="K", name="x").returning(products.c.id)).scalar_one()
    assert later > first[-1]
    assert min(take_ids(connection, products, 2)) > later
    assert take_ids(connection, products, 0) == []


def test_facts_are_stored_in_the_words_they_came_in() -> None:
    facts = Facts('{"a":  1, "b": [null]}')
    assert json_text(facts) == facts.text
    assert (facts.get("a"), facts.get("c"), facts.get("c", 4), dict(facts)) == (1, None, 4, {"a": 1, "b": [None]})
    assert (facts == {"a": 1, "b": [None]}, len(facts), "b" in facts, "c" in facts) == (True, 2, True, False)
    assert [json_text(value) for value in (['"'], ["a", "b"], [1], {})] == ['["\\""]', '["a","b"]', "[1]", "{}"]


@pytest.mark.parametrize("text", ['{"a":  1, "b": [null]}', "{}", ' {"ü": "}"} ', '{"offer": 1, "a": 2}'])
def test_facts_with_one_part_more(text: str) -> None:
    price = {"price": {"minor": 100, "currency": "EUR"}}
    made = Facts(text).text_with("offer", price)
    assert json.loads(made) == {**json.loads(text), "offer": price}
    assert made.count('"offer"') == 1
