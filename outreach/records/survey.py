"""How does this file write its dates and amounts? Decided per column over all its rows, before any is taken in."""

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field as default
from typing import Any
from zoneinfo import ZoneInfo

from outreach.core.errors import Misuse, Place
from outreach.core.shop import Shop
from outreach.records import amounts, moments
from outreach.records.convert import Ways
from outreach.records.fields import FIELDS, FieldType
from outreach.records.table import Source

_MONTH_FIRST_COUNTRIES = frozenset({"US", "PH", "PR", "GU", "AS", "VI", "MP", "FM", "MH", "PW"})


@dataclass(frozen=True, slots=True)
class Survey:
    """`ways`: how to read the file. `said`: what `--yes` decided for the operator, in words."""

    ways: Ways
    said: tuple[str, ...] = ()


@dataclass(slots=True)
class _Column:
    """What the rows so far say about one column."""

    field: str
    name: str
    index: int
    evidence: Callable[[str], Any]
    votes: set[str] = default(default_factory=set)
    unsure: tuple[int, str] | None = None

    def look(self, line: int, cell: str) -> None:
        said = self.evidence(cell)
        if said is None:
            self.unsure = self.unsure or (line, cell)
        elif said is not True:
            self.votes.add(said)


def survey(source: Source, shop: Shop, *, yes: bool) -> Survey:
    """Read the whole table once. Raises Misuse (OUT-205) for a column that can be read two ways and is not mapped.

    `yes` takes the usual order of the shop's country for such a column, and says so.
    """
    dates = _columns(source, {FieldType.MOMENT, FieldType.PROMISE}, moments.evidence)
    money = _columns(source, {FieldType.MONEY}, amounts.evidence)
    width = len(source.table.header)
    for row in source.table.rows():
        if len(row.cells) != width:
            continue
        for column in dates:
            cell = row.cells[column.index].strip()
            if cell and cell[4:5] != "-":  # ISO dates say nothing about order; they are nearly all there are
                column.look(row.line, cell)
        for column in money:
            column.look(row.line, row.cells[column.index].strip())
    said: list[str] = []
    date_orders = {c.field: _settle(source, c, _date_choice(source, shop, yes), said) for c in dates}
    decimals = {c.field: _settle(source, c, _decimal_choice(source, shop, yes), said) for c in money}
    ways = Ways(
        zone=ZoneInfo(shop.zone),
        country=shop.country,
        currency=source.mapping.currency or shop.currency,
        date_orders={name: order for name, order in date_orders.items() if order},  # type: ignore[misc]
        decimals={name: sign for name, sign in decimals.items() if sign},  # type: ignore[misc]
    )
    return Survey(ways, tuple(said))


@dataclass(frozen=True, slots=True)
class _Choice:
    """What the mapping says, what --yes would take, and how it is written in the mapping."""

    mapped: str | None
    usual: str | None
    setting: str
    words: tuple[str, str]


def _date_choice(source: Source, shop: Shop, yes: bool) -> _Choice:
    usual = "month-first" if shop.country in _MONTH_FIRST_COUNTRIES else "day-first"
    return _Choice(source.mapping.date_order, usual if yes else None, "date_order", ("day-first", "month-first"))


def _decimal_choice(source: Source, shop: Shop, yes: bool) -> _Choice:
    usual = amounts.usual_decimal(shop.country)
    return _Choice(source.mapping.decimal, usual if yes else None, "decimal", ("point", "comma"))


def _columns(source: Source, types: set[FieldType], of: Callable[[str], Any]) -> list[_Column]:
    found = []
    for each in FIELDS[source.mapping.kind]:
        if each.type in types and each.name in source.mapping.columns:
            position, name = source.column_of(each.name)
            found.append(_Column(each.name, name, position - 1, of))
    return found


def _settle(source: Source, column: _Column, choice: _Choice, said: list[str]) -> str | None:
    if choice.mapped:
        return choice.mapped
    if len(column.votes) == 1:
        return next(iter(column.votes))
    if not column.votes and column.unsure is None:
        return None
    if choice.usual:
        said.append(f"{source.table.name}: {column.name} can be read two ways; read {choice.usual}, as is usual here")
        return choice.usual
    raise _ambiguous(source, column, choice)


def _ambiguous(source: Source, column: _Column, choice: _Choice) -> Misuse:
    line, cell = column.unsure or (0, "")
    kind = source.mapping.kind.value
    what = "dates" if choice.setting == "date_order" else "amounts"
    why = f"{column.name} is written both ways" if column.votes else f'"{cell}" can be read two ways'
    return Misuse(
        "OUT-205",
        f"{source.table.name}: {why}, and no row says which",
        place=Place(source.table.name, line, column.index + 1),
        facts=(f"nothing was read in: {what} read the wrong way round would be wrong without anyone noticing",),
        help=f"{kind}: {{{choice.setting}: {choice.words[0]}}} (or {choice.words[1]}) in config/records.yaml; or --yes",
    )
