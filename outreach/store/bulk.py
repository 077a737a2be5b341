"""How do thousands of rows go in at once? Past SQLAlchemy's work per value: the driver's own executemany, or COPY.

Every other statement of the store is SQLAlchemy's; this door is for the few tables that an import and a night fill. A
row is a plain tuple, values that are the same in all rows are written once into the statement, and a row whose key is
taken is left alone. Both databases read the same texts: dates and instants as SQLite keeps them (a session is in UTC).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError

from outreach.store.types import Facts

_SQLITE = sqlite.dialect()
Row = Sequence[Any]
Convert = Callable[[Any], Any]


def json_text(value: Any) -> str:
    """The value as JSON, its keys plain str; facts that came from the database in the words they came in."""
    if isinstance(value, Facts):
        return value.text
    return orjson.dumps(value).decode()


def put(
    c: sa.Connection, table: sa.Table, *, columns: Sequence[str], rows: Sequence[Row], same: Mapping[str, Any]
) -> None:
    """Insert `rows`, tuples in the order of `columns`; `same`: what all of them share. A taken key: left alone.

    A str given for a JSON column is JSON already. Of enums give the values.
    """
    if not rows:
        return
    if c.dialect.name == "postgresql" and _takes_all(table, columns):
        [shared] = _texts(table, list(same), [tuple(same.values())])
        whole = ((*row, *shared) for row in _texts(table, columns, rows))
        _copied(c, table.name, [*columns, *same], whole)
        return
    names, said = ", ".join([*columns, *same]), _said(c, table, same)
    into = f"INSERT INTO {table.name} ({names})"
    if c.dialect.name == "postgresql":
        with _staged(c, table, columns, rows) as stage:
            chosen = ", ".join([*columns, *said])
            c.exec_driver_sql(f"{into} SELECT {chosen} FROM {stage} ON CONFLICT DO NOTHING")
    else:
        values = ", ".join([*["?"] * len(columns), *said])
        c.exec_driver_sql(f"{into} VALUES ({values}) ON CONFLICT DO NOTHING", _texts(table, columns, rows))


def amend(
    c: sa.Connection, table: sa.Table, *, columns: Sequence[str], rows: Sequence[Row], only: Mapping[str, Any]
) -> None:
    """Update by `columns[0]`, the key, where the row still says what `only` says. A value of None changes nothing."""
    if not rows:
        return
    key, *rest = columns
    said = zip(only, _said(c, table, only), strict=True)
    still = " AND ".join(f"{table.name}.{name} = {value}" for name, value in said)
    if c.dialect.name == "postgresql":
        with _staged(c, table, columns, rows) as stage:
            changes = ", ".join(f"{name} = coalesce(s.{name}, {table.name}.{name})" for name in rest)
            where = f"{table.name}.{key} = s.{key} AND {still}"
            c.exec_driver_sql(f"UPDATE {table.name} SET {changes} FROM {stage} s WHERE {where}")
    else:
        changes = ", ".join(f"{name} = coalesce(?{i}, {name})" for i, name in enumerate(rest, 2))
        statement = f"UPDATE {table.name} SET {changes} WHERE {key} = ?1 AND {still}"
        c.exec_driver_sql(statement, _texts(table, columns, rows))


def pour(c: sa.Connection, insert: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    """Run this INSERT, with what it says of a taken key, for all rows; all name the columns that the first one names.

    No two rows may have one key. `insert`: the dialect's own, without values.
    """
    if not rows:
        return
    names, table = list(rows[0]), insert.table
    if c.dialect.name == "postgresql":
        source = [tuple([row[name] for name in names]) for row in rows]
        with _staged(c, table, names, source) as stage:
            chosen: Any = sa.select(*(sa.column(name) for name in names)).select_from(sa.table(stage))
            c.execute(insert.from_select(names, chosen))
    else:
        compiled = insert.compile(dialect=c.dialect, column_keys=names)
        order = compiled.positiontup
        source = [tuple([row[name] for name in order]) for row in rows]
        c.exec_driver_sql(str(compiled), _texts(table, order, source))


def _takes_all(table: sa.Table, columns: Sequence[str]) -> bool:
    """Whether no key can be taken: the only one is a number that the database gives."""
    own = {column.name for column in table.primary_key}
    single = not any(isinstance(rule, sa.UniqueConstraint) for rule in table.constraints)
    return single and own == {"id"} and "id" not in columns and not any(index.unique for index in table.indexes)


@contextmanager
def _staged(c: sa.Connection, table: sa.Table, columns: Sequence[str], rows: Sequence[Row]) -> Iterator[str]:
    """The rows as a table of this transaction: COPY knows neither ON CONFLICT nor UPDATE."""
    name, listed = f"new_{table.name}", ", ".join(columns)
    c.exec_driver_sql(f"CREATE TEMP TABLE {name} ON COMMIT DROP AS SELECT {listed} FROM {table.name} WITH NO DATA")
    _copied(c, name, columns, _texts(table, columns, rows))
    yield name
    c.exec_driver_sql(f"DROP TABLE {name}")


def _copied(c: sa.Connection, name: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
    driver: Any = c.connection.driver_connection
    failure: Any = c.dialect.loaded_dbapi.OperationalError
    try:
        with driver.cursor() as cursor, cursor.copy(f"COPY {name} ({', '.join(columns)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    except failure as error:  # as SQLAlchemy would say it: the server is gone
        raise OperationalError("COPY", None, error) from error


def _texts(table: sa.Table, columns: Sequence[str], rows: Sequence[Row]) -> Sequence[Row]:
    """Column by column: a loop over one kind of value is half the work of a loop over rows."""
    converts = [_convert(table.c[name]) for name in columns]
    if not any(converts):
        return rows
    whole = [
        values if of is None else [None if value is None else of(value) for value in values]
        for values, of in zip(zip(*rows, strict=True), converts, strict=True)
    ]
    return list(zip(*whole, strict=True))


@lru_cache(maxsize=256)
def _convert(column: sa.Column[Any]) -> Convert | None:
    """How a value of this column is written; None: as it is. A night writes few different dates, so they are kept."""
    write = column.type.dialect_impl(_SQLITE).bind_processor(_SQLITE)
    if write is None:
        return None
    if isinstance(column.type, sa.JSON):
        return lambda value: value if isinstance(value, str) else json_text(value)
    return lru_cache(maxsize=4_096)(write)


def _said(c: sa.Connection, table: sa.Table, same: Mapping[str, Any]) -> list[str]:
    """The shared values as SQL literals, quoted by the dialect."""
    literals = (sa.literal(value, table.c[name].type) for name, value in same.items())
    return [str(one.compile(dialect=c.dialect, compile_kwargs={"literal_binds": True})) for one in literals]


def take_ids(c: sa.Connection, table: sa.Table, count: int) -> list[int]:
    """The next `count` ids, rising. Nobody else can get them: a sequence gives them, or SQLite's one writer."""
    key = table.c.id
    if c.dialect.name == "postgresql":
        named = sa.func.pg_get_serial_sequence(table.name, key.name)
        sequence = sa.select(sa.cast(named, postgresql.REGCLASS)).scalar_subquery()  # looked up once, not for each
        numbers = sa.func.generate_series(1, count).table_valued("n")
        return sorted(c.execute(sa.select(sa.func.nextval(sequence)).select_from(numbers)).scalars())
    last = c.execute(sa.select(sa.func.coalesce(sa.func.max(key), 0))).scalar_one()
    return list(range(last + 1, last + 1 + count))
