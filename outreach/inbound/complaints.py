"""Did somebody tell their mail provider that our message was spam, and who? (ARF: RFC 5965, RFC 6650)

Most complaints are reports with a part for programs. Microsoft's old loop and a few others send only our message back
under a heading of their own.
"""

import re
from dataclasses import dataclass

from outreach.inbound.addresses import addresses_in
from outreach.inbound.fields import Fields
from outreach.inbound.letter import Letter

#: Of these the recipient wants no more. `not-spam` says the opposite, `auth-failure` is about our own DNS, `virus` and
#: `other` are no wish of a person.
UNWANTED = frozenset({"abuse", "opt-out", "opt-out-list", "fraud", "miscategorized", "complaint"})
_SAID = re.compile(
    r"complaint about (?:a |your )?(?:e-?mail|message)|e-?mail feedback report|"
    r"(?:e-?mail|spam|user|customer) (?:abuse )?complaint|(?:e-?mail )?abuse report for|spam report|junk mail report|"
    r"feedback[- ]loop|reported (?:as|this) (?:spam|abuse|junk)",
    re.I,
)
_LOOPS = re.compile(
    r"(?:staff|fbl|feedback\w*|abuse\w*|complaints?|scomp|postmaster|arf|junk\w*|report\w*|no-?reply)[\w.+-]*", re.I
)
_MOST_SAID = 2_000
_RECIPIENT = ("original-rcpt-to", "removal-recipient", "original-recipient")
#: Where the message that came back says whom it was for.
_RETURNED = ("x-hmxmroriginalrecipient", "x-original-to", "delivered-to", "x-rcpt-to", "to")


@dataclass(frozen=True, slots=True)
class Complaint:
    """One report. `feedback_type` as written there, in small letters; `unwanted`: nothing more may be sent."""

    feedback_type: str
    addresses: tuple[str, ...]
    unwanted: bool


def complaint(letter: Letter) -> Complaint | None:
    """The complaint that `letter` reports; None if it is none."""
    reports = [block for block in letter.reports.feedback if block.has(("feedback-type", "user-agent", "source-ip"))]
    if not reports and letter.reports.returned is not None and _loop(letter):
        reports = [Fields((("feedback-type", "abuse"),))]
    if not reports:
        return None
    kind = next((word for block in reports if (word := block.word("feedback-type"))), "abuse")
    return Complaint(kind, _about(letter, reports), kind in UNWANTED)


def _loop(letter: Letter) -> bool:
    """Our message sent back with nothing but a heading, by an address that does just that."""
    returned = letter.reports.returned
    marked = returned is not None and returned.has(("x-hmxmroriginalrecipient",))
    said = _SAID.search(letter.subject) or _SAID.search(letter.text[:_MOST_SAID])
    return marked or bool(said and _LOOPS.fullmatch((letter.from_address or "").partition("@")[0]))


def _about(letter: Letter, reports: list[Fields]) -> tuple[str, ...]:
    """Whom the report names; failing that, whom the message was for."""
    named = addresses_in(" ".join(value for block in reports for value in block.every(*_RECIPIENT)))
    if named or letter.reports.returned is None:
        return named
    for name in _RETURNED:
        if found := addresses_in(" ".join(letter.reports.returned.every(name))):
            return found
    return ()
