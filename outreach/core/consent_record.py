"""What does a shop's record add to the ledger of consent? Evidence or nothing, and never a way back up (settled 20)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Effect(StrEnum):
    """What one yes or no in a record comes to."""

    GRANT = "grant"
    WITHDRAW = "withdraw"
    NO_EVIDENCE = "no_evidence"  # a first yes without date or source: not recorded, counted
    NOT_WIDENED = "not_widened"  # a yes of somebody known: only they themselves can widen it; counted
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Said:
    """What a record says about one address and level. `at` and `source` are its evidence."""

    yes: bool
    at: datetime | None
    source: str | None


@dataclass(frozen=True, slots=True)
class Before:
    """What was known before. `last_grant` None: no event at all for this address and level.

    `closed`: something else forbids a grant: the address is not new here, is suppressed, or its customer withdrew
    elsewhere.
    """

    last_grant: bool | None = None
    last_at: datetime | None = None
    closed: bool = False


def effect(said: Said, before: Before, *, now: datetime) -> Effect:
    """A yes counts only for an address nothing is known of; a no counts until it is already the last word.

    A date still to come is no evidence of anything.
    """
    if not said.yes:
        return Effect.NOTHING if before.last_grant is False else Effect.WITHDRAW
    if before.last_grant:
        return Effect.NOTHING
    if before.last_grant is False or before.closed:
        return Effect.NOT_WIDENED
    return Effect.GRANT if said.at is not None and said.at <= now and said.source else Effect.NO_EVIDENCE


def said_at(said: Said, before: Before, now: datetime) -> datetime:
    """When it counts from. A withdrawal dated before what it withdraws would be read as the older word."""
    if said.at is None or said.at > now or (before.last_at is not None and said.at <= before.last_at):
        return now
    return said.at
