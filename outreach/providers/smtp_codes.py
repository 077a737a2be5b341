"""What does a mail server's refusal mean for us? (RFC 5321, 4.2; RFC 3463 and its registry)

A 4xx says not now, a 5xx never, at any stage, the one after the final dot included: both say the mail was not taken.
Only codes that name the mailbox flag an address; "any 5xx is a dead address" would flag too many.
"""

import re
from enum import StrEnum

from outreach.core.lifecycle import Fault


class Stage(StrEnum):
    """How far the conversation had come."""

    GREETING = "greeting"
    LOGIN = "login"
    SENDER = "sender"  # MAIL FROM
    RECIPIENT = "recipient"  # RCPT TO
    MESSAGE = "message"  # DATA, up to the final dot
    DOT = "dot"  # the final dot left


#: By RFC 3463's code.
MEANINGS = {
    "5.1.1": Fault.BAD_ADDRESS,
    "5.1.2": Fault.BAD_ADDRESS,
    "5.1.3": Fault.BAD_ADDRESS,
    "5.1.6": Fault.BAD_ADDRESS,
    "5.1.10": Fault.BAD_ADDRESS,
    "5.2.1": Fault.BAD_ADDRESS,
    "4.2.1": Fault.UNREACHABLE,
    "4.2.2": Fault.UNREACHABLE,
    "5.2.2": Fault.UNREACHABLE,
    "5.1.7": Fault.SENDER,
    "5.1.8": Fault.SENDER,
    "5.7.23": Fault.SENDER,
    "5.7.25": Fault.SENDER,
    "5.7.26": Fault.SENDER,
    "5.7.0": Fault.KEY,
    "5.7.8": Fault.KEY,
    "5.7.9": Fault.KEY,
    "5.7.14": Fault.KEY,
}
#: By RFC 5321's code, where no better one was given.
CODES = {421: Fault.REFUSED, 530: Fault.KEY, 534: Fault.KEY, 535: Fault.KEY, 538: Fault.KEY}
#: Any other 5xx, by stage: before MAIL nobody gets through, at MAIL our address does not.
STAGES = {
    Stage.GREETING: Fault.KEY,
    Stage.LOGIN: Fault.KEY,
    Stage.SENDER: Fault.SENDER,
}
_MEANING = re.compile(rb"\s*([245]\.\d{1,3}\.\d{1,3})\b")


def meaning(words: bytes) -> str | None:
    """The RFC 3463 code a reply begins with."""
    found = _MEANING.match(words)
    return found[1].decode() if found else None


def fault_of(stage: Stage, code: int, words: bytes) -> Fault:
    """What a reply other than the one hoped for means."""
    known = MEANINGS.get(meaning(words) or "") or CODES.get(code)
    if known is not None:
        return known
    if 400 <= code < 500:
        return Fault.REFUSED
    if 500 <= code < 600:
        return STAGES.get(stage, Fault.CONTENT if meaning(words) == "5.7.1" else Fault.INVALID)
    return Fault.DOUBT if stage is Stage.DOT else Fault.UNKNOWN
