"""Whom does SendGrid itself not write to any more; and how does it learn of those who told us?

Told: POST and DELETE /v3/asm/suppressions/global. Read: global unsubscribes, group unsubscribes, spam reports, bounces
and invalid addresses, each since a moment (www.twilio.com/docs/sendgrid/api-reference; tests/contracts holds both to
SendGrid's own description). Blocks are no opt-outs, and are not read (respect.md 22).
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

from outreach.core.inbound import Because, Event, Told, readable
from outreach.core.terms import Channel
from outreach.providers.base import Listing, Receipt, Verdict
from outreach.providers.http import Answer, NoAnswer, Wire, read_json
from outreach.providers.sendgrid import HOME, KEY
from outreach.providers.sendgrid_wiring import wired
from outreach.providers.statuses import meaning
from outreach.providers.wanted import Wanted

GLOBAL = "/v3/asm/suppressions/global"
#: List -> what an entry means. Each but the last takes start_time, limit and offset.
LISTS = {
    "/v3/suppression/unsubscribes": (Told.UNSUBSCRIBED, None),
    "/v3/suppression/spam_reports": (Told.COMPLAINED, None),
    "/v3/suppression/bounces": (Told.BOUNCED, None),
    "/v3/suppression/invalid_emails": (Told.DROPPED, Because.BAD_ADDRESS),
}
GROUPS = "/v3/asm/suppressions"
PAGE, MOST_PAGES, MOST_BYTES = 500, 2_000, 4 << 20


@dataclass(frozen=True, slots=True)
class SendGridLists:
    """SendGrid's suppressions, over `wire`."""

    wire: Wire
    name: str = "sendgrid"
    channel: Channel = Channel.EMAIL
    at_a_time: int = 500

    async def add(self, addresses: Sequence[str], since: datetime) -> Receipt:
        """Put these on the global list. 201; who is there already stays."""
        body = json.dumps({"recipient_emails": list(addresses)}).encode()
        return _receipt(await self.wire.post(GLOBAL, body, "application/json"), 201)

    async def remove(self, addresses: Sequence[str], since: datetime) -> Receipt:
        """Take these off it, one by one. 204; who is not there is fine."""
        for address in addresses:
            receipt = _receipt(await self.wire.delete(f"{GLOBAL}/{quote(address, safe='')}"), 204, 404)
            if receipt.fault is not None:
                return receipt
        return Receipt()

    async def read(self, since: datetime | None) -> Listing:
        """Everybody who came onto a list after `since` (None: ever)."""
        found: list[Event] = []
        for path, (told, because) in LISTS.items():
            rows = await self._rows(path, since)
            if isinstance(rows, str):
                return Listing(tuple(found), rows)
            found += [event for row in rows if (event := _event(path, row, told, because))]
        rows = await self._rows(GROUPS, None)
        if isinstance(rows, str):
            return Listing(tuple(found), rows)
        return Listing((*found, *(e for row in rows if (e := _event(GROUPS, row, Told.UNSUBSCRIBED, None)))))

    async def wired(self, *, pages: str, mailbox: str) -> Sequence[Verdict]:
        """Whether events and mail are posted to us."""
        return await wired(self.wire, pages=pages, mailbox=mailbox)

    async def close(self) -> None:
        await self.wire.close()

    async def _rows(self, path: str, since: datetime | None) -> list[Any] | str:
        """All pages of a list; or why it could not be read to its end."""
        found: list[Any] = []
        for page in range(MOST_PAGES):
            asked = {"limit": PAGE, "offset": page * PAGE}
            if since is not None:
                asked = {"start_time": int(since.timestamp()), **asked}
            target = path if path == GROUPS else f"{path}?{urlencode(asked)}"
            answer = await self.wire.get(target, most=MOST_BYTES)
            if isinstance(answer, NoAnswer):
                return answer.said
            rows = read_json(answer)
            if answer.status != 200 or not isinstance(rows, list):
                return f"{answer.status} for {path.rpartition('/')[2]}"
            found += rows
            if path == GROUPS or len(rows) < PAGE:
                return found
        return f"more than {MOST_PAGES * PAGE:,} entries of {path.rpartition('/')[2]}"


def build(wanted: Wanted) -> SendGridLists | None:
    """By SENDGRID_API_KEY, with the scopes asm.suppressions and suppression; None without it."""
    if wanted.lacking(KEY):
        return None
    headers = {"Authorization": f"Bearer {wanted.key(KEY)}", "Accept": "application/json", "User-Agent": "outreach"}
    return SendGridLists(Wire(wanted.base("OUTREACH_SENDGRID_URL", HOME), headers, at_once=2))


def _event(path: str, row: Any, told: Told, because: Because | None) -> Event | None:
    """One entry, in the words of the event webhook; None for what is no entry."""
    email = row.get("email") if isinstance(row, dict) else None
    if not isinstance(email, str) or "@" not in email:
        return None
    email = readable(email)
    created = row.get("created") or row.get("created_at") or 0
    made = created if isinstance(created, int) and 0 < created < 1 << 33 else 0
    mark = hashlib.sha256(f"{path}|{email.lower()}|{made}".encode()).hexdigest()[:32]
    return Event(
        provider="sendgrid",
        event_id=f"list-{mark}",
        told=told,
        channel=Channel.EMAIL,
        raw=json.dumps({"list": path, **row}).encode(),
        address=email,
        at=datetime.fromtimestamp(made, UTC) if made else None,
        because=because,
    )


def _receipt(answer: Answer | NoAnswer, *good: int) -> Receipt:
    if isinstance(answer, NoAnswer):
        return Receipt(answer.fault, said=answer.said)
    if answer.status in good:
        return Receipt(status=answer.status)
    return Receipt(meaning(answer.status), said=str(answer.status), status=answer.status)
