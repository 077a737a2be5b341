"""Which worker processes are there, and when was each last seen?

A row says that a process lives, for people to look at; nothing is decided by it (leases decide).
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from outreach.store.engine import dialect_insert
from outreach.store.types import Utc, metadata

workers = sa.Table(
    "worker",
    metadata,
    sa.Column("owner", sa.Text, primary_key=True),  # host:pid, and the moment it started
    sa.Column("mode", sa.Text, nullable=False),
    sa.Column("channels", sa.Text, nullable=False),  # comma-separated
    sa.Column("started_at", Utc, nullable=False),
    sa.Column("seen_at", Utc, nullable=False),
)


def seen(c: sa.Connection, owner: str, *, mode: str, channels: str, at: datetime) -> None:
    """This process lives, by the database's clock."""
    row = {"owner": owner, "mode": mode, "channels": channels, "started_at": at, "seen_at": at}
    insert = dialect_insert(c, workers).values(row)
    c.execute(insert.on_conflict_do_update(index_elements=["owner"], set_={"seen_at": at}))


def left(c: sa.Connection, owner: str) -> None:
    """It ended as it should."""
    c.execute(sa.delete(workers).where(workers.c.owner == owner))


def every(c: sa.Connection, mode: str) -> list[Any]:
    """The processes of a mode, last seen first."""
    return list(c.execute(sa.select(workers).where(workers.c.mode == mode).order_by(workers.c.seen_at.desc())))


def forget(c: sa.Connection, before: datetime) -> int:
    """Those that died without a word before a moment."""
    return c.execute(sa.delete(workers).where(workers.c.seen_at < before)).rowcount
