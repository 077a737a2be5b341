"""How are records read from the shop's own database, and only what is new since the last time?"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from outreach.core.errors import Busy, Misuse
from outreach.records.choosing import in_order, missing_columns
from outreach.records.fields import RecordKind
from outreach.records.guessing import guess_as
from outreach.records.mapping import FILE, SqlSettings, read_mappings
from outreach.records.table import Row, Source

_AT_A_TIME = 2_000


class SqlTable:
    """The rows of one query. `mark`: the highest watermark seen by the last full reading, as text; None: none."""

    delimiter = ","

    def __init__(self, engine: sa.Engine, kind: RecordKind, settings: SqlSettings, since: str | int) -> None:
        self.name = f"sql:{kind.value}"
        self._engine = engine
        self._query = settings.queries[kind]
        self._since = since
        self._watermark = settings.watermark if ":since" in self._query else None
        self.mark: str | None = None
        with self._answer() as result:
            self.header: tuple[str, ...] = tuple(result.keys())
        if self._watermark is not None and self._watermark not in self.header:
            raise Misuse(
                "OUT-207",
                f'the query for {kind.value} has no column "{self._watermark}", which is its watermark',
                facts=(f"it has: {', '.join(self.header)}",),
                help=f"select it too, in {FILE}, sql.queries.{kind.value}",
            )

    def rows(self) -> Iterator[Row]:
        """Every row of the query from the start, as text. Raises Misuse (OUT-207) or Busy (OUT-211)."""
        at = self.header.index(self._watermark) if self._watermark else None
        highest: Any = None
        with self._answer() as result:
            for number, values in enumerate(result, 1):
                if at is not None and values[at] is not None and (highest is None or values[at] > highest):
                    highest = values[at]
                yield Row(number, [as_text(value) for value in values])
        self.mark = as_text(highest) if highest is not None else None

    def _answer(self) -> "_Answer":
        return _Answer(self._engine, self.name, self._query, self._since)


class _Answer:
    """An open query; its faults said without the address of the database."""

    def __init__(self, engine: sa.Engine, name: str, query: str, since: str | int) -> None:
        self._engine, self._name, self._query, self._since = engine, name, query, since
        self._connection: sa.Connection | None = None

    def __enter__(self) -> sa.CursorResult[Any]:
        try:
            self._connection = self._engine.connect().execution_options(stream_results=True, yield_per=_AT_A_TIME)
        except sa.exc.OperationalError as error:
            raise Busy("OUT-211", f"the shop's database does not answer ({self._name})") from error
        statement = sa.text(self._query)
        values = {"since": self._since} if ":since" in self._query else {}
        try:
            return self._connection.execute(statement, values)
        except sa.exc.DBAPIError as error:
            self._connection.close()
            said = " ".join(str(error.orig).split())
            raise Misuse("OUT-207", f"{self._name} cannot be asked: {said}", help=f"mend the query in {FILE}") from None

    def __exit__(self, *_: object) -> None:
        if self._connection is not None:
            self._connection.close()


def sql_sources(
    project: Path, environment: Mapping[str, str], marks: Mapping[str, str], *, since: str | None = None
) -> list[Source]:
    """One source per query of config/records.yaml, in order of import.

    `marks`: source name -> stored watermark (store.intake.watermarks_by_source); `since` (--since) stands above them.
    Raises Misuse: OUT-206, OUT-207, OUT-203. Busy (OUT-211): the shop's database does not answer.
    """
    saved = read_mappings(project)
    if saved.sql is None:
        raise Misuse("OUT-207", f"{FILE} has no sql section", help="docs/importing.md shows one")
    engine = _open(project, saved.sql, environment)
    sources = []
    for kind in saved.sql.queries:
        table = SqlTable(engine, kind, saved.sql, _since(saved.sql, marks.get(f"sql:{kind.value}"), since))
        mapped = saved.mappings.get(kind)
        if mapped is None or not mapped.fits(table.header):
            found = guess_as(kind, table.header, file=table.name)
            if found.missing:
                raise missing_columns(found, table.header)
            mapped = found.mapping
        sources.append(Source(table, mapped))
    return in_order(sources)


def _since(settings: SqlSettings, stored: str | None, asked: str | None) -> str | int:
    """What `:since` is: --since, else the stored mark, else `first`; a number when `first` is one."""
    found = asked if asked is not None else stored if stored is not None else settings.first
    return int(found) if isinstance(settings.first, int) else str(found)


def _open(project: Path, settings: SqlSettings, environment: Mapping[str, str]) -> sa.Engine:
    """An engine that only reads."""
    if settings.sqlite is not None:
        path = project / settings.sqlite
        if not path.is_file():
            raise Misuse("OUT-207", f"{settings.sqlite} is not there", help=f"mend sql.sqlite in {FILE}")
        return sa.create_engine(f"sqlite:///file:{path.resolve().as_posix()}?mode=ro&uri=true", poolclass=sa.NullPool)
    assert settings.url_env is not None
    try:
        url = sa.make_url(environment.get(settings.url_env, ""))
        return sa.create_engine(url, poolclass=sa.NullPool).execution_options(postgresql_readonly=True)
    except (sa.exc.ArgumentError, ModuleNotFoundError):
        raise Misuse(
            "OUT-207",
            f"{settings.url_env} does not hold the address of a database we can read",
            help=f"put {settings.url_env}=postgresql+psycopg://USER:PASSWORD@HOST/NAME into .env of the project",
        ) from None


def as_text(value: object) -> str:
    """A database value as a cell: dates in ISO form, numbers without noise, nothing as nothing."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return f"{value:.4f}".rstrip("0").rstrip(".")  # a REAL column keeps 32.38 as 32.3800011
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value)
