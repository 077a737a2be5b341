"""How does SendGrid take an email? POST /v3/mail/send: one request, one person.

The body is the documented JSON; the official client would open a connection and shake hands for every message.
tests/contracts holds it to SendGrid's own OpenAPI description, and tests/providers to what that does not say: one
personalization, our reference in its `custom_args`, every tracking switched off, no `asm`, no header SendGrid sets
itself.
"""

from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson

from outreach.core.lifecycle import Fault
from outreach.providers.base import Attached, Envelope, Found, LookUp, Provider, Receipt, Verdict
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

#: Of SendGrid's lists that of unsubscribes alone: who bounced or complained is left alone whatever this is.
_DESPITE_LISTS = {"bypass_unsubscribe_management": {"enable": True}}
_TRACKING = {
    "click_tracking": {"enable": False, "enable_text": False},
    "open_tracking": {"enable": False},
    "subscription_tracking": {"enable": False},
    "ganalytics": {"enable": False},
}


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
        asked = self.wire.post("/v3/mail/send", request(envelope), "application/json", by=envelope.begin_by)
        del envelope  # see `Lane._call`
        return _receipt(await asked)

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
    return orjson.dumps(_body(envelope))


def _body(envelope: Envelope) -> dict[str, Any]:
    given = {name.lower(): value for name, value in envelope.headers if name.lower() in OWN}
    content: list[dict[str, Any]] = [{"type": "text/plain", "value": orjson.Fragment(envelope.text.json)}]
    if envelope.html is not None:
        content.append({"type": "text/html", "value": orjson.Fragment(envelope.html.json)})
    body: dict[str, Any] = {
        "personalizations": [{"to": [{"email": envelope.to}], "custom_args": {REFERENCE: envelope.reference}}],
        "from": _person(given.get("from") or envelope.sender),
        "subject": envelope.subject or "",
        "content": content,
        "tracking_settings": _TRACKING,
    }
    if "reply-to" in given:
        body["reply_to"] = _person(given["reply-to"])
    if headers := {name: value for name, value in envelope.headers if name.lower() not in OWN}:
        body["headers"] = headers
    if envelope.attached:
        body["attachments"] = [_file(file) for file in envelope.attached]
    if envelope.despite_lists:
        body["mail_settings"] = _DESPITE_LISTS
    return body


def _file(file: Attached) -> dict[str, str]:
    """A mail as a file: SendGrid encodes what is attached, and message/rfc822 may not be (RFC 2046, 5.2.1)."""
    return {
        "content": b64encode(file.data).decode(),
        "type": "application/octet-stream" if file.kind == "message/rfc822" else file.kind,
        "filename": file.name.encode("utf-8", "replace").decode(),  # UTF-8 cannot hold half a surrogate pair
        "disposition": "attachment",
    }


@lru_cache(256)
def _person(value: str) -> dict[str, str]:
    """Who signs a campaign is the same in all its messages."""
    shown, address = named(value)
    return {"email": address, "name": shown} if shown else {"email": address}


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
