"""How does the fake Twilio answer? Messages are made, found again in its list, and the account is shown."""

import json
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime, formatdate
from re import fullmatch
from time import time
from typing import Any
from urllib.parse import parse_qsl, urlencode

from tests.fake.journal import Line
from tests.fake.vendor import Message, Vendor, reference_in
from tests.fake.wire import Answer, Request, in_json

BASE = "/2010-04-01/Accounts/"
LONGEST = 1600
#: https://www.twilio.com/docs/api/errors
SAID = {
    20003: "Authenticate",
    20404: "The requested resource was not found",
    20429: "Too Many Requests",
    21211: "Invalid 'To' Phone Number",
    21610: "Attempt to send to unsubscribed recipient",
    21617: "The concatenated message body exceeds the 1600 character limit",
    30007: "Message filtered",
}
CODES = {401: 20003, 403: 20003, 404: 20404, 429: 20429, 400: 21211}


class Twilio(Vendor):
    """https://www.twilio.com/docs/messaging/api/message-resource"""

    def answer(self, request: Request) -> Answer:
        """What Twilio would say."""
        account, _, rest = request.path.removeprefix(BASE).partition("/")
        if _user(request) != account.removesuffix(".json"):
            return _error(401)
        if request.method == "POST" and rest == "Messages.json":
            return self._create(request, account)
        if request.method != "GET":
            return _error(404)
        refused = self.key_refused()
        if refused:
            return _error(refused.status or 401)
        if rest == "Messages.json":
            return self._list(request, account)
        if rest == "IncomingPhoneNumbers.json":
            return in_json(200, {"incoming_phone_numbers": [_number(request.query.get("PhoneNumber", ""))]})
        if rest.startswith("Messages/"):
            line = self.journal.kept.get(rest.removeprefix("Messages/SM").removesuffix(".json"))
            return in_json(200, _resource(line, account)) if line else _error(404)
        return in_json(200, _account(account.removesuffix(".json"))) if not rest else _error(404)

    def _create(self, request: Request, account: str) -> Answer:
        form = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
        code = 21617 if len(form.get("Body", "")) > LONGEST else None
        wrong = SAID[code] if code else self._breach(request, form)
        kept = {name: form.get(name, "") for name in ("To", "From", "Body", "MessagingServiceSid")}
        message = Message(reference_in(form.get("StatusCallback", "")), kept["To"], request.body, wrong, kept)
        behaviour, line = self.take(message)
        if behaviour.status is None:
            made = json.dumps(_resource(line, account)).encode() if line.took else b"{}"
            return Answer(201, made, (("Content-Type", "application/json"),), behaviour.manner, self.latency)
        said = _error(behaviour.status, code or behaviour.code, wrong)
        wait = self.mood.retry_after
        more = (("Retry-After", str(wait)),) if wait is not None and behaviour.status in (429, 503) else ()
        return Answer(said.status, said.body, said.headers + more, behaviour.manner, self.latency)

    def _breach(self, request: Request, form: dict[str, str]) -> str | None:
        if self.contract is None:
            return None
        return (self.contract(request) or "")[:LONGEST] or next(_wrong(form), None)

    def _list(self, request: Request, account: str) -> Answer:
        """Filtered by To, From and DateSent as theirs, newest first, in pages."""
        asked = request.query
        size, page = int(asked.get("PageSize", 50)), int(asked.get("Page", 0))
        found = [line for line in reversed(self.journal.kept.values()) if self._listed(line, asked)]
        shown = found[page * size : (page + 1) * size]
        target = request.path + "?" + urlencode({**asked, "PageSize": size, "Page": page + 1, "PageToken": "x"})
        more = len(found) > (page + 1) * size
        first = max(page * size, 0)
        answer = {
            "first_page_uri": f"{request.path}?PageSize={size}&Page=0",
            "next_page_uri": target if more else None,
            "previous_page_uri": None,
            "uri": request.target,
            "page": page,
            "page_size": size,
            "start": first,
            "end": first + max(len(shown) - 1, 0),
            "messages": [_resource(line, account) for line in shown],
        }
        said = in_json(200, answer, Date=formatdate(usegmt=True))
        return Answer(said.status, said.body, said.headers, after=self.latency)

    def _listed(self, line: Line, asked: dict[str, str]) -> bool:
        kept = line.kept or {}
        if line.at > time() - self.mood.list_lag:
            return False
        if any(asked.get(name, kept[name]) != kept[name] for name in ("To", "From")):
            return False
        after, before, on = (asked.get(name, "") for name in ("DateSent>", "DateSent<", "DateSent"))
        sent = datetime.fromtimestamp(line.at, UTC)
        return (
            (not after or sent >= _moment(after))
            and (not before or sent <= _moment(before))
            and (not on or sent.date() == _moment(on).date())
        )


def _moment(text: str) -> datetime:
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _user(request: Request) -> str | None:
    """The account that asks, by HTTP basic authentication (RFC 7617)."""
    scheme, _, token = request.header(b"authorization").partition(" ")
    try:
        user, _, password = b64decode(token, validate=True).decode().partition(":")
    except (NotBase64, UnicodeDecodeError):
        return None
    return user if scheme.lower() == "basic" and password else None


def _wrong(form: dict[str, str]) -> Iterator[str]:
    """What the contract does not ask and we do."""
    if not reference_in(form.get("StatusCallback", "")):
        yield "StatusCallback carries no reference of ours"
    if not fullmatch(r"\+[1-9]\d{6,14}", form.get("To", "")):
        yield "To is no E.164 number"
    if not form.get("Body"):
        yield "no Body"
    if not 1 <= int(form.get("ValidityPeriod", 0)) <= 36_000:
        yield "ValidityPeriod is missing, or not between 1 and 36,000 seconds"


def _error(status: int, code: int | None = None, wrong: str | None = None) -> Answer:
    code = code or CODES.get(status, 20500)
    said = wrong or SAID.get(code, "An internal server error has occurred")
    more = f"https://www.twilio.com/docs/errors/{code}"
    return in_json(status, {"code": code, "message": said, "more_info": more, "status": status})


def _resource(line: Line, account: str) -> dict[str, Any]:
    kept, at = line.kept or {}, format_datetime(datetime.fromtimestamp(line.at, UTC))
    sid = f"SM{line.id}"
    uri = f"{BASE}{account}/Messages/{sid}"
    return {
        "sid": sid,
        "account_sid": account,
        "messaging_service_sid": kept.get("MessagingServiceSid") or None,
        "to": kept.get("To"),
        "from": kept.get("From") or None,
        "body": kept.get("Body"),
        "status": "queued" if time() - line.at < 1 else "sent",
        "direction": "outbound-api",
        "num_segments": "1",
        "num_media": "0",
        "date_created": at,
        "date_updated": at,
        "date_sent": at,
        "price": None,
        "price_unit": "USD",
        "error_code": None,
        "error_message": None,
        "api_version": "2010-04-01",
        "uri": f"{uri}.json",
        "subresource_uris": {"media": f"{uri}/Media.json"},
    }


def _number(number: str) -> dict[str, Any]:
    """Whatever number is asked for is the account's own."""
    able = {"voice": False, "sms": True, "mms": False, "fax": False}
    return {"sid": "PN" + "0" * 32, "phone_number": number, "capabilities": able}


def _account(sid: str) -> dict[str, Any]:
    return {"sid": sid, "friendly_name": "Fake", "status": "active", "type": "Full", "uri": f"{BASE}{sid}.json"}
