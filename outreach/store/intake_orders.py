"""How do orders go in, so that the first promise stands and an order is complete when its last line arrived?"""

from collections.abc import Collection, Sequence
from datetime import date, datetime

import sqlalchemy as sa

from outreach.store.among import among
from outreach.store.bulk import pour
from outreach.store.engine import dialect_insert, insert_new
from outreach.store.intake import Row, Sorted, ids_by_key, sort, stored_by_key
from outreach.store.shop import order_lines, orders, promises


def sort_orders(connection: sa.Connection, rows: Sequence[Row]) -> Sorted:
    """What is new or changed, with what was promised before."""
    stored = stored_by_key(connection, orders, [row["key"] for row in rows], "promised_on", "due_on", "new_date")
    return sort(rows, stored)


def put_orders(connection: sa.Connection, rows: Sequence[Row]) -> None:
    """Write new and changed orders. A promise that is there is never overwritten, whoever writes."""
    if not rows:
        return
    insert = dialect_insert(connection, orders)
    changing = {name: insert.excluded[name] for name in rows[0] if name != "key"}
    if "promised_on" in changing:
        changing["promised_on"] = sa.func.coalesce(orders.c.promised_on, insert.excluded.promised_on)
    statement = insert.on_conflict_do_update(
        index_elements=["key"],
        set_=changing,
        where=orders.c.record_sha != insert.excluded.record_sha,
    )
    pour(connection, statement, rows)


def put_plain_promises(connection: sa.Connection, keys: Collection[str], *, source: str) -> None:
    """Remember the first promise of new orders, a day without an hour, made when it was placed. One statement."""
    if not keys:
        return
    c = orders.c
    told = sa.select(c.id, c.promised_on, c.placed_on, sa.literal(source)).where(among(c.key, keys))
    into = ["order_id", "promised_on", "made_on", "source"]
    connection.execute(insert_new(connection, promises).from_select(into, told.where(c.promised_on.is_not(None))))


def put_promises(
    connection: sa.Connection, told: Sequence[tuple[str, date, datetime | None, date]], *, source: str
) -> None:
    """Remember first promises (order key, day, instant, day it was made); one that is there stays."""
    if not told:
        return
    ids = ids_by_key(connection, orders, [key for key, *_ in told])
    rows = [
        {"order_id": ids[key], "promised_on": on, "promised_at": at, "made_on": made_on, "source": source}
        for key, on, at, made_on in told
    ]
    connection.execute(insert_new(connection, promises), rows)


def complete_orders(connection: sa.Connection, ids: Collection[int]) -> None:
    """Set complete_on of these orders: the day the last line arrived, each by its own day or else the order's.

    NULL while any line is out; an order without lines counts by its own day (settled 4).
    One statement; the lines by their unique (order_id, number).
    """
    if not ids:
        return
    arrived = sa.func.coalesce(order_lines.c.delivered_on, orders.c.delivered_on)
    of_order = order_lines.c.order_id == orders.c.id
    last = sa.select(sa.func.max(arrived)).where(of_order).correlate(orders).scalar_subquery()
    out = sa.exists().where(of_order, arrived.is_(None)).correlate(orders)
    right = sa.case((out, sa.null()), else_=sa.func.coalesce(last, orders.c.delivered_on))
    connection.execute(
        sa.update(orders)
        .where(among(orders.c.id, ids), orders.c.complete_on.is_distinct_from(right))
        .values(complete_on=right)
    )
