"""What becomes of a promise when a record names a date? The first one stands; a later one is a newer date."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Promise:
    """`promised_on`: the first promise. `due_on`: what lateness is judged by. `new_date`: a newer date on record."""

    promised_on: date | None = None
    due_on: date | None = None
    new_date: date | None = None


@dataclass(frozen=True, slots=True)
class Named:
    """The dates one record names. `says_*`: whether the file has that column at all."""

    promised_on: date | None = None
    new_date: date | None = None
    moved_to: date | None = None
    says_new_date: bool = False
    says_moved_to: bool = False


def promise(before: Promise, named: Named) -> Promise:
    """The first promise never changes (product.md, belief 2); a date the customer chose counts only if it is later."""
    first = before.promised_on or named.promised_on
    new_date = named.new_date if named.says_new_date else before.new_date
    if named.promised_on is not None and not named.new_date:
        new_date = named.promised_on if named.promised_on != first else (None if not named.says_new_date else new_date)
    due = None if named.says_moved_to else before.due_on
    if named.moved_to is not None and (first is None or named.moved_to > first):
        due = named.moved_to
    return Promise(first, due or first, new_date)
