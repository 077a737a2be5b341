"""What follows from what providers tell of our messages? A whole post is applied in a handful of statements.

Its fate for a message, the end of a doubt, a wish for an address, a pause for a campaign or for the provider. An event
of a test mail (`t-7`) or of another installation that shares the account is kept, and nothing follows.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from outreach.core.fates import Closing, closing, ends_a_text, fate_of, rank
from outreach.core.inbound import Event
from outreach.core.lifecycle import Fault
from outreach.core.reference import Reference, parse
from outreach.core.terms import Channel, MessageState
from outreach.flows.app import App
from outreach.flows.known_address import hash_of_address
from outreach.flows.receiving_faults import take_faults
from outreach.flows.wish_taken import take, wait_for_turn
from outreach.store import epochs, fates, inbox, out_of_reach
from outreach.store.fates import Heard, News
from outreach.store.inbox import Came
from outreach.store.out_of_reach import Missed
from outreach.store.wishes import Asked

#: What is closed, where, and by what evidence.
Closings = dict[Closing, dict[tuple[Channel, str], str]]
_TEST = re.compile(r"t-\d{1,18}")


@dataclass(frozen=True, slots=True)
class Told:
    """One event, whose address it speaks of, and which hand-off of ours; `foreign`: it is nobody's we know."""

    event: Event
    contact_hash: str | None
    reference: Reference | None
    foreign: bool
    inbox_id: int = 0


def take_events(app: App, c: sa.Connection, events: Sequence[Event], at: datetime) -> int:
    """Keep these events and apply those that are new, in the caller's durable transaction. Returns how many were."""
    known = epochs.known_as(c)
    told = {(event.provider, event.event_id): _told(app, event, known) for event in reversed(events)}
    kept = inbox.keep(c, [_came(one, at) for one in told.values()])
    new = [_numbered(one, kept[key]) for key, one in reversed(told.items()) if key in kept]
    messages = inbox.messages(c, {one.reference.message for one in new if one.reference})
    closed = _closings(app, [one for one in new if not one.foreign], messages)
    # before any row is locked: whoever is on the way to these people has to write down what came of it
    wait_for_turn(app, c, sorted({address for addresses in closed.values() for address in addresses}))
    inbox.lock(c, messages)
    ours = [one for one in new if one.reference and one.reference.message in messages]
    fates.accepted(c, _heard(ours), at=at)
    out_of_reach.wait_again(c, _missed(ours), MessageState.ACCEPTED, at=at)
    fates.note(c, _news(ours, at))
    _close(app, c, closed, at)
    take_faults(app, c, [(one.event, messages[one.reference.message]) for one in ours if one.reference], at)
    return len(new)


def _told(app: App, event: Event, known: Mapping[str, int]) -> Told:
    """Of a restored database's former life we know the installation, though not the message: a wish still counts."""
    contact = _hash(app, event)
    named = parse(event.reference) if event.reference else None
    if named is None:
        return Told(event, contact, None, foreign=bool(event.reference and _TEST.fullmatch(event.reference)))
    if named.instance not in known:
        return Told(event, contact, None, foreign=True)
    return Told(event, contact, named if named.message <= known[named.instance] else None, foreign=False)


def _hash(app: App, event: Event) -> str | None:
    return hash_of_address(app, event.channel, event.address) if event.address else None


def _came(one: Told, at: datetime) -> Came:
    event = one.event
    return Came(
        provider=event.provider,
        event_id=event.event_id,
        kind=event.told.value,
        contact_hash=one.contact_hash,
        outbox_id=one.reference.message if one.reference else None,
        occurred_at=event.at,
        received_at=at,
        raw=event.raw,
        problem=event.problem,
    )


def _numbered(one: Told, inbox_id: int) -> Told:
    return Told(one.event, one.contact_hash, one.reference, one.foreign, inbox_id)


def _heard(told: Iterable[Told]) -> list[Heard]:
    """Each hand-off that was spoken of, once; with the provider's id for it where one event names it."""
    found: dict[tuple[int, int], Heard] = {}
    for one in told:
        assert one.reference is not None
        key = (one.reference.message, one.reference.attempt)
        if key not in found or found[key].message_id is None:
            found[key] = Heard(*key, one.event.provider, one.event.message_id)
    return list(found.values())


def _news(told: Iterable[Told], at: datetime) -> list[News]:
    """Of all that was told of a hand-off what stands in the end: the highest rank; of one fate its newest moment."""
    found: dict[tuple[int, int], News] = {}
    for one in told:
        fate = fate_of(one.event.told)
        if fate is None or one.reference is None:
            continue
        key = (one.reference.message, one.reference.attempt)
        news = News(*key, fate.value, rank(one.event.channel, fate), one.event.at or at, one.event.said)
        before = found.get(key)
        if before is None or _stands_over(news, before):
            found[key] = news
    return list(found.values())


def _missed(told: Iterable[Told]) -> list[Missed]:
    """Texts whose phone was out of reach, where that is the first word that ends their way (respect.md 25, 26)."""
    found: dict[tuple[int, int], Event] = {}
    for one in told:
        if one.reference and one.event.channel is Channel.TEXT and ends_a_text(one.event.told):
            found.setdefault((one.reference.message, one.reference.attempt), one.event)
    return [Missed(*key, event.said) for key, event in found.items() if event.fault is Fault.UNREACHABLE]


def _stands_over(news: News, before: News) -> bool:
    if news.rank != before.rank or news.fate != before.fate:
        return news.rank > before.rank
    return (news.at, news.said or "") > (before.at, before.said or "")  # of one instant: alike in whatever order


def _closings(app: App, told: Sequence[Told], messages: Mapping[int, Any]) -> Closings:
    """Addresses that are to be left alone: those the events name, and those our messages went to."""
    closed: Closings = {}
    for one in told:
        if (what := closing(one.event, app.house.wishes)) is not None:
            for address in _addresses(one, messages):
                closed.setdefault(what, {}).setdefault(address, _evidence(one))
    return closed


def _close(app: App, c: sa.Connection, closed: Closings, at: datetime) -> None:
    """Always in one order: two posts never wait for each other in a circle."""
    for what in sorted(closed, key=lambda c: (c.scope, c.reason)):
        asked = Asked(what.scope, what.reason, what.door, None, None, at)
        evidence = {address: why for (_, address), why in closed[what].items()}
        take(app, c, sorted(closed[what]), asked, evidence)


def _addresses(one: Told, messages: Mapping[int, Any]) -> list[tuple[Channel, str]]:
    found = [(one.event.channel, one.contact_hash)] if one.contact_hash else []
    message = messages.get(one.reference.message) if one.reference else None
    if message is not None:
        found.append((Channel(message.channel), message.contact_hash))
    return found


def _evidence(one: Told) -> str:
    """Where what was said stands, and in few words what it was."""
    said = " ".join(filter(None, (one.event.code, one.event.said)))
    return f"inbox {one.inbox_id}" + (f": {said}" if said else "")
