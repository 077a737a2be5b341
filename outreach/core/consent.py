"""What does the ledger of consent add up to? The last word per address and level stands; no word is a no."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from outreach.core.terms import LegalClass


class ConsentEvent(NamedTuple):
    """One entry of the ledger. `at`: when the person said so; `grant` False: they withdrew."""

    address_hash: str
    level: LegalClass
    grant: bool
    at: datetime


def standing(events: Iterable[ConsentEvent], *, known_before: datetime) -> frozenset[tuple[str, LegalClass]]:
    """(address hash, level) pairs with a standing yes.

    A grant counts only if given before `known_before` (a past night knows no later yes); a withdrawal counts
    whenever it was made (settled 2). Equal times: the withdrawal wins.
    """
    last: dict[tuple[str, LegalClass], ConsentEvent] = {}
    for event in events:
        if event.grant and event.at >= known_before:
            continue
        key = (event.address_hash, event.level)
        before = last.get(key)
        if before is None or event.at > before.at or (event.at == before.at and not event.grant):
            last[key] = event
    return frozenset(key for key, event in last.items() if event.grant and not _narrowed(event, last))


def _narrowed(yes: ConsentEvent, last: dict[tuple[str, LegalClass], ConsentEvent]) -> bool:
    """Who later said no to messages about orders did not mean offers instead."""
    service = last.get((yes.address_hash, LegalClass.SERVICE))
    return service is not None and not service.grant and service.at >= yes.at
