"""Did a message of ours come back, whose was it, and is that address dead?

Delivered and delayed reports are told apart from failures; of the failures only those that say that nobody is there
are hard (respect.md 30). "Any 5xx is dead" shuts out people whose mailbox was full or whose server disliked us.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from outreach.inbound import bounce_words as words
from outreach.inbound.addresses import addresses_in, canonical
from outreach.inbound.decoding import header_text
from outreach.inbound.fields import Fields
from outreach.inbound.letter import Letter

#: A delivery report by its own word, even where its blocks are missing or broken.
_REPORT_TYPE = re.compile(r"multipart/report\b.*report-type\s*=\s*\"?delivery-status", re.I | re.S)
_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_REPLY_CODE = re.compile(r"\b([45])\d\d\b")
_DELIVERED = frozenset({"delivered", "deliverable", "relayed", "expanded"})
_MOST_SAID = 4_000  # characters of a notice, or of a Content-Type, that are judged
_MOST_ADDRESSES = 50
_REPLIED = re.compile(r"\s*(?:re|aw|sv|vs|rv|res|antw|odp|ynt)\s*(?:\[\d+\])?\s*[:：]", re.I)
_ADDRESS = r"[\[<(]?(?:smtp[:=]|rfc822;\s?|mailto:)?([^\s<>()\[\],;:\"']{1,64}@[^\s<>()\[\],;:\"']{1,200})"
#: An address alone on its line, or with a colon and the reason after it, is one of those the notice is about.
_LISTED = re.compile(rf"^[ \t>*|-]{{0,20}}{_ADDRESS}[>)\]]?[ \t]*(?::|$|\(|[.,;] )", re.I | re.M)
_NAMED = re.compile(rf"(?:^|[\s:\"']){_ADDRESS}", re.I | re.M)
#: The heading of the message that came back: whom it was sent to, which with a mailing list is somebody else.
_HEADING = re.compile(r"^[ \t>]{0,20}(?:to|cc|from|an|von|para|de|reply-to)[ \t]*:.*$", re.I | re.M)


class Outcome(StrEnum):
    """What became of a message, as far as the report knows."""

    FAILED = "failed"
    DELAYED = "delayed"
    DELIVERED = "delivered"


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a report says of one recipient. `address` is None where it names nobody.

    `status`: `5.1.1`, or "". `hard`: nobody is there. `full`: the mailbox is; that is not hard at first. `said`: the
    diagnosis, for people; it may hold the address.
    """

    address: str | None
    outcome: Outcome
    status: str
    hard: bool
    full: bool
    said: str


def deliveries(letter: Letter) -> tuple[Delivery, ...]:
    """What `letter` reports, one entry per recipient; empty if it is no report on a delivery."""
    blocks = [block for block in letter.reports.status if block.has(("action", "status", "final-recipient"))]
    if blocks and (_is_report(letter) or _by_a_machine(letter)):
        single = len([block for block in blocks if block.first("final-recipient")]) == 1
        return tuple(_of_block(block, letter, single) for block in blocks if block.has(("action", "status")))
    return tuple(_of_notice(letter)) if _is_notice(letter) else ()


def _is_report(letter: Letter) -> bool:
    return letter.content_type == "multipart/report"


def _by_a_machine(letter: Letter) -> bool:
    local = (letter.from_address or "").partition("@")[0]
    named = words.DAEMON.fullmatch(local) or words.DAEMON_NAME.search(letter.from_name)
    return bool(named) or letter.from_address is None or _from_nobody(letter)


def _from_nobody(letter: Letter) -> bool:
    """The empty envelope sender, which only reports and automatic answers have (RFC 5321, 4.5.5)."""
    return any(value.replace(" ", "") == "<>" for value in letter.headers.every("return-path"))


def _is_notice(letter: Letter) -> bool:
    """Reports from before RFC 3464, and from those who never read it: a machine, and words of failure."""
    kind = letter.headers.first("content-type")[:_MOST_SAID]
    if letter.headers.has(("x-failed-recipients",)) or _REPORT_TYPE.match(kind):
        return True
    if letter.reports.receipt and "automatically rejected" not in letter.reports.notice:
        return False
    titled = bool(words.SUBJECT.search(letter.subject)) and not _REPLIED.match(letter.subject)
    told = bool(words.FAILED.search(letter.reports.notice[:_MOST_SAID]))
    delayed = bool(words.DELAYED.search(letter.reports.notice[:_MOST_SAID]))
    if _by_a_machine(letter):
        named = letter.from_address is not None and not _from_nobody(letter)
        return (titled and (named or told or delayed or letter.reports.returned is not None)) or told
    formed = bool(words.FORM.search(letter.reports.notice[:_MOST_SAID]))
    return titled and (told or delayed) and (formed or _is_report(letter) or letter.reports.returned is not None)


def _of_block(block: Fields, letter: Letter, single: bool) -> Delivery:
    said = header_text(block.first("diagnostic-code"))
    status = next(iter(_STATUS.findall(block.first("status"))), "")
    full = bool(words.FULL.search(said) or (single and words.FULL.search(letter.reports.notice[:_MOST_SAID])))
    outcome = _outcome(block.word("action"), status, letter)
    if not said and single:
        said = letter.reports.notice[:_MOST_SAID]
    precise = next(
        (found for found in _STATUS.findall(said) if found[0] == status[:1] and status.endswith("0.0")), status
    )
    hard = outcome is Outcome.FAILED and not full and _nobody_there(precise, said)
    return Delivery(_recipient(block), outcome, precise, hard, full, said[:500])


def _outcome(action: str, status: str, letter: Letter) -> Outcome:
    if action in _DELIVERED or (not action and status.startswith("2")):
        return Outcome.DELIVERED
    if action.startswith("delay"):
        return Outcome.DELAYED
    if action.startswith(("fail", "error", "expired")):
        return Outcome.FAILED
    late = status.startswith("4") or (not status and words.DELAYED.search(letter.reports.notice[:_MOST_SAID]))
    return Outcome.DELAYED if late else Outcome.FAILED


def _nobody_there(status: str, said: str) -> bool:
    if status.startswith("4") or (not status and "4" in _REPLY_CODE.findall(said)):
        return False
    if words.GONE.search(said) and not re.search(r"sender\b[^.\n]{0,40}reject", said, re.I):
        return True
    if words.NOT_THE_ADDRESS.search(said):
        return False
    return bool(words.GONE_STATUS.fullmatch(status) or (words.REJECTED.search(said) and status.startswith("5.1")))


def _recipient(block: Fields) -> str | None:
    """The address we wrote to (Original-Recipient) before the one it was sent on to."""
    for name in ("original-recipient", "x-actual-recipient", "final-recipient"):
        value = block.first(name)
        for text in (value.partition(";")[2], value):
            if found := canonical(text.strip().partition(" ")[0].strip("\"'")):
                return found
    return None


def _of_notice(letter: Letter) -> Iterator[Delivery]:
    notice = letter.reports.notice[:_MOST_SAID]
    delayed = words.DELAYED.search(f"{letter.subject}\n{notice}") and not re.search(
        r"permanent|gi(?:ven|ving) up", notice, re.I
    )
    outcome = Outcome.DELAYED if delayed else Outcome.FAILED
    status = next((code for code in _STATUS.findall(notice) if code[0] in "45"), "")
    full = bool(words.FULL.search(notice))
    hard = outcome is Outcome.FAILED and not full and _nobody_there(status, notice)
    for address in _named(letter) or (None,):
        yield Delivery(address, outcome, status, hard, full, " ".join(notice.split())[:500])


def _named(letter: Letter) -> tuple[str, ...]:
    """Whom a notice without blocks is about: X-Failed-Recipients, else addresses in it, else whom the mail was for."""
    stated = addresses_in(" ".join(letter.headers.every("x-failed-recipients")))
    if stated:
        return stated[:_MOST_ADDRESSES]
    returned = letter.reports.returned
    sent_to = addresses_in(" ".join(returned.every("to", "x-original-to", "delivered-to"))) if returned else ()
    notice = _HEADING.sub("", letter.reports.notice[:_MOST_SAID])
    listed, named = _others(_LISTED.findall(notice), letter), _others(_NAMED.findall(notice), letter)
    both = [one for one in named if one in sent_to]
    return tuple(both or listed or named[:1] or sent_to[:1])[:_MOST_ADDRESSES]


def _others(written: list[str], letter: Letter) -> list[str]:
    """Addresses of neither the sender nor the reader of the notice, and of no machine."""
    ours = {address.lower() for address in (*letter.to, letter.from_address or "")}
    found = dict.fromkeys(one for text in written if (one := canonical(text.rstrip("."))))
    return [one for one in found if one.lower() not in ours and not words.DAEMON.fullmatch(one.partition("@")[0])]
