"""Where can a night be played so that nothing of it stays? In a copy of the database that is thrown away."""

import sqlite3
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from outreach.store.engine import migrate, now, open_engine, reading, writing
from outreach.store.schema import (
    attempts,
    candidates,
    contact_ledger,
    contents,
    decisions,
    outbox,
    run_campaigns,
    runs,
    told,
)
from outreach.store.types import metadata

#: Schemas of copies on PostgreSQL: scratch_SECONDS_RANDOM, so that a left-over one tells its age.
_PREFIX = "scratch_"
_DAY = 86_400


@contextmanager
def copy(engine: sa.Engine) -> Iterator[sa.Engine]:
    """An engine over a copy: a file beside nothing on SQLite, a schema of its own on PostgreSQL. Gone at the end."""
    if engine.dialect.name == "sqlite":
        with (
            tempfile.TemporaryDirectory(prefix="outreach-scratch-") as folder,
            _sqlite(engine, Path(folder)) as scratch,
        ):
            yield scratch
    else:
        with _postgresql(engine) as scratch:
            yield scratch


@contextmanager
def _sqlite(engine: sa.Engine, folder: Path) -> Iterator[sa.Engine]:
    path = folder / "scratch.db"
    with reading(engine) as c:
        raw = c.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        target = sqlite3.connect(path)
        raw.backup(target)
        target.close()
    scratch = open_engine(f"sqlite:///{path}")
    try:
        yield scratch
    finally:
        scratch.dispose()


@contextmanager
def _postgresql(engine: sa.Engine) -> Iterator[sa.Engine]:
    """The tables made anew in a schema of their own, filled by INSERT ... SELECT on the server."""
    with writing(engine) as c:
        moment = int(now(c).timestamp())
        _sweep(c, moment - _DAY)
        name = f"{_PREFIX}{moment}_{uuid.uuid4().hex[:8]}"
        home = c.execute(sa.select(sa.func.current_schema())).scalar_one()
        c.execute(sa.schema.CreateSchema(name))
    scratch = open_engine(engine.url.render_as_string(hide_password=False))
    event.listen(scratch, "connect", lambda raw, _: _look_in(raw, name))
    try:
        migrate(scratch)
        with writing(scratch) as c:
            for table in metadata.sorted_tables:
                _fill(c, table, home)
        yield scratch
    finally:
        scratch.dispose()
        with writing(engine) as c:
            c.execute(sa.schema.DropSchema(name, cascade=True))


def _sweep(c: sa.Connection, before: int) -> None:
    """Copies a killed program left behind, a day old or more."""
    names = c.execute(sa.text("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'scratch\\_%'")).scalars().all()
    for name in names:
        made = name.removeprefix(_PREFIX).partition("_")[0]
        if made.isdigit() and int(made) < before:
            c.execute(sa.schema.DropSchema(name, cascade=True))


def _look_in(raw: Any, name: str) -> None:
    """Outside any transaction: a SET that is rolled back is forgotten."""
    raw.autocommit = True
    raw.execute(f'SET search_path TO "{name}"')
    raw.autocommit = False


def _fill(c: sa.Connection, table: sa.Table, home: str) -> None:
    source = sa.Table(table.name, sa.MetaData(), *(sa.Column(k.name, k.type) for k in table.columns), schema=home)
    c.execute(sa.insert(table).from_select([k.name for k in source.columns], sa.select(source)))
    key = table.primary_key.columns.values()
    if [k.name for k in key] == ["id"]:
        last = sa.select(sa.func.coalesce(sa.func.max(table.c.id), 0) + 1).scalar_subquery()
        c.execute(sa.select(sa.func.setval(sa.func.pg_get_serial_sequence(table.name, "id"), last, False)))


def empty(c: sa.Connection) -> None:
    """Forget every night, as before the first one: records, consent, wishes and levers stay. Children first."""
    for table in (attempts, contents, contact_ledger, told, outbox, decisions, candidates, run_campaigns, runs):
        c.execute(sa.delete(table))


def forget_after(c: sa.Connection, night: date) -> None:
    """Forget the nights after this one: an as-of night never sees a later fact (settled 2)."""
    later = sa.select(runs.c.id).where(runs.c.business_date > night)
    messages = sa.select(outbox.c.id).where(outbox.c.run_id.in_(later))
    for table in (attempts, contents, contact_ledger, told):
        c.execute(sa.delete(table).where(table.c.outbox_id.in_(messages)))
    for table in (outbox, decisions, candidates, run_campaigns):
        c.execute(sa.delete(table).where(table.c.run_id.in_(later)))
    c.execute(sa.delete(runs).where(runs.c.business_date > night))
