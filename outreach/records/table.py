"""What does a source of rows look like, whether it is a file or a query?"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from outreach.records.mapping import Mapping


class Row(NamedTuple):
    """One row as text. `line` is the physical line it starts on (1-based, the header is 1). `problem`: unreadable."""

    line: int
    cells: list[str]
    problem: str | None = None


class Table(Protocol):
    """Rows that can be read more than once: the columns are looked at before the first row is taken in."""

    @property
    def name(self) -> str:
        """What errors call it: `orders.csv`, `sql:orders`."""
        ...

    @property
    def header(self) -> tuple[str, ...]:
        """Column names as written."""
        ...

    @property
    def delimiter(self) -> str:
        """Between fields; the rejects file is written with the same."""
        ...

    def rows(self) -> Iterator[Row]:
        """Every row from the start."""
        ...


@dataclass(frozen=True, slots=True)
class Source:
    """A table and what its columns mean."""

    table: Table
    mapping: Mapping

    def column_of(self, field: str) -> tuple[int, str]:
        """(1-based position, name as written) of the column a field comes from."""
        name = self.mapping.columns[field]
        return self.table.header.index(name) + 1, name
