"""How does Twilio take a text? POST /2010-04-01/Accounts/SID/Messages.json, as a form.

Twilio keeps no id of ours, so the reference travels in the address it reports to, and a doubtful message is looked for
in its list (twilio_list). tests/contracts holds the request to Twilio's own OpenAPI description.
"""

import re
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from outreach.core.endpoints import loopback
from outreach.core.lifecycle import Fault
from outreach.core.segments import MOST_CHARACTERS
from outreach.providers.base import Envelope, LookUp, Provider, Receipt, Verdict
from outreach.providers.http import Answer, NoAnswer, Wire, read_json
from outreach.providers.reach import Reach, refused
from outreach.providers.twilio_account import is_service, judged
from outreach.providers.twilio_codes import fault_of
from outreach.providers.twilio_list import SETTLED, Listed
from outreach.providers.unset import Unset
from outreach.providers.waiting import asked_to_wait
from outreach.providers.wanted import Wanted
from outreach.providers.wording import masked

HOME = "https://api.twilio.com"
SID, TOKEN = "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"
#: Another address than HOME, for tests and benches on this machine.
URL = "OUTREACH_TWILIO_URL"
SID_SHAPE = re.compile(r"AC[0-9a-fA-F]{32}")
#: Below pages.base_url: where Twilio reports what became of a message; `r` is our reference.
STATUS_PATH = "/twilio/status"
#: Seconds a message may wait at Twilio: what its API takes.
SHORTEST, LONGEST = 1, 36_000
_E164 = re.compile(r"\+[1-9]\d{6,14}")
#: Calls under way: Twilio takes 1 to 100 texts a second, and these are enough for the fastest at two seconds a call.
AT_ONCE = 200
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Twilio:
    """Twilio's Programmable Messaging. `callback`: where it reports to; None: nowhere.

    `settled`: how long after a hand-off a message that is not listed was surely not taken.
    """

    account: str
    sender: str
    reach: Reach
    wire: Wire
    callback: str | None = None
    per_second: float | None = None
    settled: timedelta = SETTLED
    name: str = "twilio"
    idempotent: bool = False

    @property
    def at_once(self) -> int:
        """How many calls it takes at the same time: one for each connection."""
        return self.wire.at_once

    async def ready(self, calls: int) -> None:
        await self.wire.ready(calls)

    async def send(self, envelope: Envelope) -> Receipt:
        """201 is accepted, its body's sid the message's id. Never raises for what Twilio answers."""
        if refusal := self.reach.refusal(envelope) or _unfit(envelope):
            return refusal
        form, path = urlencode(self._form(envelope)).encode(), messages(self.account)
        answer = await self.wire.post(path, form, "application/x-www-form-urlencoded", by=envelope.begin_by)
        return _receipt(answer)

    async def look_up(self, envelope: Envelope, since: datetime) -> LookUp:
        """Looks for the message in Twilio's list of what went to this number."""
        listed = Listed(self.wire, messages(self.account), self.settled)
        return await listed.look(envelope, since)

    async def check(self) -> Verdict:
        """The account answers to our token and the number is ours and takes texts. Nothing is sent."""
        return await judged(self.wire, self.account, self.sender)

    async def close(self) -> None:
        await self.wire.close()

    def _form(self, envelope: Envelope) -> dict[str, str]:
        ours = "MessagingServiceSid" if is_service(envelope.sender) else "From"
        form = {"To": envelope.to, ours: envelope.sender, "Body": str(envelope.text)}
        form["ValidityPeriod"] = str(validity(envelope))
        if self.callback:
            form["StatusCallback"] = f"{self.callback}?{urlencode({'r': envelope.reference})}"
        return form


@dataclass(frozen=True, slots=True)
class Account:
    """Which account, by which token, writing as whom: a number, a name, or a messaging service (MG...)."""

    sid: str
    token: str = field(repr=False)
    sender: str


def build(wanted: Wanted) -> Provider:
    """From TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN; without them, a stand-in that says so."""
    if lacks := wanted.lacking(SID, TOKEN):
        return Unset("twilio", lacks)
    account = Account(wanted.key(SID, SID_SHAPE), wanted.key(TOKEN), wanted.sender.address)
    base, rate = wanted.base(URL, HOME), wanted.sender.per_second
    return connected(account, wanted.reach, pages=wanted.pages, base=base, per_second=rate)


def connected(
    account: Account, reach: Reach, *, pages: str, base: str = HOME, per_second: float | None = None
) -> Twilio:
    """Twilio at `base` (another than HOME only on this machine). `pages`: where the shop's own pages answer."""
    wire = Wire(base, headers_of(account.sid, account.token), AT_ONCE)
    return Twilio(account.sid, account.sender, reach, wire, callback_at(pages), per_second)


def headers_of(account: str, token: str) -> dict[str, str]:
    """What goes with every request; it holds the token."""
    basic = b64encode(f"{account}:{token}".encode()).decode()
    return {"Authorization": f"Basic {basic}", "Accept": "application/json", "User-Agent": "outreach"}


def messages(account: str) -> str:
    """The path of an account's messages."""
    return f"/2010-04-01/Accounts/{account}/Messages.json"


def callback_at(pages: str) -> str | None:
    """Where Twilio can report to: only an https address that is not of this machine."""
    parts = urlsplit(pages)
    reachable = parts.scheme == "https" and parts.hostname and not loopback(parts.hostname)
    return f"{pages.rstrip('/')}{STATUS_PATH}" if reachable else None


def validity(envelope: Envelope) -> int:
    """How many seconds the message may wait at Twilio: until it is of no use, as far as Twilio goes."""
    left = int((envelope.not_after - envelope.handed_at).total_seconds())
    return max(SHORTEST, min(left, LONGEST))


def _unfit(envelope: Envelope) -> Receipt | None:
    if not _E164.fullmatch(envelope.to):
        return Receipt(Fault.BAD_ADDRESS, said="the number is not in E.164")
    text = str(envelope.text)
    if len(text) > MOST_CHARACTERS:
        return refused(f"{len(text):,} characters; a text may have {MOST_CHARACTERS:,}")
    if not text.strip() or _CONTROL.search(text):
        return refused("the text is empty or holds control characters")
    return None


def _receipt(answer: Answer | NoAnswer) -> Receipt:
    if isinstance(answer, NoAnswer):
        return Receipt(answer.fault, said=answer.said)
    body = read_json(answer)
    told: dict[str, Any] = body if isinstance(body, dict) else {}
    if answer.status == 201:
        sid = told.get("sid")
        return Receipt(message_id=sid if isinstance(sid, str) and sid else None, status=201)
    code = told.get("code")
    known = code if isinstance(code, int) and not isinstance(code, bool) else None
    fault = fault_of(answer.status, known)
    words = " ".join(filter(None, (str(known or answer.status), masked(str(told.get("message") or "")))))
    wait = asked_to_wait(answer.headers) if fault is Fault.REFUSED else None
    return Receipt(fault, said=words, status=answer.status, wait=wait)
