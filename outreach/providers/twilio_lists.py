"""Who texted us what while nobody listened; and how does Twilio learn of those who asked elsewhere to be left alone?

Read: GET .../Messages.json, the incoming ones since a day: a STOP whose webhook was lost is heard the night after.
Told: POST /v1/Consents/Bulk at accounts.twilio.com, which Twilio gives to accounts of its consent pilot; where it is
not offered, our own wall stands alone and nothing is tried again (twilio.com/docs/messaging/features/consent-api).
"""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

from outreach.core.inbound import Written, readable
from outreach.core.lifecycle import Fault
from outreach.core.terms import Channel
from outreach.providers.base import Listing, Receipt, Verdict
from outreach.providers.http import NoAnswer, Wire, read_json
from outreach.providers.statuses import meaning
from outreach.providers.twilio import HOME, SID, SID_SHAPE, TOKEN, URL, headers_of, messages
from outreach.providers.twilio_account import is_service
from outreach.providers.twilio_wiring import wired
from outreach.providers.wanted import Wanted

CONSENTS_HOME, CONSENTS = "https://accounts.twilio.com", "/v1/Consents/Bulk"
PAGE, MOST_PAGES, MOST_BYTES = 1_000, 200, 4 << 20
#: Nobody is answered a week late: what is older than this when we first look is left to Twilio's own list.
FIRST_LOOK = timedelta(days=1)
_INBOUND = "inbound"
#: What the webhook calls it -> what the list does.
_FIELDS = {"MessageSid": "sid", "From": "from", "To": "to", "Body": "body"}


@dataclass(frozen=True, slots=True)
class TwilioLists:
    """One account's messages over `wire`; its consents over `consents`. `sender`: who writes for us."""

    wire: Wire
    consents: Wire
    account: str
    sender: str
    name: str = "twilio"
    channel: Channel = Channel.TEXT
    at_a_time: int = 25

    @property
    def path(self) -> str:
        """Where its messages are listed."""
        return messages(self.account)

    async def add(self, addresses: Sequence[str], since: datetime) -> Receipt:
        """Record that these numbers opted out."""
        return await self._tell(addresses, "opt-out", since)

    async def remove(self, addresses: Sequence[str], since: datetime) -> Receipt:
        """Record that they want to hear from us after all."""
        return await self._tell(addresses, "opt-in", since)

    async def read(self, since: datetime | None) -> Listing:
        """What people texted us since then, oldest first."""
        begins = (since or datetime.now(UTC) - FIRST_LOOK).astimezone(UTC)
        asked = {"DateSent>": f"{begins:%Y-%m-%dT%H:%M:%SZ}", "PageSize": PAGE}
        if not is_service(self.sender):
            asked["To"] = self.sender
        target: str | None = f"{self.path}?{urlencode(asked)}"
        found: list[Written] = []
        for _ in range(MOST_PAGES):
            answer = await self.wire.get(target or self.path, most=MOST_BYTES)
            if isinstance(answer, NoAnswer):
                return Listing(tuple(found), answer.said)
            page = read_json(answer)
            rows = page.get("messages") if isinstance(page, dict) else None
            if answer.status != 200 or not isinstance(rows, list):
                return Listing(tuple(found), f"{answer.status} for its list of messages")
            found += [written for row in rows if self._ours(row) and (written := _written(row)) is not None]
            target = page.get("next_page_uri")
            if target is None:
                return Listing(tuple(reversed(found)))
            if not str(target).startswith(f"{self.path}?"):
                break
        return Listing(tuple(found), "its list of messages does not end")

    async def wired(self, *, pages: str, mailbox: str) -> Sequence[Verdict]:
        """Whether what people text is posted to us."""
        return await wired(self.wire, self.account, self.sender, pages=pages)

    async def close(self) -> None:
        await self.wire.close()
        await self.consents.close()

    def _ours(self, row: Any) -> bool:
        """A service's messages cannot be asked for: all that the account received comes, other numbers' too."""
        whose = row.get("messaging_service_sid") if isinstance(row, dict) else None
        return whose == self.sender or not is_service(self.sender)

    async def _tell(self, addresses: Sequence[str], status: str, since: datetime) -> Receipt:
        items = [
            {
                "contact_id": address,
                "correlation_id": uuid.uuid4().hex,
                "sender_id": self.sender,
                "status": status,
                "source": "others",
                "date_of_consent": since.astimezone(UTC).isoformat(timespec="seconds"),
            }
            for address in addresses
        ]
        form = urlencode([("Items", json.dumps(item)) for item in items]).encode()
        answer = await self.consents.post(CONSENTS, form, "application/x-www-form-urlencoded")
        if isinstance(answer, NoAnswer):
            return Receipt(answer.fault, said=answer.said)
        if answer.status in (200, 201):
            return _refused(read_json(answer))
        if answer.status in (403, 404):
            return Receipt(Fault.INVALID, said="this account is not in Twilio's consent pilot", status=answer.status)
        return Receipt(meaning(answer.status), said=str(answer.status), status=answer.status)


def build(wanted: Wanted) -> TwilioLists | None:
    """By TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN; None without them."""
    if wanted.lacking(SID, TOKEN):
        return None
    account = wanted.key(SID, SID_SHAPE)
    headers = headers_of(account, wanted.key(TOKEN))
    home, consents = wanted.base(URL, HOME), wanted.base(URL, CONSENTS_HOME)
    wires = Wire(home, headers, at_once=2), Wire(consents, headers, at_once=2)
    return TwilioLists(*wires, account, wanted.sender.address)


def _refused(body: Any) -> Receipt:
    """Of those in one answer that Twilio did not take, how many; it says no more than that they were refused."""
    rows = body.get("items") if isinstance(body, dict) else None
    bad = [row for row in rows or () if isinstance(row, dict) and row.get("error_code")]
    return Receipt(Fault.INVALID, said=f"{len(bad)} refused, code {bad[0]['error_code']}") if bad else Receipt()


def _written(row: Any) -> Written | None:
    """An incoming message in the words of the webhook; None for what we sent, or what is no message."""
    if not isinstance(row, dict) or row.get("direction") != _INBOUND or not isinstance(row.get("sid"), str):
        return None
    said = {name: readable(str(row.get(theirs) or "")) for name, theirs in _FIELDS.items()}
    return Written(
        provider="twilio",
        event_id=said["MessageSid"],
        channel=Channel.TEXT,
        sender=said["From"],
        to=said["To"],
        words=said["Body"],
        raw=urlencode(said).encode(),
        message_id=said["MessageSid"],
        at=_moment(row.get("date_sent") or row.get("date_created")),
    )


def _moment(text: Any) -> datetime | None:
    try:
        made = parsedate_to_datetime(str(text))
    except ValueError:
        return None
    return made if made.tzinfo is not None else made.replace(tzinfo=UTC)
