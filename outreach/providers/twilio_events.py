"""What does Twilio tell of our texts, and what do people text us? Its status callback and its incoming messages.

https://www.twilio.com/docs/messaging/guides/track-outbound-message-status
https://www.twilio.com/docs/messaging/guides/webhook-request
"""

import re
from collections.abc import Callable, Mapping
from functools import partial
from hashlib import sha256
from urllib.parse import parse_qsl

from outreach.core.inbound import Because, Event, Told, Written, readable
from outreach.core.lifecycle import Fault
from outreach.core.posts import Door, Forged, Heard, Post
from outreach.core.terms import Channel
from outreach.providers.listening import Ears
from outreach.providers.signatures import Form, TwilioToken
from outreach.providers.twilio import SID, TOKEN
from outreach.providers.twilio_codes import FAULTS
from outreach.providers.wording import masked

MOST, MOST_FIELDS = 256 << 10, 500
#: What Twilio wants to hear: nothing more is to be said to the person (respect.md 12).
SILENCE, MEDIA_TYPE = '<?xml version="1.0" encoding="UTF-8"?><Response/>', "text/xml"
#: Their word -> ours; what `undelivered` says depends on the code.
TOLD: Mapping[str, Told] = {
    "accepted": Told.TAKEN,
    "scheduled": Told.TAKEN,
    "queued": Told.TAKEN,
    "sending": Told.TAKEN,
    "sent": Told.TAKEN,
    "delivered": Told.DELIVERED,
    "read": Told.DELIVERED,
    "undelivered": Told.BLOCKED,
    "failed": Told.DROPPED,
    "canceled": Told.DROPPED,
}
#: What a code says of the person or the number.
BECAUSE: Mapping[Fault, Because] = {
    Fault.OPTED_OUT: Because.OPTED_OUT,
    Fault.BAD_ADDRESS: Because.BAD_ADDRESS,
}
_SID = re.compile(r"[A-Za-z0-9]{2,64}")


def status_door(ears: Ears, path: str) -> Door:
    """Where Twilio reports what became of a text; `?r=` names it."""
    return _door("Twilio status", path, ears, _status)


def inbound_door(ears: Ears, path: str) -> Door:
    """Where Twilio hands over what somebody texted."""
    return _door("Twilio inbound", path, ears, _written)


def _door(name: str, path: str, ears: Ears, understood: Callable[[Form, Post], Heard]) -> Door:
    token = TwilioToken(ears.environment[TOKEN], ears.environment[SID], ears.pages)
    return Door(name, path, MOST, partial(_read, token, path, understood), SILENCE, MEDIA_TYPE)


def _read(token: TwilioToken, path: str, understood: Callable[[Form, Post], Heard], post: Post) -> Heard:
    form = form_of(post.body)
    token.check(post, path, form)
    token.owns(form)
    return understood(form, post)


def form_of(body: bytes) -> Form:
    """Every field with every value, as they were signed. Raises Forged for what is no form."""
    form = Form()
    try:
        for name, value in parse_qsl(
            body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS
        ):
            form.setdefault(name, []).append(value)
    except ValueError as error:
        raise Forged from error
    return form


def _status(form: Form, post: Post) -> Heard:
    word = (form.first("MessageStatus") or form.first("SmsStatus")).lower()
    sid, code = _sid(form), form.first("ErrorCode")
    fault = FAULTS.get(int(code), Fault.UNKNOWN) if re.fullmatch(r"[1-9]\d{3,5}", code, re.ASCII) else None
    told, because = TOLD.get(word, Told.OTHER), BECAUSE.get(fault) if fault else None
    if told is Told.BLOCKED and because is Because.BAD_ADDRESS:
        told = Told.BOUNCED
    return (
        Event(
            provider="twilio",
            event_id=f"{sid}:{word}" if sid and word in TOLD else _digest(post.body),
            told=told,
            channel=Channel.TEXT,
            raw=post.body,
            reference=dict(parse_qsl(post.query)).get("r"),
            message_id=sid,
            address=readable(form.first("To")) or None,
            because=because,
            code=code if fault else None,
            said=masked(" ".join(filter(None, (word, code)))) or None,
            fault=fault,
            problem=None if sid and word else "it names no message or no status",
        ),
    )


def _written(form: Form, post: Post) -> Heard:
    """`OptOutType` is there when Twilio took the message for one; STOP is, whatever the body says (respect 11)."""
    sid = _sid(form)
    return (
        Written(
            provider="twilio",
            event_id=sid or _digest(post.body),
            channel=Channel.TEXT,
            sender=readable(form.first("From")),
            to=readable(form.first("To")),
            words=readable(form.first("Body")),
            raw=post.body,
            message_id=sid,
            asked_out=form.first("OptOutType").upper() == "STOP",
        ),
    )


def _sid(form: Form) -> str | None:
    found = form.first("MessageSid") or form.first("SmsSid") or form.first("SmsMessageSid")
    return found if _SID.fullmatch(found) else None


def _digest(body: bytes) -> str:
    return f"sha256:{sha256(body).hexdigest()}"
