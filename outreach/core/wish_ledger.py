"""What did stand before one wish, by the ledger? An undo gives back exactly that, and never more."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple


class Entry(NamedTuple):
    """One line of the ledger of one (address, channel, scope), oldest first. `add` False: it was undone."""

    add: bool
    reason: str
    door: str
    evidence: str | None
    at: datetime
    until: date | None


def without(entries: Iterable[Entry], undone: Iterable[datetime], *, door: str) -> Entry | None:
    """What would stand had the wishes taken by this door at these moments never been said; None: nothing.

    A wish for good is not shortened by a later one with a date.
    """
    gone = set(undone)
    stands: Entry | None = None
    for entry in entries:
        if not entry.add:
            stands = None
        elif not (entry.door == door and entry.at in gone) and (stands is None or _widens(entry, stands)):
            stands = entry
    return stands


def _widens(entry: Entry, before: Entry) -> bool:
    return before.until is not None and (entry.until is None or entry.until > before.until)
