"""What became of a message after it was accepted, and what follows for the address? (respect.md 22, 25)

News comes late, twice and in any order. A fate gives way only to one of a higher rank, so all orders end alike: an
email's late `delivered` does not lift a bounce, while a bounce that comes days after `delivered` counts. Of a text the
first word that ends its way stands.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from outreach.core.inbound import Because, Event, Told
from outreach.core.shop import Wishes
from outreach.core.terms import Channel, Scope


class Fate(StrEnum):
    """What became of it, as far as anybody told us."""

    TAKEN = "taken"  # on its way
    DEFERRED = "deferred"  # not yet: it is tried again
    DELIVERED = "delivered"
    BLOCKED = "blocked"  # refused this time; the address may be good
    DROPPED = "dropped"  # the provider did not even try
    BOUNCED = "bounced"  # no such mailbox or number
    COMPLAINED = "complained"  # called spam


_FATES: Mapping[Told, Fate] = {Told(fate.value): fate for fate in Fate}
_EMAIL = {fate: rank for rank, fate in enumerate(Fate, 1)}
#: The one rank of all that end a text's way: none takes the place of another.
TEXT_ENDED = 3
_TEXT = dict.fromkeys(Fate, TEXT_ENDED) | {Fate.TAKEN: 1, Fate.DEFERRED: 2}
_RANKS: Mapping[Channel, Mapping[Fate, int]] = {Channel.EMAIL: _EMAIL, Channel.TEXT: _TEXT}


@dataclass(frozen=True, slots=True)
class Closing:
    """An address that is to be left alone, how much of it, and why: words of the table suppression."""

    scope: Scope
    reason: str
    door: str


_ADDRESS_IS_DEAD = Closing(Scope.ADDRESS, "bounced", "provider")
_CALLED_SPAM = Closing(Scope.EVERYTHING, "complained", "complaint")


def fate_of(told: Told) -> Fate | None:
    """The fate an event tells of; None: it tells of none."""
    return _FATES.get(told)


def rank(channel: Channel, fate: Fate) -> int:
    """Which of two fates of a message stands: the higher. Equal ranks: the one that stood first."""
    return _RANKS[channel][fate]


def ends_a_text(told: Told) -> bool:
    """Whether an event ends the way of a text: nothing more is to come of it."""
    fate = fate_of(told)
    return fate is not None and rank(Channel.TEXT, fate) == TEXT_ENDED


def closing(event: Event, wishes: Wishes) -> Closing | None:
    """What an event says the address is not to get any more; None: nothing. Deferred and blocked close nothing, and
    being on a provider's list no longer opens nothing (respect.md 22)."""
    if event.told is Told.COMPLAINED or event.because is Because.COMPLAINED:
        return _CALLED_SPAM
    if event.told is Told.UNSUBSCRIBED or event.because is Because.OPTED_OUT:
        by_text = event.channel is Channel.TEXT
        return Closing(wishes.stop_by_text if by_text else wishes.stop_by_button, "asked", "provider")
    if event.told is Told.BOUNCED or event.because is Because.BAD_ADDRESS:
        return _ADDRESS_IS_DEAD
    return None
