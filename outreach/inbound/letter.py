"""What does a mail that came in say, and who is it from?

`read_letter` takes the mail as it travelled, `letter_of_fields` what SendGrid's Inbound Parse posts; both give a
Letter, whatever the bytes are. Limits (faults.md, security 6): 64 KiB of headers, 50 parts, 10 levels, 64 KiB of text;
`truncated` says that one was met. Attachments are named, not read.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from outreach.inbound.addresses import addresses, message_ids, people
from outreach.inbound.fields import Fields, fields_of
from outreach.inbound.mime import MOST_HEADERS, tree, unified
from outreach.inbound.plain import text_of
from outreach.inbound.posted import Posted, posted
from outreach.inbound.reports import KINDS, Reports, reports_of
from outreach.inbound.texts import Attachment, Words, part_bytes, shortened, words_of
from outreach.inbound.vouching import vouched_by_headers, vouched_by_post

_MOST_LISTED = 200  # addresses, references
_LONGEST_LINE = 998  # of a subject or a name (RFC 5322, 2.1.1)
#: Where the address it came to may stand.
_DELIVERED = (
    "delivered-to",
    "x-original-to",
    "envelope-to",
    "x-envelope-to",
    "x-rcpt-to",
    "x-forwarded-to",
    "to",
    "cc",
    "apparently-to",
)
#: Line ends, and the marks that turn the direction of writing around, do not belong in a name.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]+")


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail that came in. Addresses have their domain in small letters; ids keep their angle brackets.

    `to`: every address it was written or delivered to, the envelope's first. `text`: what a person would read, quotes
    and all (quoting.new_words leaves them out). `reports`: what mail programs wrote for programs. `size` in bytes.
    `vouched`: whether SPF or DKIM stood up for the From domain; None where nobody says that they looked.
    """

    message_id: str | None
    in_reply_to: str | None
    references: tuple[str, ...]
    from_address: str | None
    from_name: str
    reply_to: str | None
    to: tuple[str, ...]
    subject: str
    date: datetime | None
    text: str = field(repr=False)
    headers: Fields = field(repr=False)
    content_type: str
    reports: Reports = field(repr=False)
    attachments: tuple[Attachment, ...]
    size: int
    truncated: bool
    vouched: bool | None


def read_letter(raw: bytes, *, envelope_to: Sequence[str] = (), authserv: str = "") -> Letter:
    """The mail that `raw` is. Never raises, whatever the bytes.

    `envelope_to`: whom the receiving server says it was for. `authserv`: the name under which our own mail server
    writes Authentication-Results (RFC 8601); without it none is believed.
    """
    raw = unified(raw)
    read = tree(raw)
    words = words_of(raw, read)
    parts = ((part.kind, part_bytes(raw, part)) for part in read.parts if part.kind in KINDS)
    headers = fields_of(read.head)
    letter = _letter(headers, words, reports_of(parts, words.text), tuple(envelope_to))
    return replace(
        letter,
        content_type=read.kind,
        size=len(raw),
        truncated=read.cut or words.cut,
        vouched=vouched_by_headers(headers, letter.from_address, authserv),
    )


def letter_of_fields(
    fields: Mapping[str, bytes], files: Iterable[tuple[str, str, bytes]] = (), *, authserv: str = ""
) -> Letter:
    """The mail that SendGrid's Inbound Parse posted, in default or in raw mode. Never raises.

    `fields`: form fields as raw bytes. `files`: name, content type and first bytes of each file posted with them (a
    delivery report comes as one); `size` is then of what was posted. `authserv`: a mail server of ours before SendGrid,
    whose verdict then counts before SendGrid's, to whom it is the sender.
    """
    post = posted(fields)
    if post.email is not None:
        letter = read_letter(post.email, envelope_to=post.mail_to)
    else:
        letter = _of_pieces(post, list(files))
        size = sum(map(len, fields.values())) + sum(file.size for file in letter.attachments)
        letter = replace(
            letter, size=size, truncated=letter.truncated or len(fields.get("headers", b"")) > MOST_HEADERS
        )
    told = vouched_by_headers(letter.headers, letter.from_address, authserv)
    checked = vouched_by_post(post.dkim, post.spf, post.mail_from, letter.from_address)
    return replace(letter, vouched=checked if told is None else told)


def _of_pieces(post: Posted, files: list[tuple[str, str, bytes]]) -> Letter:
    text, cut = shortened(post.text if post.text.strip() else text_of(post.html))
    named = tuple(Attachment(name[:200], kind.lower(), len(body)) for name, kind, body in files)
    parts = ((kind.partition(";")[0].strip().lower(), body) for _, kind, body in files)
    given = (("from", post.sender), ("to", post.to), ("subject", post.subject))
    pairs = tuple((name, value) for name, value in given if value and not (name == "to" and post.headers.first("to")))
    mended = Fields(pairs + tuple(pair for pair in post.headers.pairs if pair[0] not in dict(pairs)))
    return _letter(mended, Words(text, named, cut), reports_of(parts, text), post.mail_to)


def _letter(headers: Fields, words: Words, reports: Reports, envelope_to: tuple[str, ...]) -> Letter:
    senders = people(headers.first("from"))
    sender = next((one for one in senders if one.address), senders[0] if senders else None)
    reached = [*addresses(",".join(envelope_to)), *addresses(",".join(headers.every(*_DELIVERED)))]
    kind = headers.word("content-type")
    return Letter(
        message_id=next(iter(message_ids(headers.first("message-id"))), None),
        in_reply_to=next(iter(message_ids(headers.first("in-reply-to"))), None),
        references=message_ids(headers.first("references"))[-_MOST_LISTED:],
        from_address=sender.address if sender else None,
        from_name=_shown(sender.name) if sender else "",
        reply_to=next(iter(addresses(headers.first("reply-to"))), None),
        to=tuple(dict.fromkeys(reached))[:_MOST_LISTED],
        subject=_shown(headers.text("subject")),
        date=_moment(headers.first("date")),
        text=words.text,
        headers=headers,
        content_type=kind,
        reports=reports,
        attachments=words.attachments,
        size=0,
        truncated=words.cut,
        vouched=None,
    )


def _shown(text: str) -> str:
    return " ".join(_CONTROLS.sub(" ", text).split())[:_LONGEST_LINE]


def _moment(value: str) -> datetime | None:
    """A Date as an instant with its zone; without a zone it is UTC (RFC 5322, 3.3)."""
    try:
        found = parsedate_to_datetime(value[:200])
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
