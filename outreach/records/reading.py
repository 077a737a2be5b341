"""Which rows of a table are good records, and what exactly is wrong with the others?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import NamedTuple

from outreach.records.convert import BadCell, Convert, Known, Values, Ways, converter, known
from outreach.records.fields import FIELDS, INSTEAD, KEY_FIELD, RecordKind
from outreach.records.table import Row, Source

#: Kinds of which one cell alone cannot say everything.
_RULED = frozenset({RecordKind.ORDER_LINES, RecordKind.PRODUCTS})
#: What a row with too few or too many fields is told.
WIDTH_SAID = "fields, the first row has"


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing wrong in one cell. `column` 1-based, 0 for the whole row; `name` as the file writes it."""

    column: int
    name: str
    said: str

    def __str__(self) -> str:
        return f"{self.name}: {self.said}" if self.name else self.said


class Record(NamedTuple):
    """A good row. `values` by our field names, only mapped ones; `sha` changes exactly when a value does."""

    line: int
    cells: list[str]
    values: Values
    sha: str
    warnings: tuple[Wrong, ...] = ()


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that cannot be taken in."""

    line: int
    cells: list[str]
    wrong: tuple[Wrong, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A row word for word the same as an earlier one of the same file."""

    line: int


@dataclass(frozen=True, slots=True)
class _Plan:
    """Where a field's cell is, and how the file calls it."""

    name: str
    index: int
    column: str


@dataclass(slots=True)
class Reader:
    """Reads one source with its ways settled. Iterating starts from the first row, each time afresh."""

    source: Source
    ways: Ways
    _ruled: bool = field(init=False)
    _named: str = field(init=False)
    _plans: list[_Plan] = field(init=False, default_factory=list)
    _steps: list[tuple[str, int, Known | None, Convert, bool]] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self._ruled = self.source.mapping.kind in _RULED
        for each in FIELDS[self.source.mapping.kind]:
            if each.name not in self.source.mapping.columns:
                continue
            position, column = self.source.column_of(each.name)
            convert = converter(each.type, each.name, self.ways)
            required = each.required and INSTEAD.get((self.source.mapping.kind, each.name)) is None
            self._plans.append(_Plan(each.name, position - 1, column))
            self._steps.append((each.name, position - 1, known(each.type, convert), convert, required))
        self._named = repr((*(plan.name for plan in self._plans), ""))[:-3]

    def __iter__(self) -> Iterator[Record | Reject | Repeat]:
        seen = _Seen(self.source.mapping.kind)
        width = len(self.source.table.header)
        for row in self.source.table.rows():
            if row.problem is not None or len(row.cells) != width:
                said = row.problem or f"has {len(row.cells)} {WIDTH_SAID} {width}"
                yield Reject(row.line, row.cells, (Wrong(0, "", said),))
                continue
            yield self._checked(row, seen)

    def _checked(self, row: Row, seen: "_Seen") -> Record | Reject | Repeat:
        values, written, wrong, warnings = self._values(row)
        if self._ruled and not wrong:
            wrong.extend(self._rules(values))
        if wrong:
            return Reject(row.line, row.cells, tuple(sorted(wrong, key=_by_column)))
        sha = fingerprint(self._named, written)
        line = row.line
        earlier = seen.earlier(values, line, sha)
        if earlier == line:
            return Record(line, row.cells, values, sha, tuple(sorted(warnings, key=_by_column)) if warnings else ())
        if earlier < 0:
            return Repeat(row.line)
        plan = self._plan(KEY_FIELD[self.source.mapping.kind])
        said = f'"{values[plan.name]}" is already in row {earlier}, with other values'
        return Reject(row.line, row.cells, (Wrong(plan.index + 1, plan.column, said),))

    def _values(self, row: Row) -> tuple[Values, list[str], list[Wrong], list[Wrong]]:
        """The values, the same as they are fingerprinted, what is wrong, and what is left out."""
        values: Values = {}
        written: list[str] = []
        wrong: list[Wrong] = []
        warnings: list[Wrong] = []
        cells = [*map(str.strip, row.cells)]
        for name, index, before, convert, required in self._steps:
            value, text = None, "None"
            if cell := cells[index]:  # an empty cell is nothing, of whatever type
                try:
                    if before is not None:
                        value, text = before[cell]
                    else:
                        value = convert(cell, values)
                        text = repr(value)
                except BadCell as bad:
                    (warnings if bad.drops else wrong).append(self.wrong(name, bad.said))
                    required = False
            if required and value is None:
                wrong.append(self.wrong(name, "is missing"))
            values[name] = value
            written.append(text)
        return values, written, wrong, warnings

    def _rules(self, values: Values) -> Iterator[Wrong]:
        """What one cell alone cannot say."""
        kind = self.source.mapping.kind
        if kind is RecordKind.ORDER_LINES and not values.get("product") and not values.get("name"):
            yield self.wrong("product" if "product" in values else "name", "is missing")
        if kind is RecordKind.PRODUCTS and values.get("price") is not None and values["price"].minor < 0:
            yield self.wrong("price", "is below zero")

    def wrong(self, name: str, said: str) -> Wrong:
        """Something wrong in the cell of one of our fields (of the whole row when the field is not mapped)."""
        plan = next((p for p in self._plans if p.name == name), None)
        return Wrong(plan.index + 1, plan.column, said) if plan else Wrong(0, name, said)

    def _plan(self, name: str) -> _Plan:
        return next(plan for plan in self._plans if plan.name == name)


def _by_column(wrong: Wrong) -> int:
    return wrong.column


def fingerprint(named: str, written: Sequence[str]) -> str:
    """32 hex characters over names and typed values, so that another way to write the same changes nothing.

    `named`: the names, written once for all rows of a file.
    """
    return blake2b(f"{named}[{', '.join(written)}])".encode(), digest_size=16).hexdigest()


class _Seen:
    """Which keys this file has shown already, and in which row. Some 100 bytes a row."""

    def __init__(self, kind: RecordKind) -> None:
        self._own_key = "" if kind is RecordKind.ORDER_LINES else KEY_FIELD[kind]
        self._rows: dict[int, tuple[int, int]] = {}
        self._times: dict[int, int] = {}

    def earlier(self, values: Values, line: int, sha: str) -> int:
        """`line` itself for a new key; the earlier row of a key with other values; -1 for the very same row again."""
        if self._own_key:
            key: object = values[self._own_key]
        else:
            if values.get("number") is None:
                values["number"] = self._numbered(values)
            key = (values["order"], values["number"])
        first = self._rows.setdefault(hash(key), (line, hash(sha)))
        if first[0] == line:
            return line
        return -1 if first[1] == hash(sha) else first[0]

    def _numbered(self, values: Values) -> str:
        """A line without a number goes by its product, so that the order of the rows does not matter."""
        base = values.get("product") or values["name"]
        times = hash((values["order"], base))
        self._times[times] = self._times.get(times, 0) + 1
        return str(base) if self._times[times] == 1 else f"{base}#{self._times[times]}"
