"""What does the shop's own mailbox get when somebody wrote? Their words, who they are, and what to do; plain text.

`Reply-To` is theirs: whoever answers the mail answers them from his own mailbox. Our token would bring that answer
back to us, as a letter from a stranger; see decision 20.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from outreach.core.quoted import Quoted
from outreach.core.terms import Channel
from outreach.flows.app import App, shop_day
from outreach.flows.came_in import read_raw
from outreach.inbound.letter import Letter
from outreach.providers.base import DEADLINE, Attached, Envelope
from outreach.records import reach
from outreach.render.contexts import clean

#: A mail of more bytes is not attached: our own would be turned away for its size.
MOST_ATTACHED = 1_000_000
#: By this header we know our own again, wherever a mailbox sends them on to.
LOOP = "X-Loop"
_LONGEST_LINE, _LONGEST_SUBJECT = 998, 120


@dataclass(frozen=True, slots=True)
class Came:
    """What is forwarded: its row (`store.forwards.read`), its bytes as they came, and where the writer is reached."""

    row: Any
    raw: bytes
    address: tuple[Channel, str] | None


@dataclass(frozen=True, slots=True)
class _Read:
    """The same, read: `letter` None for a text. `back`: where an answer to our own mail goes; "": to ourselves."""

    who: str
    address: str
    channel: Channel
    subject: str
    words: str
    letter: Letter | None
    back: str = ""


def never(app: App, came: Came) -> str | None:
    """Why this does not go on, whatever happens: it would come back. None: it does."""
    to, ours = app.house.replies.forward_to.casefold(), _mailbox(app.house.replies.address)
    if ours and _mailbox(to) == ours:
        return "replies.forward_to is the mailbox we read ourselves"
    letter = _read(came).letter
    if letter is None:
        return None
    if mark(app) in letter.headers.every(LOOP.lower()):
        return "it is one of ours that came back"
    own = {_mailbox(to), _mailbox(app.house.senders[Channel.EMAIL].address), ours}
    return "it came from the shop's own mailbox" if _mailbox(letter.from_address or "") in own else None


def mark(app: App) -> str:
    """What LOOP says in our own."""
    return f"outreach {app.house.senders[Channel.EMAIL].address}"


def letter_on(app: App, came: Came, *, at: datetime, whole: bool) -> Envelope:
    """The mail to the shop. `whole`: with what came beside it, if that is small, and whom an answer goes to."""
    read, name = _read(came), f"f-{came.row.id}"
    sender = app.house.senders[Channel.EMAIL].address
    files = _attached(read, came.raw) if whole else ()
    back = read.address if whole and read.channel is Channel.EMAIL and _fit(read.address) else ""
    return Envelope(
        id=name,
        reference=name,
        night=shop_day(app, at).isoformat(),
        mode=app.house.mode,
        campaign="forward",
        channel=Channel.EMAIL,
        sender=sender,
        to=app.house.replies.forward_to,
        subject=_line(f"{read.who} wrote{f': {read.subject}' if read.subject else ' by text'}")[:_LONGEST_SUBJECT],
        html=None,
        text=Quoted.of("\n".join(_lines(app, came, replace(read, back=back), bool(files)))),
        headers=_headers(app, came, back, sender),
        handed_at=at,
        not_after=at + DEADLINE,
        attached=files,
    )


def _headers(app: App, came: Came, back: str, sender: str) -> tuple[tuple[str, str], ...]:
    """RFC 3834: no machine answers it; mail programs show a conversation's mails together."""
    shop = "".join(letter for letter in _line(app.house.shop.name) if letter not in ',;<>"@')
    found = [
        ("From", f"{shop} <{sender}>"),
        ("Auto-Submitted", "auto-generated"),
        ("X-Auto-Response-Suppress", "All"),
        (LOOP, mark(app)),
    ]
    if back:
        found.append(("Reply-To", back))
    if came.row.conversation_id is not None:
        found.append(("References", f"<r-{came.row.conversation_id}@{sender.rpartition('@')[2]}>"))
    return tuple(found)


def _read(came: Came) -> _Read:
    """A text comes as a form, a mail as a mail; what was understood of either stands in the row."""
    row, raw = came.row, read_raw(came.raw)
    name = " ".join(filter(None, (row.first_name, row.last_name)))
    if raw.letter is not None:
        who = name or raw.letter.from_name or raw.address
        return _Read(_line(who), raw.address, Channel.EMAIL, raw.subject, row.words or raw.words, raw.letter)
    channel, known = came.address or (Channel.TEXT, "")
    address = known or raw.address
    words = row.words or raw.words
    return _Read(_line(name or address or "Somebody"), address, channel, row.subject or "", words, None)


def _fit(address: str) -> bool:
    """Whether it may stand in a header of ours; an odd one stands in the words, for a person to copy."""
    try:
        reach.email(address)
    except reach.NotReachable:
        return False
    return _line(address) == address


def _lines(app: App, came: Came, read: _Read, attached: bool) -> list[str]:
    row, zone = came.row, ZoneInfo(app.house.shop.zone)
    said = f"{read.who} ({', '.join(filter(None, (row.key, read.address)))})"
    lines = [
        f"{said} wrote by {read.channel.value}, {_moment(row.received_at, zone)}:",
        "",
        read.words.strip(),
        "",
        "-- ",
    ]
    if row.answer:
        lines.append(f"Of their delivery they say: {row.answer}.")
    if row.unsure:
        lines.append("They may have asked to be left alone: campaigns wait until you decide.")
    if row.conversation_id is None:
        lines.append("Nobody waits for an answer.")
    else:
        lines += _what_to_do(row, read, zone)
    if read.letter is not None and not attached:
        lines.append(f"The mail itself ({len(came.raw):,} bytes) is not attached.")
    return lines


def _what_to_do(row: Any, read: _Read, zone: ZoneInfo) -> list[str]:
    name = f"r-{row.conversation_id}"
    lines = [f"We promised an answer by {_moment(row.answer_by, zone)}."] if row.answer_by else []
    lines += ["", f"Answer, and our promise is kept in the books:  outreach replies reply {name}"]
    if read.channel is Channel.EMAIL and read.address:
        how = "answer this mail" if read.back else f"write to {read.address}"
        lines.append(f"Or {how} from your own mailbox, then:  outreach replies close {name}")
    return [*lines, f"All that was said:  outreach replies show {name}"]


def _moment(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def _attached(read: _Read, raw: bytes) -> tuple[Attached, ...]:
    """The mail as it came. As a mail inside the mail only if it needs no encoding, which is not allowed there."""
    if read.letter is None or len(raw) > MOST_ATTACHED:
        return ()
    lines = raw.splitlines()
    plain = raw.isascii() and b"\0" not in raw and max(map(len, lines), default=0) <= _LONGEST_LINE
    return (Attached("original.eml", "message/rfc822" if plain else "application/octet-stream", raw),)


def _mailbox(address: str) -> str:
    """`Hello+token@x` -> `hello@x`."""
    name, _, host = address.casefold().partition("@")
    return f"{name.partition('+')[0]}@{host}" if host else ""


def _line(text: str) -> str:
    """One line fit for a header: nothing that steers, and nothing a mail program would decode."""
    return clean(text).replace("=?", "= ?")
