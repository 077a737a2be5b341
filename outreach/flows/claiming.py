"""Which due messages may leave now? T1 for a batch, one transaction; the rest reaches its named end. (state.md)"""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache, partial
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from outreach.core.errors import Busy
from outreach.core.quiet_hours import closes_at, next_open
from outreach.core.terms import OUTSIDE_ONE_VOICE, UNASKED, MessageState, Mode
from outreach.core.zones import zones_for
from outreach.flows.app import App, shop_day
from outreach.flows.envelopes import Claimed
from outreach.providers.base import DEADLINE
from outreach.store import held, provider_states, recheck, sending
from outreach.store.engine import now, reading, writing
from outreach.store.held import Message
from outreach.store.sending import Held

#: (not_before, id) of a message.
Key = tuple[datetime, int]


class Place(NamedTuple):
    """Where a worker's look through what is due stands: at which message, and at which answer."""

    message: Key | None = None
    answer: Key | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """What one claim brought. `place`: where the next begins, None: nothing more is due; `ended`: counts by state."""

    claimed: tuple[Claimed, ...]
    ended: Counter[str]
    place: Place | None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a worker claims: which messages, how many at once, as whom."""

    which: sending.Due
    size: int
    provider: str
    owner: str
    timed: bool  # False in outbox mode: a past night is played at its own hours


def claim(app: App, asked: Asked, place: Place | None) -> Batch:
    """The next due messages, held by a lease. What may not leave is ended.

    Three short steps, so that others may write meanwhile: they are ours; a look at each; what the look says.
    """
    with writing(app.engine) as c:
        at = now(c)
        if asked.timed and provider_states.is_closed(provider_states.state(c, asked.provider), at):
            return Batch((), Counter(), None)
        due, further = _due(c, asked, at, place or Place())
        if not due:
            return Batch((), Counter(), None)
        ours, ended = _taken(c, due, asked, at)
    with _or_given_back(app, ours, asked):
        with reading(app.engine) as c:
            messages = held.look(c, ours)
            skeletons = held.skeletons(c, messages)
            found = _looked_at(app, c, messages, (at, at if asked.timed else None))
        kept = _told(app, found, at, ended)
    open_ = (each for each in found.open if each[0].id in kept)
    claimed = (Claimed(message, (message.body, skeletons.get(message.revision)), closes) for message, closes in open_)
    return Batch(tuple(claimed), ended, further)


@contextmanager
def _or_given_back(app: App, ours: Held, asked: Asked) -> Iterator[None]:
    """What we hold and cannot look at, be it by a mistake of ours, waits for nobody's lease to run out."""
    stumbled = True
    try:
        yield
        stumbled = False
    finally:
        if stumbled:
            with suppress(Busy), writing(app.engine) as c:
                at = now(c)
                sending.give_back(c, ours, at=at, clock=at if asked.timed else None)


def _due(c: sa.Connection, asked: Asked, at: datetime, place: Place) -> tuple[list[int], Place]:
    """Ids of what is due, and where the next look begins. Answers first: somebody waits, and no night makes a queue
    before them. Where a past night is played, or a hint was given, everything goes in its own order."""
    which, size = replace(asked.which, at=at if asked.timed else None), asked.size
    first: list[Any] = []
    if asked.timed and which.ids is None:
        first = sending.due(c, replace(which, answers=True), after=place.answer, size=size)
    seen = {row.id for row in first}
    usual = sending.due(c, which, after=place.message, size=size - len(first)) if len(first) < size else []
    further = Place(_last(usual) or place.message, _last(first) or place.answer)
    return [*(row.id for row in first), *(row.id for row in usual if row.id not in seen)], further


def _last(rows: Sequence[Any]) -> Key | None:
    return (rows[-1].not_before, rows[-1].id) if rows else None


def _taken(c: sa.Connection, ids: Sequence[int], asked: Asked, at: datetime) -> tuple[Held, Counter[str]]:
    """T1: the messages we hold, and how those that may not be held ended."""
    clock = at if asked.timed else None
    ours = [(row.id, row.attempt) for row in sending.claim(c, ids, owner=asked.owner, at=at, clock=clock)]
    ended = Counter[str]()
    if len(ours) < len(ids):
        others = set(ids) - {i for i, _ in ours}
        ended.update(sending.settle_refused(c, sorted(others), at=at, clock=clock))
    return ours, ended


@dataclass(frozen=True, slots=True)
class _Look:
    """What a look at messages we hold gave: those that may leave, with the end of their window; the others and why."""

    open: list[tuple[Message, datetime]]
    untrue: list[tuple[int, int, str]]
    shut: dict[datetime, list[tuple[int, int]]]  # by when their hours begin again
    slots: list[tuple[int, str, str]]  # the frequency cap's, of those that need one


def _looked_at(
    app: App, c: sa.Connection, messages: Sequence[Message], when: tuple[datetime, datetime | None]
) -> _Look:
    """Are they still true, still theirs, and within the recipients' hours?"""
    at, clock = when
    why = {m.id: "the address changed since" for m in messages if not m.named} | _untrue(app, c, messages, at)
    untrue = [(m.id, m.attempt, why[m.id]) for m in messages if m.id in why]
    left = [m for m in messages if m.id not in why] if why else messages
    windows, shut = ([(m, m.not_after) for m in left], {}) if clock is None else _open(app, left, clock)
    return _Look(windows, untrue, shut, _slots(app, [m for m, _ in windows], clock))


def _told(app: App, found: _Look, at: datetime, ended: Counter[str]) -> set[int]:
    """Write down what the look said, and take the cap's slots. Returns the messages that may go on."""
    kept = {message.id for message, _ in found.open}
    if not (found.untrue or found.shut or found.slots):
        return kept
    with writing(app.engine) as c:
        _end(c, found.untrue, MessageState.CANCELLED, at, ended)
        for opens, ours in found.shut.items():
            ended.update(sending.give_back(c, ours, at=at, not_before=opens))
        free = sending.take_cap(c, found.slots)
        full = {message_id for message_id, _, _ in found.slots} - free
        capped = [(m.id, m.attempt, "another message today") for m, _ in found.open if m.id in full]
        _end(c, capped, MessageState.CAPPED, at, ended)
    return kept - full


def _end(
    c: sa.Connection, gone: Sequence[tuple[int, int, str]], state: MessageState, at: datetime, ended: Counter[str]
) -> None:
    sending.end(c, gone, state=state, at=at)
    if gone:
        ended[state.value] += len(gone)


def _open(
    app: App, messages: Sequence[Message], at: datetime
) -> tuple[list[tuple[Message, datetime]], dict[datetime, list[tuple[int, int]]]]:
    """Those whose hours leave time for a whole call, with the window's end; the others by their next opening."""
    windows: list[tuple[Message, datetime]] = []
    shut: dict[datetime, list[tuple[int, int]]] = {}
    window = cache(partial(_window, app, at))  # neighbours share theirs
    for message in messages:
        if message.kind in OUTSIDE_ONE_VOICE:
            windows.append((message, message.not_after))
            continue
        opens, closes = window(message.country, message.state, message.zone)
        if opens > at:
            shut.setdefault(opens, []).append((message.id, message.attempt))
        else:
            windows.append((message, min(message.not_after, closes)))
    return windows, shut


def _window(
    app: App, at: datetime, country: str | None, state: str | None, zone: str | None
) -> tuple[datetime, datetime]:
    """When the window opens that a call beginning `at` may use (`at` itself or earlier: now), and when it closes."""
    zones = zones_for(zone, country, state, app.house.shop.country)
    hours = app.house.limits.hours_at(country or app.house.shop.country, state)
    minute = at.replace(second=0, microsecond=0)  # so that one look serves all of a minute's messages
    opens = next_open(minute, zones, hours)
    closes = closes_at(minute, zones, hours)
    if opens <= at and closes <= at + DEADLINE:
        opens = next_open(closes, zones, hours)
        closes = closes_at(closes, zones, hours)
    return opens, closes


def _slots(app: App, messages: Sequence[Message], clock: datetime | None) -> list[tuple[int, str, str]]:
    """One marketing message per address and local day (settled 13): the day it leaves on."""
    country = app.house.shop.country
    day_of = cache(lambda zone, moment: moment.astimezone(ZoneInfo(zone)).date().isoformat())
    found = []
    for m in messages:
        if m.kind in UNASKED:
            leaves = m.not_before if clock is None else max(m.not_before, clock)
            day = day_of(zones_for(m.zone, m.country, m.state, country)[0], leaves)
            found.append((m.id, m.contact_hash, f"{m.mode}|{day}"))
    return found


def _untrue(app: App, c: sa.Connection, messages: Sequence[Message], at: datetime) -> dict[int, str]:
    """Messages that are no longer true, and why; a past night sees no later fact."""
    found: dict[int, str] = {}
    nights: dict[date, dict[int, dict[str, Any]]] = {}
    for m in messages:
        nights.setdefault(m.night, {})[m.id] = {**m.facts.plain(), "customer_id": m.customer_id}
    for night, facts in sorted(nights.items()):
        before = night if app.house.mode is Mode.OUTBOX else shop_day(app, at) + timedelta(days=1)
        found |= {i: why.said for i, why in recheck.untrue(c, facts, night=night, before=before).items()}
    return found
