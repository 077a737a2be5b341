"""How does SendGrid take an email? POST /v3/mail/send: one request, one person.

The body is the documented JSON, put together from parts that never change and those that do; the official client
would open a connection and shake hands for every message. tests/contracts holds it to SendGrid's own OpenAPI
description, and tests/providers to what that does not say: one personalization, our reference in its `custom_args`,
every tracking switched off, no `asm`, no header SendGrid sets itself.
"""

import json
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from json.encoder import encode_basestring

from outreach.core.lifecycle import Fault
from outreach.providers.base import Envelope, Found, LookUp, Provider, Receipt, Verdict
from outreach.providers.http import Answer, NoAnswer, Wire, read_json
from outreach.providers.reach import Reach, refused
from outreach.providers.sendgrid_account import judged
from outreach.providers.statuses import meaning
from outreach.providers.unset import Unset
from outreach.providers.waiting import asked_to_wait
from outreach.providers.wanted import Wanted
from outreach.providers.wording import OWN, masked, named, unfit

HOME = "https://api.sendgrid.com"
KEY = "SENDGRID_API_KEY"
#: The name of our reference in `custom_args`; SendGrid gives it back in each event.
REFERENCE = "reference"
#: The field a 400 complains about, where that says more than "this message".
FIELDS = {"personalizations.0.to": Fault.BAD_ADDRESS, "from": Fault.SENDER, "reply_to": Fault.SENDER}

_CONTROLS = bytes(range(32))
#: Of SendGrid's lists that of unsubscribes alone: who bounced or complained is left alone whatever this is.
_DESPITE_LISTS = b',"mail_settings":{"bypass_unsubscribe_management":{"enable":true}}'
_TRACKING = (
    b',"tracking_settings":{"click_tracking":{"enable":false,"enable_text":false},'
    b'"open_tracking":{"enable":false},"subscription_tracking":{"enable":false},"ganalytics":{"enable":false}}}'
)


@dataclass(frozen=True, slots=True)
class SendGrid:
    """SendGrid by its v3 API. `wire` holds an API key with the scope mail.send."""

    sender: str
    reach: Reach
    wire: Wire
    per_second: float | None = None
    name: str = "sendgrid"
    idempotent: bool = False

    @property
    def at_once(self) -> int:
        """How many calls it takes at the same time: one for each connection."""
        return self.wire.at_once

    async def ready(self, calls: int) -> None:
        await self.wire.ready(calls)

    async def send(self, envelope: Envelope) -> Receipt:
        """202 is accepted; its X-Message-Id may be missing. Never raises for what SendGrid answers."""
        if refusal := self.reach.refusal(envelope):
            return refusal
        if problem := unfit(envelope):
            return refused(problem)
        answer = await self.wire.post("/v3/mail/send", request(envelope), "application/json", by=envelope.begin_by)
        return _receipt(answer)

    async def look_up(self, envelope: Envelope, since: datetime) -> LookUp:
        """SendGrid has no list of messages that every account may read: its events tell, later."""
        return LookUp(Found.CANNOT_TELL)

    async def check(self) -> Verdict:
        """The key may send, and the sender's domain is known there. Nothing is sent."""
        return await judged(self.wire, self.sender)

    async def close(self) -> None:
        await self.wire.close()


def build(wanted: Wanted) -> Provider:
    """From SENDGRID_API_KEY; without it, a stand-in that says so."""
    if lacks := wanted.lacking(KEY):
        return Unset("sendgrid", lacks)
    sender, base = wanted.sender, wanted.base("OUTREACH_SENDGRID_URL", HOME)
    return connected(wanted.key(KEY), sender.address, wanted.reach, base=base, per_second=sender.per_second)


def connected(key: str, sender: str, reach: Reach, *, base: str = HOME, per_second: float | None = None) -> SendGrid:
    """SendGrid at `base` (another than HOME only on this machine: tests, benches)."""
    headers = {"Authorization": f"Bearer {key}", "Accept": "application/json", "User-Agent": "outreach"}
    return SendGrid(sender, reach, Wire(base, headers), per_second)


def request(envelope: Envelope) -> bytes:
    """The body of the request. `envelope` is fit (wording.unfit)."""
    return b"".join(
        (
            b'{"personalizations":[{"to":[{"email":',
            _quoted(envelope.to),
            b'}],"custom_args":{"' + REFERENCE.encode() + b'":',
            _quoted(envelope.reference),
            b'}}],"from":',
            _person(_header(envelope, "from") or envelope.sender),
            *_reply_to(envelope),
            b',"subject":',
            _quoted(envelope.subject or ""),
            *_headers(envelope),
            b',"content":[{"type":"text/plain","value":',
            _quoted(envelope.text),
            *_html(envelope),
            b"}]",
            *_files(envelope),
            _DESPITE_LISTS if envelope.despite_lists else b"",
            _TRACKING,
        )
    )


def _headers(envelope: Envelope) -> Iterator[bytes]:
    given = {name: value for name, value in envelope.headers if name.lower() not in OWN}
    if given:
        yield b',"headers":' + json.dumps(given).encode()


def _reply_to(envelope: Envelope) -> Iterator[bytes]:
    value = _header(envelope, "reply-to")
    if value is not None:
        yield b',"reply_to":' + _person(value)


def _html(envelope: Envelope) -> Iterator[bytes]:
    if envelope.html is not None:
        yield b'},{"type":"text/html","value":'
        yield _quoted(envelope.html)


def _files(envelope: Envelope) -> Iterator[bytes]:
    """A mail as a file: SendGrid encodes what is attached, and message/rfc822 may not be (RFC 2046, 5.2.1)."""
    if envelope.attached:
        files = [
            {
                "content": b64encode(file.data).decode(),
                "type": "application/octet-stream" if file.kind == "message/rfc822" else file.kind,
                "filename": file.name,
                "disposition": "attachment",
            }
            for file in envelope.attached
        ]
        yield b',"attachments":' + json.dumps(files).encode()


def _header(envelope: Envelope, wanted: str) -> str | None:
    return next((value for name, value in envelope.headers if name.lower() == wanted), None)


@lru_cache(256)
def _person(value: str) -> bytes:
    """Who signs a campaign is the same in all its messages."""
    shown, address = named(value)
    return json.dumps({"email": address, "name": shown} if shown else {"email": address}).encode()


def _quoted(words: str) -> bytes:
    """As a JSON string in UTF-8; half a surrogate pair, which UTF-8 cannot hold, becomes a question mark.

    Bodies hold no control character but the line end, and are long: replacing three takes half the encoder's time.
    """
    raw = words.encode("utf-8", "replace").replace(b"\\", rb"\\").replace(b'"', rb"\"").replace(b"\n", rb"\n")
    if len(raw.translate(None, _CONTROLS)) != len(raw):
        return encode_basestring(words).encode("utf-8", "replace")
    return b'"' + raw + b'"'


def _receipt(answer: Answer | NoAnswer) -> Receipt:
    if isinstance(answer, NoAnswer):
        return Receipt(answer.fault, said=answer.said)
    if answer.status == 202:
        return Receipt(message_id=answer.headers.get("X-Message-Id") or None, status=202)
    field_name, said = _complaint(answer)
    fault = meaning(answer.status)
    if answer.status == 400:
        fault = next((f for start, f in FIELDS.items() if _within(field_name, start)), fault)
    wait = asked_to_wait(answer.headers) if fault is Fault.REFUSED else None
    return Receipt(fault, said=said or str(answer.status), status=answer.status, wait=wait)


def _within(field_name: str, start: str) -> bool:
    return field_name == start or field_name.startswith(f"{start}.")


def _complaint(answer: Answer) -> tuple[str, str]:
    """The field and the words of SendGrid's first error; empty where there are none."""
    try:
        first = read_json(answer)["errors"][0]
        return str(first.get("field") or ""), masked(str(first.get("message") or ""))
    except (LookupError, TypeError, AttributeError):
        return "", ""
