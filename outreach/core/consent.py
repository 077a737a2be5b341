"""What does the ledger of consent add up to? The last word per address and level stands; no word is a no."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from outreach.core.terms import LegalClass

#: (address hash, level) to which somebody said yes.
Yes = tuple[str, LegalClass]


class ConsentEvent(NamedTuple):
    """One entry of the ledger. `at`: when the person said so; `grant` False: they withdrew."""

    address_hash: str
    level: LegalClass
    grant: bool
    at: datetime


def standing(events: Iterable[ConsentEvent], *, known_before: datetime) -> frozenset[Yes]:
    """Each standing yes.

    A grant counts only if given before `known_before` (a past night knows no later yes); a withdrawal counts
    whenever it was made (settled 2). Equal times: the withdrawal wins.
    """
    counted = [e for e in events if not e.grant or e.at < known_before]
    counted.sort(key=lambda e: (e.at, not e.grant))
    return last_words((e.address_hash, e.level, e.grant) for e in counted)


def last_words(said: Iterable[tuple[str, LegalClass, bool]]) -> frozenset[Yes]:
    """`standing` of entries (address hash, level, grant) that all count: oldest first, of equal times the yes first."""
    yes: dict[Yes, int] = {}
    no: dict[Yes, int] = {}
    for place, (address, level, grant) in enumerate(said):
        (yes if grant else no)[address, level] = place
    if not no:  # nearly everybody who ever said anything
        return frozenset(yes)
    return frozenset(key for key, place in yes.items() if place > no.get(key, -1) and not _narrowed(key, yes, no))


def _narrowed(key: Yes, yes: dict[Yes, int], no: dict[Yes, int]) -> bool:
    """Who later said no to messages about orders did not mean offers instead."""
    service = (key[0], LegalClass.SERVICE)
    refused = no.get(service, -1)
    return refused > yes[key] and refused > yes.get(service, -1)
