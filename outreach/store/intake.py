"""How do whole batches of records go into a shop table so that the same batch twice changes nothing?"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from outreach.store.among import among
from outreach.store.engine import dialect_insert
from outreach.store.schema import installation, watermarks

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sorted:
    """A batch against what is stored: `write` holds the new and the changed rows. `stored`: key -> the old row."""

    new: int
    changed: int
    unchanged: int
    write: list[Row]
    stored: dict[str, Any] = field(default_factory=dict)


def stored_by_key(connection: sa.Connection, table: sa.Table, keys: Collection[str], *columns: str) -> dict[str, Any]:
    """key -> row (id, key, record_sha and `columns`) of those that are there. One statement, by the unique key."""
    wanted = [table.c[name] for name in ("id", "key", "record_sha", *columns)]
    rows = connection.execute(sa.select(*wanted).where(among(table.c.key, keys))).all()
    return {row.key: row for row in rows}


def ids_by_key(connection: sa.Connection, table: sa.Table, keys: Collection[str]) -> dict[str, int]:
    """key -> id of those that are there."""
    rows = connection.execute(sa.select(table.c.key, table.c.id).where(among(table.c.key, keys))).all()
    return {row.key: row.id for row in rows}


def sort(rows: Sequence[Row], stored: dict[str, Any]) -> Sorted:
    """Which of these rows are new, changed, or as they were (by record_sha)."""
    new = [row for row in rows if row["key"] not in stored]
    changed = [row for row in rows if row["key"] in stored and stored[row["key"]].record_sha != row["record_sha"]]
    return Sorted(len(new), len(changed), len(rows) - len(new) - len(changed), new + changed, stored)


def upsert(connection: sa.Connection, table: sa.Table, rows: Sequence[Row], *, key: Sequence[str] = ("key",)) -> None:
    """Insert or update by `key`; columns the rows do not name stay as they are. One prepared statement for all rows."""
    if not rows:
        return
    insert = dialect_insert(connection, table)
    changing = {name: insert.excluded[name] for name in rows[0] if name not in key}
    statement = insert.on_conflict_do_update(
        index_elements=list(key),
        set_=changing,
        where=table.c.record_sha != insert.excluded.record_sha,
    )
    connection.execute(statement, list(rows))


def prepare_bulk(connection: sa.Connection) -> None:
    """Room for the indexes of a big table: with SQLite's usual 2 MB most pages are written again and again.

    48 MB until the connection is closed; PostgreSQL has its own shared memory.
    """
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA cache_size=-48000")


def chunks(values: Collection[Any], size: int = 5_000) -> Iterator[list[Any]]:
    """Pieces small enough for one IN list on both databases."""
    listed = list(values)
    for start in range(0, len(listed), size):
        yield listed[start : start + size]


def watermarks_by_source(connection: sa.Connection) -> dict[str, str]:
    """source -> how far it was read."""
    rows = connection.execute(sa.select(watermarks.c.source, watermarks.c.value)).all()
    return {row.source: row.value for row in rows}


def set_watermark(connection: sa.Connection, source: str, value: str, read_at: Any) -> None:
    """Remember how far this source was read."""
    insert = dialect_insert(connection, watermarks).values(source=source, value=value, read_at=read_at)
    connection.execute(
        insert.on_conflict_do_update(
            index_elements=["source"],
            set_={"value": insert.excluded.value, "read_at": insert.excluded.read_at},
        )
    )


def stored_zone(connection: sa.Connection) -> str | None:
    """The zone this database's days were computed in; None before the first import."""
    found: str | None = connection.execute(
        sa.select(installation.c.value).where(installation.c.name == "zone")
    ).scalar_one_or_none()
    return found


def set_zone(connection: sa.Connection, zone: str) -> None:
    """Remember the zone of the days in this database."""
    insert = dialect_insert(connection, installation).values(name="zone", value=zone)
    connection.execute(insert.on_conflict_do_update(index_elements=["name"], set_={"value": insert.excluded.value}))
