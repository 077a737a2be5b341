"""How do due messages leave? Claim, hand, record: three short transactions, and the provider called outside them.

In outbox mode the night's messages are handed at their own `not_before`, so that a past night can be played whole
(settled 1); nothing leaves this machine.
"""

import os
import socket
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from outreach.core.terms import UNASKED, Channel, Kind, MessageState, Mode
from outreach.flows.app import App, shop_day
from outreach.providers.base import Envelope
from outreach.render.content import Content
from outreach.store import recheck, recipients, revisions, sending
from outreach.store.engine import now, writing

BATCH = 200
#: The longest one hand-off may take (settled 34).
DEADLINE = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Handed:
    """What became of the messages that were due: counts by state."""

    states: dict[str, int]

    @property
    def accepted(self) -> int:
        return self.states.get(MessageState.ACCEPTED.value, 0)


def hand_over(app: App, *, before: date | None = None, told: Callable[[int], None] = lambda _: None) -> Handed:
    """Hand over what is due: in outbox mode everything waiting (of nights before `before`, when given)."""
    mode, states, after = app.house.mode, Counter[str](), 0
    again = [channel.value for channel, provider in app.providers.items() if provider.idempotent]
    owner = f"{socket.gethostname()}:{os.getpid()}"
    while True:
        with writing(app.engine) as c:
            at = now(c)
            sending.free_expired_leases(c, at=at, idempotent=again)
            which = sending.Due(mode.value, None if mode is Mode.OUTBOX else at, before)
            due = sending.due(c, which, after=after, size=BATCH)
            claimed, ended = _claim(app, c, due, (owner, at))
        if not due:
            return Handed(dict(states))
        after = due[-1].id
        states.update(ended)
        states.update(_deliver(app, claimed))
        told(sum(states.values()))


def _claim(app: App, c: sa.Connection, due: Sequence[Any], by: tuple[str, datetime]) -> tuple[list[Any], Counter[str]]:
    """T1 for a batch. Returns the rows we hold, and how those that may not leave ended."""
    owner, at = by
    ids = [row.id for row in due]
    clock = None if app.house.mode is Mode.OUTBOX else at
    sending.settle_before_claim(c, ids, at=at, clock=clock)
    rows = sending.claim(c, ids, owner=owner, at=at)
    ended = Counter[str]()
    untrue = _moved(c, rows) | _untrue(app, c, rows, at)
    gone = [(r.id, r.attempt, untrue[r.id]) for r in rows if r.id in untrue]
    sending.end(c, gone, state=MessageState.CANCELLED, at=at)
    left = [r for r in rows if r.id not in untrue]
    slots = _slots(app, c, left)
    kept = sending.take_cap(c, slots)
    capped = [(r.id, r.attempt, "another message today") for r in left if _capped(r) and r.id not in kept]
    sending.end(c, capped, state=MessageState.CAPPED, at=at)
    ended.update({MessageState.CANCELLED.value: len(gone), MessageState.CAPPED.value: len(capped)})
    held_back = {i for i, _, _ in capped}
    return [r for r in left if r.id not in held_back], +ended


def _capped(row: Any) -> bool:
    return Kind(row.kind) in UNASKED


def _slots(app: App, c: sa.Connection, rows: Sequence[Any]) -> list[tuple[int, str, str]]:
    """One marketing message per address and local day (settled 13)."""
    asked = [row for row in rows if _capped(row)]
    people = recipients.load(c, [row.customer_id for row in asked])
    country = app.house.shop.country
    found = []
    for row in asked:
        zone = people[row.customer_id].zones(country)[0]
        day = row.not_before.astimezone(ZoneInfo(zone)).date()
        found.append((row.id, row.contact_hash, f"{row.mode}|{day.isoformat()}"))
    return found


def _moved(c: sa.Connection, rows: Sequence[Any]) -> dict[int, str]:
    """Messages whose address the customer's record no longer names."""
    to = recipients.addresses(c, [row.contact_point_id for row in rows])
    return {row.id: "the address changed since" for row in rows if to.get(row.contact_point_id) is None}


def _untrue(app: App, c: sa.Connection, rows: Sequence[Any], at: datetime) -> dict[int, str]:
    """Messages that are no longer true, and why; a past night sees no later fact."""
    found: dict[int, str] = {}
    for night in sorted({row.night for row in rows}):
        mine = {r.id: {**r.facts, "customer_id": r.customer_id} for r in rows if r.night == night}
        before = night if app.house.mode is Mode.OUTBOX else shop_day(app, at) + timedelta(days=1)
        found |= {i: why.said for i, why in recheck.untrue(c, mine, night=night, before=before).items()}
    return found


def _deliver(app: App, claimed: Sequence[Any]) -> Counter[str]:
    """T2, the provider, T3."""
    with writing(app.engine) as c:
        at = now(c)
        clock = None if app.house.mode is Mode.OUTBOX else at
        handed = sending.hand(c, [(r.id, r.attempt) for r in claimed], at=at, deadline=DEADLINE, clock=clock)
        rows = [r for r in claimed if r.id in handed]
        refused = sending.give_back(c, [(r.id, r.attempt) for r in claimed if r.id not in handed], at=at)
        stored = revisions.stored(c, [r.id for r in rows])
        to = recipients.addresses(c, [r.contact_point_id for r in rows])
    results = [_send(app, row, stored.get(row.id), to.get(row.contact_point_id)) for row in rows]
    with writing(app.engine) as c:
        sending.record(c, results, at=now(c))
    states = Counter[str](result["b_state"] for result in results)
    states.update(refused)
    return +states


def _send(app: App, row: Any, stored: tuple[bytes | None, bytes] | None, to: str | None) -> dict[str, Any]:
    channel = Channel(row.channel)
    provider = app.providers[channel]
    if stored is None or stored[0] is None or to is None:
        error = "its address was erased" if to is None else "its content is gone"
        return _result(row, MessageState.REJECTED, (provider.name, None, error))
    content = Content.unpack(stored[0], stored[1])
    receipt = provider.send(
        Envelope(
            id=message_name(row.id),
            night=row.night.isoformat(),
            channel=channel,
            sender=app.house.senders[channel].address,
            to=to,
            subject=content.subject,
            html=content.html,
            text=content.text,
            headers=_headers(content, app.house.senders[channel].address),
            handed_at=row.not_before,
        )
    )
    return _result(row, receipt.state, (provider.name, receipt.message_id, receipt.error))


def _headers(content: Content, sender: str) -> tuple[tuple[str, str], ...]:
    """The rendered headers; the sender's address stands beside the name that signs."""
    return tuple((name, f"{value} <{sender}>" if name == "From" else value) for name, value in content.headers)


def _result(row: Any, state: MessageState, said: tuple[str, str | None, str | None]) -> dict[str, Any]:
    provider, message_id, error = said
    return {
        "b_id": row.id,
        "b_attempt": row.attempt,
        "b_state": state.value,
        "b_provider": provider,
        "b_message_id": message_id,
        "b_error": error,
    }


def message_name(message_id: int) -> str:
    """`m-123`: what people call a message."""
    return f"m-{message_id}"
