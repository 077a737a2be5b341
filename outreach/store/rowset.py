"""How does one statement take hundreds of rows of values? As one JSON parameter that the database reads as a table.

An executemany costs a round trip or some microseconds a row, and an IN list of tuples is planned anew each time.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
import sqlalchemy as sa

#: The parameter that `rows` makes the value of.
ROWS = "rows"


def rowset(dialect: str, columns: Mapping[str, Any]) -> Any:
    """A FROM clause with these columns (name -> type: whole numbers and texts only), read from the parameter ROWS.

    PostgreSQL: json_to_recordset. SQLite: json_each, one json_extract a column.
    """
    value = sa.bindparam(ROWS, type_=sa.Text)
    if dialect == "postgresql":
        typed = [sa.column(name, kind) for name, kind in columns.items()]
        read = sa.func.json_to_recordset(sa.cast(value, _JsonText()))
        return read.table_valued(*typed, name="v").render_derived(with_types=True)
    each = sa.func.json_each(value).table_valued("value", name="each")
    names = enumerate(columns.items())
    parts = [sa.func.json_extract(each.c.value, f"$[{i}]", type_=kind).label(name) for i, (name, kind) in names]
    return sa.select(*parts).subquery("v")


def rows(dialect: str, columns: Mapping[str, Any], values: Iterable[Sequence[Any]]) -> str:
    """The value of ROWS: each row's values in the order of `columns`."""
    if dialect == "postgresql":
        return orjson.dumps([dict(zip(columns, row, strict=True)) for row in values]).decode()
    return orjson.dumps([list(row) for row in values]).decode()


class _JsonText(sa.types.UserDefinedType[str]):
    """JSON given as text: SQLAlchemy's own would encode it a second time."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "JSON"
