"""How does a query ask about thousands of keys at once? With one parameter, whatever their number.

An IN list costs some microseconds a value before the database sees it, and SQLite takes 32,766 values at most.
"""

import json
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


def among(column: sa.ColumnElement[Any], values: Collection[int] | Collection[str]) -> sa.ColumnElement[bool]:
    """Is the column one of these whole numbers, or one of these texts?"""
    numbers = isinstance(column.type, sa.Integer)
    return column.bool_op("IN")(_listed(sa.bindparam(None, values, type_=_Keys(sa.BigInteger if numbers else sa.Text))))


class _Keys(sa.types.TypeDecorator[Any]):
    """A list of whole numbers or of texts: a JSON array on SQLite, an array on PostgreSQL."""

    impl = sa.Text
    cache_ok = True

    def __init__(self, of: type[sa.types.TypeEngine[Any]]) -> None:
        super().__init__()
        self.of = of

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        on_postgresql = dialect.name == "postgresql"
        return dialect.type_descriptor(postgresql.ARRAY(self.of) if on_postgresql else sa.Text())

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> Any:
        return list(value) if dialect.name == "postgresql" else json.dumps(list(value))


class _listed(FunctionElement[Any]):  # noqa: N801 - reads as SQL
    """The values as rows of one column."""

    inherit_cache = True


@compiles(_listed, "sqlite")
def _listed_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    return f"(SELECT value FROM json_each({compiler.process(element.clauses, **kw)}))"


@compiles(_listed, "postgresql")
def _listed_postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    return f"(SELECT unnest({compiler.process(element.clauses, **kw)}))"
