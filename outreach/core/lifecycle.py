"""What does a provider's answer mean for a message, its address, its campaign and the provider itself? (state.md)

A provider file translates its vendor's codes into a `Fault`; this table alone says what follows from one.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from outreach.core.terms import MessageState

#: How often a text is tried whose phone is out of reach, and how long it waits each time (respect.md 26).
TRIES, UNREACHABLE_WAIT = 3, timedelta(minutes=30)


class Fault(StrEnum):
    """Why a message was not simply accepted."""

    NOT_REACHED = "not_reached"  # no connection, so not one byte left: surely unsent
    LATE = "late"  # its first byte would have left too long after T2, so none did: our own doing
    REFUSED = "refused"  # 429 or 503: surely not accepted; the provider asks us to wait
    KEY = "key"  # 401 or 403: the provider does not know us; trying again will not help
    INVALID = "invalid"  # 400, 413: this message is refused for good
    DOUBT = "doubt"  # timeout, reset, 5xx: nobody knows whether it was taken
    OPTED_OUT = "opted_out"  # the provider's own list says this person wants nothing (Twilio 21610)
    BAD_ADDRESS = "bad_address"  # no such number or mailbox
    CONTENT = "content"  # carriers filtered the words
    SENDER = "sender"  # our number or registration may not send this: the campaign stops
    UNREACHABLE = "unreachable"  # switched off or out of reach just now: a text is tried again, see TRIES
    UNKNOWN = "unknown"  # an answer the table does not know: failed, no retry


@dataclass(frozen=True, slots=True)
class Consequence:
    """What follows from one fault. At most one of the reaches beyond the message itself is wide."""

    state: MessageState  # where the message goes
    pause_provider: bool = False  # until the provider's own time, or a short while
    stop_provider: bool = False  # until a person mends the key
    stop_campaign: bool = False
    suppress: bool = False  # the person opted out at the provider
    flag_address: bool = False  # nothing more to this one address
    counts: bool = False  # as a failure for the campaign's breaker


CONSEQUENCES = {
    Fault.NOT_REACHED: Consequence(MessageState.READY, pause_provider=True),
    Fault.LATE: Consequence(MessageState.READY),
    Fault.REFUSED: Consequence(MessageState.READY, pause_provider=True),
    Fault.KEY: Consequence(MessageState.READY, stop_provider=True),
    Fault.INVALID: Consequence(MessageState.REJECTED, counts=True),
    Fault.DOUBT: Consequence(MessageState.IN_DOUBT, counts=True),
    Fault.OPTED_OUT: Consequence(MessageState.REJECTED, suppress=True),
    Fault.BAD_ADDRESS: Consequence(MessageState.REJECTED, flag_address=True),
    Fault.CONTENT: Consequence(MessageState.REJECTED, counts=True),
    Fault.SENDER: Consequence(MessageState.READY, stop_campaign=True),
    Fault.UNREACHABLE: Consequence(MessageState.REJECTED),  # once a text has no try left; an email at once
    Fault.UNKNOWN: Consequence(MessageState.REJECTED, counts=True),
}
