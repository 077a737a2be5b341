"""What is this file, and which of its columns is which field? Guessed from the header alone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from outreach.records.fields import FIELDS, Field, FieldType, RecordKind, missing_fields, plain
from outreach.records.mapping import Mapping

_REJECTS_COLUMN = "problem"
_CURRENCY_SUFFIX = re.compile(
    r"^(?P<name>.+)_(?P<currency>usd|eur|gbp|brl|jpy|chf|cad|aud|sek|nok|dkk|pln|kwd|inr|mxn)$"
)


@dataclass(frozen=True, slots=True)
class Guess:
    """What a header seems to be. `missing`: required fields no column was found for (then it cannot be imported)."""

    file: str
    kind: RecordKind
    mapping: Mapping
    ignored: tuple[str, ...]
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def guess(header: Sequence[str], *, file: str = "") -> Guess:
    """The kind whose fields fit the header best, its mapping, and the columns nobody asked for.

    More fields are better, a required one that is missing counts against; then the file's name decides.
    """
    guesses = [guess_as(kind, header, file=file) for kind in RecordKind]
    return max(guesses, key=lambda g: (_fit(g), not g.missing, g.kind.value in plain(file)))


def _fit(guess: Guess) -> int:
    """An order file without its dates is a bad order file, not a good customer file of one column."""
    return len(guess.mapping.columns) - len(guess.missing)


def one_row_per_item(header: Sequence[str]) -> bool:
    """Whether this is a shop export that mixes orders, customers and lines (Shopify, WooCommerce "advanced")."""
    names = {plain(column) for column in header}
    return len([n for n in names if n.startswith("lineitem_")]) > 1 or {"order_number", "item_cost", "item"} <= names


def guess_as(kind: RecordKind, header: Sequence[str], *, file: str = "") -> Guess:
    """The mapping of a header whose kind is known."""
    columns: dict[str, str] = {}
    taken: set[str] = set()
    currency: str | None = None
    for field in FIELDS[kind]:
        found, money = _column(field, header, taken)
        if found is not None:
            columns[field.name] = found
            taken.add(found)
            currency = currency or money
    ignored = tuple(c for c in header if c and c not in taken and plain(c) != _REJECTS_COLUMN)
    if "currency" in columns:
        currency = None
    mapping = Mapping(kind, columns, currency=currency)
    return Guess(file, kind, mapping, ignored, missing_fields(kind, set(columns)), _notes(kind, columns, ignored))


def _column(field: Field, header: Sequence[str], taken: set[str]) -> tuple[str | None, str | None]:
    """The first column whose name is one of the field's, and the currency its name may end in."""
    by_name = {plain(column): column for column in reversed(header) if column and column not in taken}
    for name in field.names:
        if name in by_name:
            return by_name[name], None
    if field.type is FieldType.MONEY:
        for name, column in by_name.items():
            ends = _CURRENCY_SUFFIX.match(name)
            if ends and ends["name"] in field.names:
                return column, ends["currency"].upper()
    return None, None


def _notes(kind: RecordKind, columns: dict[str, str], ignored: tuple[str, ...]) -> tuple[str, ...]:
    notes = []
    if kind is RecordKind.PRODUCTS and any(plain(c) in {"line", "family", "generation"} for c in ignored):
        notes.append("lines and generations come from the successors, not from a column")
    bare = columns.get("text_service")
    if bare is not None and plain(bare) not in {"text_service", "sms_service"}:
        notes.append(f"{bare}: a bare yes is taken as texts about orders, never as offers by text")
    if kind in {RecordKind.ORDERS, RecordKind.ORDER_LINES} and {"amount", "price"} & set(columns):
        notes.append("amounts are checked and then dropped: what a customer paid is never stored")
    return tuple(notes)
