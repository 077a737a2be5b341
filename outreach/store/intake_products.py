"""How do products, their prices over time, and their lines and generations go in?"""

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa

from outreach.core.lineage import lineage
from outreach.store.engine import dialect_insert
from outreach.store.intake import Row, Sorted, ids_by_key, sort, stored_by_key, upsert
from outreach.store.shop import product_prices, products


def sort_products(connection: sa.Connection, rows: Sequence[Row]) -> Sorted:
    """What is new or changed, with the stored price of each."""
    stored = stored_by_key(connection, products, [row["key"] for row in rows], "price_minor", "currency")
    return sort(rows, stored)


def put_products(connection: sa.Connection, found: Sorted, *, on: date) -> None:
    """Write new and changed products; a price that differs from the stored one begins on `on` (the shop's day)."""
    upsert(connection, products, found.write)
    priced = [row for row in found.write if row.get("price_minor") is not None and _is_new_price(row, found)]
    if not priced:
        return
    ids = ids_by_key(connection, products, [row["key"] for row in priced])
    insert = dialect_insert(connection, product_prices)
    c, new = product_prices.c, insert.excluded
    # Two prices on one day: the lower one stays, because a struck price may only be the lowest (product, belief 5).
    kept_lower = (c.currency == new.currency) & (c.price_minor < new.price_minor)
    statement = insert.on_conflict_do_update(
        index_elements=["product_id", "since_on"],
        set_={"price_minor": sa.case((kept_lower, c.price_minor), else_=new.price_minor), "currency": new.currency},
    )
    connection.execute(
        statement,
        [
            {
                "product_id": ids[row["key"]],
                "since_on": on,
                "price_minor": row["price_minor"],
                "currency": row["currency"],
            }
            for row in priced
        ],
    )


def _is_new_price(row: Row, found: Sorted) -> bool:
    before = found.stored.get(row["key"])
    return before is None or (before.price_minor, before.currency) != (row["price_minor"], row["currency"])


def successors(connection: sa.Connection) -> dict[str, str | None]:
    """key -> successor's key of the whole catalogue."""
    rows = connection.execute(sa.select(products.c.key, products.c.successor_key)).all()
    return {row.key: row.successor_key for row in rows}


def renumber_lines(connection: sa.Connection) -> int:
    """Bring line and generation of the whole catalogue in step with the successors. Returns the rows changed.

    The catalogue is read once; rings were refused before they came in.
    """
    c = products.c
    rows = connection.execute(sa.select(c.id, c.key, c.successor_key, c.line, c.generation)).all()
    right = lineage({row.key: row.successor_key for row in rows})
    wrong = [
        {"b_id": row.id, "b_line": right[row.key][0], "b_generation": right[row.key][1]}
        for row in rows
        if (row.line, row.generation) != right[row.key]
    ]
    if wrong:
        statement = sa.update(products).where(c.id == sa.bindparam("b_id"))
        connection.execute(
            statement.values(line=sa.bindparam("b_line"), generation=sa.bindparam("b_generation")), wrong
        )
    return len(wrong)
