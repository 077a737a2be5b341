"""What becomes of a message in team mode? It goes to a teammate, says whom it was for, and can opt nobody out."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from html import escape

from outreach.core.quoted import Quoted
from outreach.core.terms import Channel, Mode
from outreach.providers.base import Envelope, LookUp, Provider, Receipt, Verdict
from outreach.providers.reach import Reach, refused

_BODY = re.compile(r"<body\b[^>]*>", re.I)
#: A teammate's own mail program must not stop a customer's mail.
_WAYS_OUT = frozenset({"list-unsubscribe", "list-unsubscribe-post"})


def within(reach: Reach, vendor: Provider) -> Provider:
    """The vendor as the mode allows it: in team mode everything goes to teammates; the vendor itself asks `reach`."""
    return Redirected(vendor, reach) if reach.mode is Mode.TEAM else vendor


@dataclass(frozen=True, slots=True)
class Redirected:
    """A vendor that writes to teammates in the customers' place."""

    vendor: Provider
    reach: Reach

    @property
    def name(self) -> str:
        return self.vendor.name

    @property
    def idempotent(self) -> bool:
        return self.vendor.idempotent

    @property
    def per_second(self) -> float | None:
        return self.vendor.per_second

    @property
    def at_once(self) -> int:
        return self.vendor.at_once

    async def ready(self, calls: int) -> None:
        await self.vendor.ready(calls)

    async def send(self, envelope: Envelope) -> Receipt:
        """To the customer's own address if it is on the list; else to one of the team, in turn."""
        mates = self.reach.team.get(envelope.channel, ())
        if not mates:
            return refused(f"nobody is listed under team.{envelope.channel.value}")
        return await self.vendor.send(for_teammate(envelope, self._mate(envelope)))

    async def look_up(self, envelope: Envelope, since: datetime) -> LookUp:
        return await self.vendor.look_up(for_teammate(envelope, self._mate(envelope)), since)

    async def check(self) -> Verdict:
        return await self.vendor.check()

    async def close(self) -> None:
        await self.vendor.close()

    def _mate(self, envelope: Envelope) -> str:
        mates = self.reach.team.get(envelope.channel, ())
        if self.reach.teammate(envelope.channel, envelope.to) or not mates:
            return envelope.to
        number = int("".join(filter(str.isdigit, envelope.id)) or 0)
        return mates[number % len(mates)]


def for_teammate(envelope: Envelope, mate: str) -> Envelope:
    """The same message to `mate`: marked, its first line naming whom it is for, without the mail program's way out."""
    said = f"[TEAM] In live mode this goes to {envelope.to}."
    if envelope.channel is Channel.TEXT:
        return replace(envelope, to=mate, text=Quoted.of(f"{said} {envelope.text}"))
    return replace(
        envelope,
        to=mate,
        subject=f"[TEAM] {envelope.subject or ''}",
        text=Quoted.of(f"{said}\n\n{envelope.text}"),
        html=None if envelope.html is None else Quoted.of(_marked(str(envelope.html), said)),
        headers=tuple((name, value) for name, value in envelope.headers if name.lower() not in _WAYS_OUT),
    )


def _marked(html: str, said: str) -> str:
    line = f'<p style="margin:0;padding:8px;background:#fff3c4;color:#222">{escape(said)}</p>'
    found = _BODY.search(html)
    at = found.end() if found else 0
    return html[:at] + line + html[at:]
