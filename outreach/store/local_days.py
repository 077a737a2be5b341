"""On which day of the shop's zone did it happen, now that the shop names another zone?"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from outreach.store.intake_orders import complete_orders
from outreach.store.shop import orders, promises

_PAIRS = (("placed_at", "placed_on"), ("shipped_at", "shipped_on"), ("delivered_at", "delivered_on"))
_CHUNK = 5_000


def recompute_days(connection: sa.Connection, zone: ZoneInfo) -> int:
    """Give every order's days that come from an instant the day that instant has in `zone`. Returns orders changed.

    In chunks by key, because only the zone's own rules know which day an instant falls on. Days that were recorded
    as days, and a first promise without a time, stay: they are what was written.
    """
    changed = 0
    for rows in _in_chunks(connection):
        moved = [new for row in rows if (new := _moved(row, zone))]
        if moved:
            _write(connection, moved)
            complete_orders(connection, [row["b_id"] for row in moved])
        changed += len(moved)
    return changed


def _in_chunks(connection: sa.Connection) -> Iterator[Sequence[Any]]:
    after = 0
    c = orders.c
    columns = [c.id, c.promised_on, c.due_on, promises.c.promised_at, *(c[name] for pair in _PAIRS for name in pair)]
    asked = sa.select(*columns).outerjoin_from(orders, promises, promises.c.order_id == c.id).order_by(c.id)
    while rows := connection.execute(asked.where(c.id > after).limit(_CHUNK)).all():
        yield rows
        after = rows[-1].id


def _moved(row: Any, zone: ZoneInfo) -> dict[str, Any] | None:
    """The row's right days, when any differs from what is stored."""
    new: dict[str, Any] = {"b_id": row.id}
    for at, on in _PAIRS:
        new[f"b_{on}"] = _day(getattr(row, at), zone, getattr(row, on))
    promised = _day(row.promised_at, zone, row.promised_on)
    new["b_promised_on"] = promised
    new["b_due_on"] = promised if row.due_on == row.promised_on else row.due_on
    same = all(new[f"b_{name}"] == getattr(row, name) for name in (*(on for _, on in _PAIRS), "promised_on", "due_on"))
    return None if same else new


def _day(at: datetime | None, zone: ZoneInfo, otherwise: date | None) -> date | None:
    return otherwise if at is None else at.astimezone(UTC).astimezone(zone).date()


def _write(connection: sa.Connection, rows: Sequence[dict[str, Any]]) -> None:
    names = [on for _, on in _PAIRS] + ["promised_on", "due_on"]
    values: dict[str, Any] = {name: sa.bindparam(f"b_{name}") for name in names}
    connection.execute(sa.update(orders).where(orders.c.id == sa.bindparam("b_id")).values(values), list(rows))
    promised = [{"b_id": row["b_id"], "b_promised_on": row["b_promised_on"]} for row in rows if row["b_promised_on"]]
    if promised:
        statement = sa.update(promises).where(promises.c.order_id == sa.bindparam("b_id"))
        connection.execute(statement.values(promised_on=sa.bindparam("b_promised_on")), promised)
