"""How does the fake SendGrid answer? POST /v3/mail/send and the questions about a key, as their API does."""

import json
import re
import time
from collections.abc import Iterator
from typing import Any

from tests.fake.moods import Behaviour
from tests.fake.vendor import Message, Vendor, reference_in
from tests.fake.wire import Answer, Request, in_json

SCOPES = ["mail.send", "user.account.read", "sender_verification_eligible", "2fa_required"]
#: What a healthy account says of itself; the domain is that of the shipped config.
KNOWN: dict[str, Any] = {
    "/v3/scopes": {"scopes": SCOPES},
    "/v3/whitelabel/domains": [{"id": 1, "domain": "alder.example", "subdomain": "em", "valid": True}],
    "/v3/verified_senders": {"results": []},
}
SAID = {
    400: "The request could not be understood.",
    401: "The provided authorization grant is invalid, expired, or revoked",
    403: "access forbidden",
    413: "The JSON payload you have included in your request is too large.",
    429: "too many requests",
}
MUCH = 300
CONTROL = re.compile(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
#: Enough of a request for the journal, without reading a whole HTML message: the first recipient, our own marks.
_TO = re.compile(rb'"to"\s*:\s*\[\s*\{\s*"email"\s*:\s*"([^"\\]+)"')
_MARKS = re.compile(rb'"custom_args"\s*:\s*\{([^{}]*)\}')


class SendGrid(Vendor):
    """https://www.twilio.com/docs/sendgrid/api-reference"""

    def answer(self, request: Request) -> Answer:
        """What SendGrid would say. 404 for what it does not offer, or we do not need."""
        if not request.header(b"authorization").startswith("Bearer "):
            return _error(401)
        if request.method == "POST" and request.path == "/v3/mail/send":
            return self._send(request)
        if request.method == "GET" and request.path in KNOWN:
            refused = self.key_refused()
            return _error(refused.status or 401) if refused else in_json(200, KNOWN[request.path])
        return _error(404, "not found")

    def _send(self, request: Request) -> Answer:
        if self.contract is None and (message := _glance(request.body)) is not None:
            return self._said(message)
        try:
            mail = json.loads(request.body)
        except ValueError:
            return self._said(Message("", "", request.body, "the body is not JSON"))
        wrong = self.contract(request) if self.contract else None
        wrong = wrong[:MUCH] if wrong else next(_wrong(mail), None)
        if not wrong and mail.get("mail_settings", {}).get("sandbox_mode", {}).get("enable"):
            return Answer(200)
        return self._said(_message(mail, request.body, wrong))

    def _said(self, message: Message) -> Answer:
        behaviour, line = self.take(message)
        if behaviour.status is None:
            headers = (("X-Message-Id", line.id or ""),)
            return Answer(202, b"", headers, behaviour.manner, self.latency)
        return self._refusal(behaviour, message.wrong)

    def _refusal(self, behaviour: Behaviour, wrong: str | None) -> Answer:
        said = _error(behaviour.status or 500, wrong)
        wait, headers = self.mood.retry_after, said.headers
        if behaviour.status in (429, 503) and wait is not None:
            at = str(int(time.time()) + wait)
            headers += (("X-RateLimit-Reset", at),) if self.mood.reset_instant else (("Retry-After", str(wait)),)
        return Answer(said.status, said.body, headers, behaviour.manner, self.latency)


def _error(status: int, wrong: str | None = None) -> Answer:
    said = wrong or SAID.get(status, "an error on our side")
    return in_json(status, {"errors": [{"message": said}]})


def _glance(body: bytes) -> Message | None:
    """A message read without parsing all of it; None when it does not look as usual."""
    to, marks = _TO.search(body), _MARKS.search(body)
    if to is None or marks is None:
        return None
    return Message(reference_in(marks[1].decode()), to[1].decode(), body)


def _message(mail: dict[str, Any], body: bytes, wrong: str | None) -> Message:
    people = mail.get("personalizations") or [{}]
    marks = [mail.get("custom_args"), people[0].get("custom_args")]
    to = (people[0].get("to") or [{"email": ""}])[0].get("email", "")
    return Message(reference_in(json.dumps(marks)), to, body, wrong)


def _wrong(mail: dict[str, Any]) -> Iterator[str]:
    """What the contract does not ask and we do: one person, our mark, the way out, no tracking, clean headers."""
    people = mail["personalizations"]
    if len(people) != 1 or len(people[0]["to"]) != 1 or people[0].get("cc") or people[0].get("bcc"):
        yield "more than one recipient in one request"
    if not reference_in(json.dumps(people[0].get("custom_args"))):
        yield "custom_args carry no reference of ours"
    headers = {name.lower() for name in {**mail.get("headers", {}), **people[0].get("headers", {})}}
    if not {"list-unsubscribe", "list-unsubscribe-post"} <= headers:
        yield "an unsubscribe header is missing"
    tracking = mail.get("tracking_settings", {})
    if any(tracking.get(f"{name}_tracking", {}).get("enable", True) for name in ("click", "open")):
        yield "tracking is not switched off"
    names = [mail["from"].get("name", ""), *(one.get("name", "") for one in people[0]["to"])]
    if any(mark in name for name in names for mark in ";,"):
        yield "a display name holds ; or ,"
    subject = people[0].get("subject") or mail.get("subject", "")
    if any(CONTROL.search(text) for text in (subject, *names, *mail.get("headers", {}).values())):
        yield "a header holds a control character"
