"""How is the database opened, brought up to date, and how does a transaction begin and end?"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event
from sqlalchemy.dialects.postgresql import insert as _pg_insert
from sqlalchemy.dialects.sqlite import insert as _sqlite_insert
from sqlalchemy.exc import DatabaseError, OperationalError

from outreach.core.errors import Busy, Misuse
from outreach.store.types import Utc

_MIGRATION_LOCK = 823_547
_BUSY_MS = 30_000
#: How soon a writer looks again whether the one before it is done, in seconds; and how soon once it has waited long:
#: behind an import, and not behind a send.
_SOON, _LATER, _LONG = 0.0005, 0.005, 0.05
#: The part of an SQLite error code that names its kind.
_PRIMARY = 0xFF
#: A night's chunk fits into the cache, and leaves it in half as many pages (of a new database; others keep theirs).
#: The log is copied into the file after four times the usual pages: what each chunk writes is copied less often.
_SQLITE = (
    "page_size=8192",
    "journal_mode=WAL",
    "synchronous=NORMAL",
    "foreign_keys=ON",
    "cache_size=-8000",
    "wal_autocheckpoint=4000",
)
#: Instants in UTC; a commit waits for the disk; plans are made for the tables as they are, not as they were when empty.
#: A row found by its key costs what it costs on a solid-state disk: by the usual 4, five hundred of a million customers
#: are found by reading them all.
#: A process that was stopped in the middle of a transaction keeps nobody waiting, an opt-out least of all, for longer
#: than SQLite would.
_POSTGRESQL = (
    "-c timezone=UTC -c synchronous_commit=on -c plan_cache_mode=force_custom_plan"
    " -c random_page_cost=1.1"
    f" -c idle_in_transaction_session_timeout={_BUSY_MS}"
)


def open_engine(url: str) -> sa.Engine:
    """An engine for SQLite (file) or PostgreSQL (psycopg 3), sessions in UTC. Its errors quote no values.

    Raises Misuse (OUT-605) for an address that is neither.
    """
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        raise Misuse("OUT-605", "OUTREACH_DATABASE_URL is not a database address") from None
    backend = parsed.get_backend_name()
    if backend == "postgresql":
        said = {"connect_timeout": "10", "options": _POSTGRESQL}
        return sa.create_engine(
            parsed, pool_pre_ping=True, pool_size=5, max_overflow=10, connect_args=said, hide_parameters=True
        )
    if backend != "sqlite":
        help_text = "use sqlite:///PATH or postgresql://USER@HOST/NAME"
        raise Misuse("OUT-605", f"{backend} is not a database we run on", help=help_text)
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(parsed, connect_args={"timeout": _BUSY_MS / 1000}, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in (*_SQLITE, f"busy_timeout={_BUSY_MS}"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    """Writers take the lock at once: a deferred BEGIN ends in "database is locked" (architecture, traps)."""
    if connection.get_execution_options().get("reading", False):
        connection.exec_driver_sql("BEGIN")
    else:
        _take_turn(connection, connection.connection.driver_connection)


def _take_turn(connection: sa.Connection, raw: Any) -> None:
    """BEGIN IMMEDIATE as soon as the writer before us is done, within the connection's busy_timeout.

    SQLite itself looks again after 1, 2, 5, 10 and more milliseconds: of a send by two workers a tenth went by with
    nobody writing, and an opt-out waited longer than for the transaction before it.
    """
    [patience] = raw.execute("PRAGMA busy_timeout").fetchone()
    since = monotonic()
    raw.execute("PRAGMA busy_timeout=0")
    try:
        while (waited := monotonic() - since) < patience / 1000:
            try:
                raw.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.DatabaseError as error:
                if error.sqlite_errorcode & _PRIMARY != sqlite3.SQLITE_BUSY:
                    break
            sleep(_SOON if waited < _LONG else _LATER)
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # once more: it says why not as SQLAlchemy does
    finally:
        raw.execute(f"PRAGMA busy_timeout={patience}")


@contextmanager
def writing(engine: sa.Engine, *, durable: bool = False) -> Iterator[sa.Connection]:
    """One transaction: commits at the end, rolls back on any error.

    `durable` waits for the disk (opt-outs): SQLite synchronous=FULL; PostgreSQL commits synchronously anyway.
    """
    with (
        said_plainly(),
        engine.connect() as connection,
        _synced(connection) if durable else nullcontext(),
        connection.begin(),
    ):
        yield connection


@contextmanager
def _synced(connection: sa.Connection) -> Iterator[None]:
    """SQLite waits for the disk while this holds. Said on the driver itself: it may not be said in a transaction."""
    if connection.dialect.name != "sqlite":
        yield
        return
    raw: Any = connection.connection.driver_connection
    raw.execute("PRAGMA synchronous=FULL")
    try:
        yield
    finally:
        raw.execute("PRAGMA synchronous=NORMAL")


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A consistent look that takes no write lock and changes nothing."""
    with said_plainly(), engine.connect() as connection, connection.execution_options(reading=True).begin():
        yield connection


@contextmanager
def said_plainly() -> Iterator[None]:
    """Raises Busy (OUT-302) for a database that does not answer, Misuse (OUT-605) for one that cannot be read."""
    try:
        yield
    except OperationalError as error:
        said = " ".join(str(error.orig).split())
        raise Busy("OUT-302", f"the database does not answer: {said}", help="outreach doctor") from error
    except DatabaseError as error:
        if error.connection_invalidated:  # the server ended our session: it was idle in a transaction for too long
            raise Busy("OUT-302", "the database ended our session", help="outreach doctor") from error
        if type(error) is not DatabaseError:  # a subclass is a fault of ours
            raise
        help_text = "restore it from a backup, or name another in OUTREACH_DATABASE_URL"
        raise Misuse("OUT-605", f"the database cannot be read: {error.orig}", help=help_text) from error


def migrate(engine: sa.Engine) -> None:
    """Bring the schema up to date. Safe from several processes at once; a few milliseconds when nothing is due."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
        heads = set(ScriptDirectory.from_config(config).get_heads())
        current = set(MigrationContext.configure(connection).get_current_heads())
        if current == heads:
            return
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def now(connection: sa.Connection, offset: timedelta = timedelta()) -> datetime:
    """The one clock: the database's, moved by a run's offset (which only outbox mode may set; settled 1)."""
    if connection.dialect.name == "sqlite":
        text = connection.exec_driver_sql("SELECT strftime('%Y-%m-%d %H:%M:%f+00:00', 'now')").scalar_one()
        return datetime.fromisoformat(text) + offset
    moment = connection.execute(sa.select(sa.type_coerce(sa.func.clock_timestamp(), Utc()))).scalar_one()
    assert isinstance(moment, datetime)
    return moment + offset


def insert_new(connection: sa.Connection, table: sa.Table) -> Any:
    """An INSERT that leaves rows with a taken key alone; `.returning()` tells which went in."""
    return dialect_insert(connection, table).on_conflict_do_nothing()


def dialect_insert(connection: sa.Connection, table: sa.Table) -> Any:
    """The dialect's own INSERT, for on_conflict_do_nothing / on_conflict_do_update."""
    if connection.dialect.name == "postgresql":
        return _pg_insert(table)
    return _sqlite_insert(table)


@contextmanager
def session_lock(engine: sa.Engine, key: int) -> Iterator[bool]:
    """PostgreSQL's advisory lock for as long as the block runs, freed by death; always free on SQLite (one machine)."""
    if engine.dialect.name != "postgresql":
        yield True
        return
    with said_plainly(), engine.connect() as connection:
        got = bool(connection.execute(sa.select(sa.func.pg_try_advisory_lock(key))).scalar_one())
        connection.commit()  # the lock belongs to the session, not to a transaction left open all night
        try:
            yield got
        finally:
            if got:
                connection.execute(sa.select(sa.func.pg_advisory_unlock(key)))
