"""What did mail programs write for programs: delivery reports, complaint reports, the message they send back?

RFC 3464 (delivery-status), RFC 5965 (feedback-report), RFC 8098 (disposition-notification), RFC 6533 (their global
forms). Much of what returns is older or sloppier than that: the same lines stand in the text instead of in a part.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from outreach.inbound.fields import Fields, fields_of

_STATUS = frozenset({"message/delivery-status", "message/global-delivery-status"})
_FEEDBACK = frozenset({"message/feedback-report"})
_RECEIPT = frozenset({"message/disposition-notification", "message/global-disposition-notification"})
_RETURNED = frozenset(
    [
        "message/rfc822",
        "message/rfc822-headers",
        "text/rfc822-headers",
        "text/rfc822-header",
        "message/global",
        "message/global-headers",
        "message/partial",
    ]
)
KINDS = _STATUS | _FEEDBACK | _RECEIPT | _RETURNED
_BLANK_LINE = re.compile(rb"\r?\n(?:[ \t]*\r?\n)+")
_MOST_BLOCKS = 200
#: A line of the message that came back, inside a text.
_RETURNED_LINE = re.compile(
    r"[>|\s]{0,8}(return-path|received|message-id|from|to|cc|subject|date|mime-version|content-type|reply-to|sender|"
    r"x-[\w-]{1,40}|dkim-signature|list-unsubscribe|content-transfer-encoding|delivered-to|importance|"
    r"user-agent)[ \t]*:",
    re.I,
)
_TELLING = frozenset({"received", "message-id", "return-path", "mime-version", "content-type", "dkim-signature"})
_REPORT_LINE = re.compile(
    r"^[ \t>]{0,4}(final-recipient|original-recipient|action|status|diagnostic-code)[ \t]*:", re.I
)


@dataclass(frozen=True, slots=True)
class Reports:
    """`status`, `feedback`: blocks of fields. `receipt`: it says that somebody opened a mail. `returned`: the headers
    of the message that came back, in a part or in the text. `notice`: the text above what came back in it."""

    status: tuple[Fields, ...]
    feedback: tuple[Fields, ...]
    receipt: bool
    returned: Fields | None
    notice: str


def reports_of(parts: Iterable[tuple[str, bytes]], text: str) -> Reports:
    """What stands in `parts` (kind of each, and its bytes without transfer encoding) and, failing them, in `text`."""
    status: list[Fields] = []
    feedback: list[Fields] = []
    returned: Fields | None = None
    receipt = False
    for kind, body in parts:
        if kind in _STATUS:
            status += _blocks(body)
        elif kind in _FEEDBACK:
            feedback.append(fields_of(_BLANK_LINE.sub(b"\n", body.strip())))
        elif kind in _RETURNED and returned is None:
            returned = fields_of(_head(body))
        receipt |= kind in _RECEIPT
    notice, inline = _parted(text)
    if not status:
        status += _written_status(notice)
    return Reports(tuple(status), tuple(feedback), receipt, returned or inline, notice)


def _blocks(body: bytes) -> Iterator[Fields]:
    for block in _BLANK_LINE.split(body, maxsplit=_MOST_BLOCKS)[:_MOST_BLOCKS]:
        if (found := fields_of(block)).pairs:
            yield found


def _head(body: bytes) -> bytes:
    return _BLANK_LINE.split(body.lstrip(), maxsplit=1)[0]


def _parted(text: str) -> tuple[str, Fields | None]:
    """The notice, and the headers of a message that was pasted below it: three header lines, one of them telling."""
    lines = text.split("\n")
    for at, line in enumerate(lines):
        if _RETURNED_LINE.match(line):
            block = _header_block(lines, at)
            names = [found[1].lower() for found in map(_RETURNED_LINE.match, block) if found]
            if len(names) >= 3 and not _TELLING.isdisjoint(names):
                head = "\n".join(line.strip("> |\t") if _RETURNED_LINE.match(line) else " " + line for line in block)
                return "\n".join(lines[:at]), fields_of(head.encode("utf-8", "replace"))
    return text, None


def _header_block(lines: list[str], start: int) -> list[str]:
    """From `start`, header lines and what continues them; ends with a blank line or anything else, or after 60."""
    block = [lines[start]]
    for line in lines[start + 1 : start + 60]:
        continues = line[:1] in (" ", "\t") and line.strip()
        if not continues and not _RETURNED_LINE.match(line):
            break
        block.append(line)
    return block


def _written_status(notice: str) -> Iterator[Fields]:
    """The lines of a delivery report that stand in the text itself."""
    lines = [line.strip(" \t>") for line in notice.split("\n") if _REPORT_LINE.match(line)]
    if any(line.lower().startswith("final-recipient") for line in lines):
        yield fields_of("\n".join(lines).encode("utf-8", "replace"))
