"""What do providers and people tell us? Their words translated at the door; nothing here acts.

An `Event` speaks of a message of ours, a `Written` is something a person wrote. Both carry the provider's own id, so
that the same thing told twice counts once (respect.md 21, 28).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from outreach.core.lifecycle import Fault
from outreach.core.terms import Channel


def readable(text: str) -> str:
    """`text` as every database takes it: without NULs, and with "?" for halves of letters (lone surrogates)."""
    return text if text.isprintable() else text.encode("utf-8", "replace").decode().replace("\0", "")


class Told(StrEnum):
    """What a provider's event says of a message or an address."""

    TAKEN = "taken"  # it has it: processed, queued, sending, sent
    DEFERRED = "deferred"  # tried, and will be tried again
    DELIVERED = "delivered"
    BOUNCED = "bounced"  # surely: no such mailbox or number
    BLOCKED = "blocked"  # not this time: full, filtered, a policy; the address may be good
    DROPPED = "dropped"  # the provider did not even try
    COMPLAINED = "complained"  # called spam
    UNSUBSCRIBED = "unsubscribed"  # on the provider's own list
    RESUBSCRIBED = "resubscribed"  # taken off it: lifts nothing of ours
    OTHER = "other"  # kept, and nothing follows


class Because(StrEnum):
    """Why something was dropped or refused, where that matters to the address."""

    OPTED_OUT = "opted_out"
    BAD_ADDRESS = "bad_address"
    COMPLAINED = "complained"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing a provider says. `reference` is our own opaque id given back; `at` the provider's clock.

    `code` and `said` are the vendor's, for people; `raw` its exact words, kept. `fault`: what its code says of our
    sender, our words or our pace. `problem`: why it could not be understood; it is kept all the same.
    """

    provider: str
    event_id: str
    told: Told
    channel: Channel
    raw: bytes
    reference: str | None = None
    message_id: str | None = None
    address: str | None = None  # as the provider wrote it
    at: datetime | None = None
    because: Because | None = None
    code: str | None = None
    said: str | None = None
    fault: Fault | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """One message from a person, text or mail; what is quoted is still in `words` of a mail.

    `asked_out`: the provider itself says this is an opt-out (Twilio's OptOutType=STOP), whatever the body says.
    `thread`: the Message-IDs it answers, oldest first.
    """

    provider: str
    event_id: str
    channel: Channel
    sender: str  # as it was written: E.164 or an email address
    to: str
    words: str
    raw: bytes
    subject: str | None = None
    message_id: str | None = None
    thread: tuple[str, ...] = ()
    asked_out: bool = False
    at: datetime | None = None
