"""How do order lines go in, each under its order and its number?"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

import sqlalchemy as sa

from outreach.store.among import among
from outreach.store.bulk import pour
from outreach.store.engine import dialect_insert
from outreach.store.intake import Row
from outreach.store.shop import order_lines


class LinesSorted(NamedTuple):
    """A batch of lines against what is stored."""

    new: int
    changed: int
    unchanged: int
    write: list[Row]


def sort_lines(connection: sa.Connection, rows: Sequence[Row]) -> LinesSorted:
    """What is new or changed. One statement, by the unique (order_id, number)."""
    stored = _stored(connection, {row["order_id"] for row in rows})
    keyed = [((row["order_id"], row["number"]), row) for row in rows]
    new = [row for key, row in keyed if key not in stored]
    changed = [row for key, row in keyed if key in stored and stored[key] != row["record_sha"]]
    return LinesSorted(len(new), len(changed), len(rows) - len(new) - len(changed), new + changed)


def _stored(connection: sa.Connection, order_ids: Collection[int]) -> dict[tuple[int, str], str]:
    c = order_lines.c
    asked = sa.select(c.order_id, c.number, c.record_sha).where(among(c.order_id, order_ids))
    return {(order_id, number): sha for order_id, number, sha in connection.execute(asked)}


def put_lines(connection: sa.Connection, rows: Sequence[Row]) -> None:
    """Write new and changed lines; columns the rows do not name stay as they are."""
    if not rows:
        return
    insert = dialect_insert(connection, order_lines)
    changing = {name: insert.excluded[name] for name in rows[0] if name not in {"order_id", "number"}}
    statement = insert.on_conflict_do_update(
        index_elements=["order_id", "number"],
        set_=changing,
        where=order_lines.c.record_sha != insert.excluded.record_sha,
    )
    pour(connection, statement, rows)
