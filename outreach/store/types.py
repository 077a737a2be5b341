"""How do SQLite and PostgreSQL come to mean the same by a time, a JSON object and a number of days?"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC as _UTC
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

#: JSON that PostgreSQL can index and SQLite keeps as text.
Json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
#: 64-bit key that SQLite still treats as its row id.
Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


class Facts(Mapping[str, Any]):
    """A JSON object in the words the database keeps it in: read when somebody asks, stored again as it came."""

    __slots__ = ("_read", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._read: dict[str, Any] | None = None

    def plain(self) -> dict[str, Any]:
        """The object itself, for who asks much of it. Not to be changed."""
        if self._read is None:
            self._read = orjson.loads(self.text)
        return self._read

    def get(self, name: str, default: Any = None) -> Any:
        """A name that the text does not hold is not in it: nothing has to be read to say so."""
        return self.plain().get(name, default) if f'"{name}"' in self.text else default

    def text_with(self, name: str, value: Any) -> str:
        """The same text with one part more."""
        if name in self:
            return orjson.dumps({**self.plain(), name: value}).decode()
        begins = f"{self.text.rstrip()[:-1]}," if len(self) else "{"
        return begins + orjson.dumps({name: value})[1:].decode()

    def __contains__(self, name: object) -> bool:
        return name in self.plain()

    def __getitem__(self, name: str) -> Any:
        return self.plain()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.plain())

    def __len__(self) -> int:
        return len(self.plain())

    def __repr__(self) -> str:
        return f"Facts({self.text!r})"


class FactsText(sa.types.UserDefinedType[Facts]):
    """JSON cast to text, read as `Facts`: by the driver's rows themselves, thousands at a time."""

    cache_ok = True

    def get_col_spec(self, **kw: Any) -> str:
        return "TEXT"

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Callable[[Any], Facts]:
        return Facts


class Utc(sa.types.TypeDecorator[datetime]):
    """An instant. Refuses naive values going in; always comes back aware and in UTC."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime reached the store")
        return value.astimezone(_UTC)

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Callable[[Any], datetime | None] | None:
        """On SQLite an instant is a text; the rows of a night share few, so each is read once."""
        read: Any = super().result_processor(dialect, coltype)
        return lru_cache(maxsize=4_096)(read) if dialect.name == "sqlite" else read

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=_UTC) if value.tzinfo is None else value.astimezone(_UTC)


class days_between(GenericFunction[int]):  # noqa: N801 - reads as SQL
    """`days_between(later, earlier)`: whole days from one DATE to another."""

    type = sa.Integer()
    inherit_cache = True


class plus_days(GenericFunction[Any]):  # noqa: N801 - reads as SQL
    """`plus_days(day, n)`: the DATE n days after `day`; n may be a fraction and is cut to whole days."""

    type = sa.Date()
    inherit_cache = True


class whole(GenericFunction[int]):  # noqa: N801 - reads as SQL
    """`whole(x)`: x without its fraction."""

    type = sa.Integer()
    inherit_cache = True


class json_facts(GenericFunction[Any]):  # noqa: N801 - reads as SQL
    """`json_facts("name", column, ...)`: one JSON object per row, dates as ISO text."""

    type = sa.JSON()
    inherit_cache = True


@compiles(days_between, "sqlite")
def _days_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    later, earlier = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"CAST(julianday({later}) - julianday({earlier}) AS INTEGER)"


@compiles(days_between, "postgresql")
def _days_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    later, earlier = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"(CAST({later} AS DATE) - CAST({earlier} AS DATE))"


@compiles(plus_days, "sqlite")
def _plus_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    day, count = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"date({day}, CAST({count} AS INTEGER) || ' days')"


@compiles(plus_days, "postgresql")
def _plus_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    day, count = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"(CAST({day} AS DATE) + CAST(trunc(CAST({count} AS NUMERIC)) AS INTEGER))"


@compiles(json_facts, "sqlite")
def _json_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    return f"json_object({compiler.process(element.clauses, **kw)})"


@compiles(json_facts, "postgresql")
def _json_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    return f"jsonb_build_object({compiler.process(element.clauses, **kw)})"


@compiles(whole, "sqlite")
def _whole_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **kw)} AS INTEGER)"


@compiles(whole, "postgresql")
def _whole_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    return f"CAST(trunc(CAST({compiler.process(element.clauses, **kw)} AS NUMERIC)) AS INTEGER)"
