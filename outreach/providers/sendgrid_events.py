"""What does SendGrid tell of our emails? Its event webhook, translated by tables.

https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from typing import Any

from outreach.core.inbound import Because, Event, Told, readable
from outreach.core.posts import Door, Heard, Post, TooMuch
from outreach.core.terms import Channel
from outreach.providers.listening import Ears
from outreach.providers.sendgrid import REFERENCE
from outreach.providers.signatures import SendGridKey, sendgrid_key
from outreach.providers.wanted import unusable
from outreach.providers.wording import masked

#: SendGrid posts at 768 kB or after 30 seconds, whichever comes first.
MOST, MOST_EVENTS = 2 << 20, 5_000
#: Their word -> ours. `open`, `click` and what they may yet think of: OTHER.
TOLD: Mapping[str, Told] = {
    "processed": Told.TAKEN,
    "deferred": Told.DEFERRED,
    "delivered": Told.DELIVERED,
    "bounce": Told.BOUNCED,
    "blocked": Told.BLOCKED,
    "dropped": Told.DROPPED,
    "spamreport": Told.COMPLAINED,
    "unsubscribe": Told.UNSUBSCRIBED,
    "group_unsubscribe": Told.UNSUBSCRIBED,
    "group_resubscribe": Told.RESUBSCRIBED,
    "resubscribe": Told.RESUBSCRIBED,
}
#: How the reason of `dropped` begins -> what that says of the address. "Invalid SMTPAPI header" says nothing of it.
BECAUSE: tuple[tuple[str, Because], ...] = (
    ("bounced address", Because.BAD_ADDRESS),
    ("unsubscribed address", Because.OPTED_OUT),
    ("group unsubscribed", Because.OPTED_OUT),
    ("spam reporting address", Because.COMPLAINED),
)
_INVALID = ("invalid", "invalid address", "invalid email address")
_LONGEST_ID = 200


def door(ears: Ears, path: str) -> Door:
    """Raises Misuse (OUT-413) for a SENDGRID_WEBHOOK_KEY that is none."""
    return Door("SendGrid events", path, MOST, partial(_read, key_of(ears, "SENDGRID_WEBHOOK_KEY")))


def key_of(ears: Ears, name: str) -> SendGridKey:
    """The key in this variable. Raises Misuse (OUT-413)."""
    try:
        return sendgrid_key(ears.environment[name])
    except ValueError as error:
        raise unusable(name, str(error), "copy it again from SendGrid's page: docs/webhooks.md") from None


def _read(key: SendGridKey, post: Post) -> Heard:
    key.check(post)
    return events(post.body)


def events(body: bytes) -> tuple[Event, ...]:
    """All events of a post that is SendGrid's. What cannot be read is kept with its problem. Raises TooMuch."""
    try:
        posted = json.loads(body)
    except (ValueError, RecursionError):
        return (_unread(body, "it is not JSON"),)
    if not isinstance(posted, list):
        posted = [posted]
    if len(posted) > MOST_EVENTS:
        raise TooMuch
    return tuple(map(_event, posted))


def _event(one: Any) -> Event:
    raw = json.dumps(one, sort_keys=True, separators=(",", ":")).encode()  # the same words whatever their order
    if not isinstance(one, dict):
        return _unread(raw, "it is no object")
    word, reason = _text(one, "event").lower(), _text(one, "reason") or _text(one, "response")
    if word == "bounce" and not _is_bounce(one):
        word = "blocked"
    told = TOLD.get(word, Told.OTHER)
    code, said = _text(one, "status"), masked(reason)
    return Event(
        provider="sendgrid",
        event_id=_id(one, raw),
        told=told,
        channel=Channel.EMAIL,
        raw=raw,
        reference=_text(one, REFERENCE) or None,
        message_id=_message_id(_text(one, "sg_message_id")),
        address=_text(one, "email") or None,
        at=moment(one.get("timestamp")),
        because=_because(reason) if told is Told.DROPPED else None,
        code=masked(code) or None,
        said=said or None,
        problem=None if word else "it names no event",
    )


def _unread(raw: bytes, problem: str) -> Event:
    return Event("sendgrid", _digest(raw), Told.OTHER, Channel.EMAIL, raw, problem=problem)


def _is_bounce(one: dict[str, Any]) -> bool:
    """`type` tells a bounce from a block; events of old that have none by their status, where 4 is "not this time"."""
    kind = _text(one, "type").lower()
    return kind == "bounce" if kind else not _text(one, "status").startswith("4")


def _because(reason: str) -> Because | None:
    said = reason.strip().lower()
    if said in _INVALID:
        return Because.BAD_ADDRESS
    return next((because for start, because in BECAUSE if said.startswith(start)), None)


def _id(one: dict[str, Any], raw: bytes) -> str:
    given = _text(one, "sg_event_id")
    return given if given.isprintable() and 0 < len(given) <= _LONGEST_ID else _digest(raw)


def _digest(raw: bytes) -> str:
    return f"sha256:{sha256(raw).hexdigest()}"


def _message_id(text: str) -> str | None:
    """`ID.filter0093p1las1...` or `ID.recvd-...`: the part that mail/send answered in X-Message-Id."""
    found = text.partition(".filter")[0].partition(".recvd")[0]
    return found if found.isprintable() and 0 < len(found) <= _LONGEST_ID else None


def moment(stamp: Any) -> datetime | None:
    """Seconds since 1970, as a number or as text; None for anything that was no moment of ours."""
    try:
        found = datetime.fromtimestamp(int(stamp), UTC)
    except (ValueError, TypeError, OverflowError, OSError):
        return None
    return found if 2010 <= found.year < 2100 else None


def _text(one: dict[str, Any], name: str) -> str:
    value = one.get(name)
    return readable(value) if isinstance(value, str) else ""
