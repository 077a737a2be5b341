"""How does a query ask about thousands of keys at once? With one parameter, whatever their number.

An IN list costs some microseconds a value before the database sees it, and SQLite takes 32,766 values at most.
"""

from collections.abc import Collection
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles


class _Keys(sa.types.TypeDecorator[Any]):
    """A list of whole numbers or of texts: a JSON array on SQLite, an array on PostgreSQL.

    Both go as one text, written here: a driver takes a microsecond a value to make an array of a list.
    """

    impl = sa.Text
    cache_ok = True

    def __init__(self, of: str) -> None:
        super().__init__()
        self.of = of

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        on_postgresql = dialect.name == "postgresql"
        return dialect.type_descriptor(_ArrayText(self.of) if on_postgresql else sa.Text())

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> str:
        return _array_text(list(value)) if dialect.name == "postgresql" else orjson.dumps(list(value)).decode()


class _ArrayText(sa.types.UserDefinedType[str]):
    """An array given in PostgreSQL's own words for one."""

    cache_ok = True
    render_bind_cast = True

    def __init__(self, of: str) -> None:
        self.of = of

    def get_col_spec(self, **_: Any) -> str:
        return f"{self.of}[]"


def _array_text(values: list[int] | list[str]) -> str:
    """Mostly what JSON says, in other brackets; letters that JSON escapes are written in another way."""
    made = orjson.dumps(values).decode()[1:-1]
    if "\\" in made:
        made = ",".join(['"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"' for value in values])
    return f"{{{made}}}"


class among(sa.ColumnElement[bool]):  # noqa: N801 - reads as SQL
    """`among(column, values)`: is the column one of these whole numbers, or one of these texts?

    `among(column, "name")`: one of the values given as the parameter `name` of a statement that is built once.
    """

    inherit_cache = True
    type = sa.Boolean()
    _traverse_internals = [
        ("column", sa.sql.visitors.InternalTraversal.dp_clauseelement),
        ("keys", sa.sql.visitors.InternalTraversal.dp_clauseelement),
    ]

    def __init__(self, column: sa.ColumnElement[Any], values: Collection[int] | Collection[str] | str) -> None:
        kind = _Keys("BIGINT" if isinstance(column.type, sa.Integer) else "TEXT")
        self.column = column
        self.keys = (
            sa.bindparam(values, type_=kind) if isinstance(values, str) else sa.bindparam(None, values, type_=kind)
        )

    def self_group(self, against: Any = None) -> "among":
        """A condition as it stands: SQLAlchemy would write `... = 1` for SQLite, which then uses no index."""
        return self


def still(column: sa.ColumnElement[str], *values: str) -> sa.ColumnElement[bool]:
    """Is this row, found by its key, still in one of these states?

    Asked of an expression, which no index carries. Asked of the column, PostgreSQL goes through the partial index of
    the state, which it takes for nearly empty, past the dead entries of all that went that way in the last minutes.
    """
    word = column.concat("")
    return word == values[0] if len(values) == 1 else word.in_(values)


@compiles(among, "sqlite")
def _among_sqlite(element: among, compiler: Any, **kw: Any) -> str:
    column, keys = compiler.process(element.column, **kw), compiler.process(element.keys, **kw)
    return f"({column} IN (SELECT value FROM json_each({keys})))"


@compiles(among, "postgresql")
def _among_postgresql(element: among, compiler: Any, **kw: Any) -> str:
    """Not IN (SELECT unnest(...)): on a table that was empty when last looked at, that is joined row by row."""
    column, keys = compiler.process(element.column, **kw), compiler.process(element.keys, **kw)
    return f"({column} = ANY ({keys}))"
