"""How does one cell become a value? One converter per type of field, chosen once per file."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from outreach.core.terms import Money
from outreach.records import amounts, reach, words
from outreach.records.fields import FieldType
from outreach.records.mapping import DateOrder, Decimal
from outreach.records.moments import Moment, NotADate, is_nothing, moment

Values = dict[str, Any]
#: Cell text and the values already read from the same row -> the value. Raises BadCell.
Convert = Callable[[str, Values], Any]


_T = FieldType
#: Read by the cell alone, and the same cells come in row after row; how many letters such a cell has at most.
_RECURRING = dict.fromkeys((_T.TEXT, _T.CURRENCY, _T.YES_NO, _T.STOCK, _T.COUNT, _T.COUNTRY, _T.LANGUAGE, _T.ZONE), 40)
_RECURRING |= dict.fromkeys((_T.MOMENT, _T.PROMISE), len("2026-11-14"))
_REMEMBERED = 8_192


class BadCell(Exception):
    """`said`: what is wrong, with the value as far as it may be shown. `drops`: the field is left out, not the row."""

    def __init__(self, said: str, *, drops: bool = False) -> None:
        super().__init__(said)
        self.said = said
        self.drops = drops


class Known(dict[str, tuple[Any, str]]):
    """Cell -> its value, and that as it is fingerprinted, for a column whose cells come in again and again.

    Each is read once. Raises BadCell.
    """

    def __init__(self, convert: Convert, longest: int) -> None:
        super().__init__()
        self._convert, self._longest = convert, longest

    def __missing__(self, cell: str) -> tuple[Any, str]:
        value = self._convert(cell, {})
        read = value, _number(value) if value.__class__ is Moment else repr(value)
        if len(cell) <= self._longest:
            if len(self) >= _REMEMBERED:
                self.clear()
            self[cell] = read
        return read


def _number(moment: Moment) -> str:
    """Ten times faster to write than a date."""
    return repr(moment.on.toordinal() if moment.at is None else moment.at.timestamp())


@dataclass(frozen=True, slots=True)
class Ways:
    """How this file writes what can be read two ways, and where the shop is."""

    zone: ZoneInfo
    country: str
    currency: str
    date_orders: dict[str, DateOrder] = field(default_factory=dict)
    decimals: dict[str, Decimal] = field(default_factory=dict)


def converter(type_: FieldType, name: str, ways: Ways) -> Convert:
    """The converter for one field of one file."""
    if type_ in (FieldType.MOMENT, FieldType.PROMISE):
        return _moments(ways, ways.date_orders.get(name), promise=type_ is FieldType.PROMISE)
    if type_ is FieldType.MONEY:
        return _amounts(ways, ways.decimals.get(name, "point"))
    if type_ is FieldType.PHONE:
        return lambda cell, values: _phone(cell, values.get("country") or ways.country)
    if type_ is FieldType.TEXT and name in {"first_name", "last_name"}:
        return lambda cell, values: words.person_name(cell)
    return _SIMPLE[type_]


def known(type_: FieldType, convert: Convert) -> Known | None:
    """What remembers the cells of a column of this type; None where a cell is read by others of its row, or is new."""
    longest = _RECURRING.get(type_)
    return None if longest is None else Known(convert, longest)


def shown(text: str) -> str:
    """The value in quotes, short and printable."""
    short = text if len(text) <= 60 else f"{text[:57]}…"
    return '"' + "".join(c if c.isprintable() else "·" for c in short) + '"'


def _moments(ways: Ways, order: DateOrder | None, *, promise: bool) -> Convert:
    zone = ways.zone

    def convert(cell: str, values: Values) -> Moment | None:
        try:
            return moment(cell, zone, order, promise=promise)
        except (NotADate, OverflowError):
            if is_nothing(cell):  # asked last: nearly every cell is a date
                return None
            raise BadCell(f"{shown(cell)} is not a date") from None

    return convert


def _amounts(ways: Ways, decimal: Decimal) -> Convert:
    def convert(cell: str, values: Values) -> Money | None:
        if is_nothing(cell):
            return None
        currency = values.get("currency") or ways.currency
        try:
            return amounts.amount(cell, currency, decimal)
        except amounts.NotAnAmount:
            raise BadCell(f"{shown(cell)} is not an amount in {currency}") from None

    return convert


def _phone(cell: str, region: str) -> str | None:
    if is_nothing(cell):
        return None
    try:
        return reach.phone(cell, region)
    except reach.NotReachable:
        raise BadCell(f'"{reach.phone_shown(cell)}" is not a phone number of {region}', drops=True) from None


def _email(cell: str, values: Values) -> str | None:
    if is_nothing(cell):
        return None
    try:
        return reach.email(cell)
    except reach.NotReachable:
        raise BadCell(f'"{reach.email_shown(cell)}" is not an email address', drops=True) from None


def _key(cell: str, values: Values) -> str | None:
    if not cell or cell in {"NULL", "\\N"}:  # never by NOTHING: "NA" is somebody's article number
        return None
    if not cell.isprintable() or len(cell) > 200:
        raise BadCell(f"{shown(cell)} cannot be a key: it is too long or holds hidden characters")
    return cell


def _currency(cell: str, values: Values) -> str | None:
    if is_nothing(cell):
        return None
    code = cell.upper()
    if len(code) != 3 or not (code.isascii() and code.isalpha()):
        raise BadCell(f"{shown(cell)} is not a currency; write three letters, like EUR")
    return code


def _word(read: Callable[[str], Any]) -> Convert:
    def convert(cell: str, values: Values) -> Any:
        if is_nothing(cell):
            return None
        try:
            return read(cell)
        except words.NotAWord as error:
            raise BadCell(f"{shown(cell)} is not {error.args[0]}", drops=True) from None

    return convert


def _country(cell: str, values: Values) -> str | None:
    if not cell or cell == "NULL":  # "NA" is Namibia
        return None
    try:
        return words.country(cell)
    except words.NotAWord as error:
        raise BadCell(f"{shown(cell)} is not {error.args[0]}", drops=True) from None


_SIMPLE: dict[FieldType, Convert] = {
    FieldType.KEY: _key,
    FieldType.TEXT: lambda cell, values: words.clean(cell),
    FieldType.CURRENCY: _currency,
    FieldType.YES_NO: _word(words.yes_no),
    FieldType.STOCK: _word(words.in_stock),
    FieldType.COUNT: _word(words.count),
    FieldType.EMAIL: _email,
    FieldType.COUNTRY: _country,
    FieldType.STATE: lambda cell, values: words.state(cell, values.get("country")),  # "NA" is Naples
    FieldType.LANGUAGE: _word(words.language),
    FieldType.ZONE: _word(words.zone),
    FieldType.SENTENCES: lambda cell, values: words.sentences(cell),
}
