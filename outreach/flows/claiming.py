"""Which due messages may leave now? T1 for a batch, one transaction; the rest reaches its named end. (state.md)"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from outreach.core.quiet_hours import closes_at, next_open
from outreach.core.shop import Hours
from outreach.core.terms import OUTSIDE_ONE_VOICE, UNASKED, Kind, MessageState, Mode
from outreach.flows.app import App, shop_day
from outreach.flows.envelopes import Claimed, unpacked
from outreach.providers.base import DEADLINE
from outreach.store import provider_states, recheck, recipients, revisions, sending
from outreach.store.engine import now, reading, writing
from outreach.store.recipients import Addressee

#: (not_before, id): where a worker's look through the due messages stands.
Place = tuple[datetime, int]


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
    """The next due messages, held by a lease, their words unpacked. What may not leave is ended.

    Three short steps, so that others may write meanwhile: they are ours; a look at each; what the look says.
    """
    with writing(app.engine) as c:
        at = now(c)
        if asked.timed and provider_states.is_closed(provider_states.state(c, asked.provider), at):
            return Batch((), Counter(), None)
        due = sending.due(c, _due_at(asked, at), after=place, size=asked.size)
        if not due:
            return Batch((), Counter(), None)
        rows, ended = _taken(c, [row.id for row in due], asked, at)
    clock = at if asked.timed else None
    with reading(app.engine) as c:
        found = _looked_at(app, c, rows, (at, clock))
        stored = revisions.stored(c, [row.id for row, _ in found.open])
    kept = _told(app, found, at, ended)
    claimed = tuple(Claimed(row, unpacked(stored, row.id), closes) for row, closes in found.open if row.id in kept)
    return Batch(claimed, ended, (due[-1].not_before, due[-1].id))


def _due_at(asked: Asked, at: datetime) -> sending.Due:
    w = asked.which
    return sending.Due(w.mode, w.channels, at if asked.timed else None, w.before, w.ids)


def _taken(c: sa.Connection, ids: Sequence[int], asked: Asked, at: datetime) -> tuple[list[Any], Counter[str]]:
    """T1: the messages we hold, and how those that may not be held ended."""
    clock = at if asked.timed else None
    rows = sending.claim(c, ids, owner=asked.owner, at=at, clock=clock)
    ended = Counter[str]()
    if len(rows) < len(ids):
        ours = {row.id for row in rows}
        ended.update(sending.settle_refused(c, [i for i in ids if i not in ours], at=at, clock=clock))
    return rows, ended


@dataclass(frozen=True, slots=True)
class _Look:
    """What a look at messages we hold gave: (row, end of its window) of those that may leave; the others and why."""

    open: list[tuple[Any, datetime]]
    untrue: list[tuple[int, int, str]]
    shut: dict[datetime, list[tuple[int, int]]]  # by when their hours begin again
    slots: list[tuple[int, str, str]]  # the frequency cap's, of those that need one


def _looked_at(app: App, c: sa.Connection, rows: Sequence[Any], when: tuple[datetime, datetime | None]) -> _Look:
    """Are they still true, still theirs, and within the recipients' hours?"""
    at, clock = when
    why = _moved(c, rows) | _untrue(app, c, rows, at)
    untrue = [(row.id, row.attempt, why[row.id]) for row in rows if row.id in why]
    left = [row for row in rows if row.id not in why]
    people = recipients.load(c, [row.customer_id for row in left])
    windows, shut = ([(row, row.not_after) for row in left], {}) if clock is None else _open(app, left, people, clock)
    return _Look(windows, untrue, shut, _slots(app, [row for row, _ in windows], people, clock))


def _told(app: App, found: _Look, at: datetime, ended: Counter[str]) -> set[int]:
    """Write down what the look said, and take the cap's slots. Returns the messages that may go on."""
    kept = {row.id for row, _ in found.open}
    if not (found.untrue or found.shut or found.slots):
        return kept
    with writing(app.engine) as c:
        _end(c, found.untrue, MessageState.CANCELLED, at, ended)
        for opens, held in found.shut.items():
            ended.update(sending.give_back(c, held, at=at, not_before=opens))
        free = sending.take_cap(c, found.slots)
        full = {message_id for message_id, _, _ in found.slots} - free
        capped = [(row.id, row.attempt, "another message today") for row, _ in found.open if row.id in full]
        _end(c, capped, MessageState.CAPPED, at, ended)
    return kept - full


def _end(
    c: sa.Connection, gone: Sequence[tuple[int, int, str]], state: MessageState, at: datetime, ended: Counter[str]
) -> None:
    sending.end(c, gone, state=state, at=at)
    if gone:
        ended[state.value] += len(gone)


def _open(
    app: App, rows: Sequence[Any], people: Mapping[int, Addressee], at: datetime
) -> tuple[list[tuple[Any, datetime]], dict[datetime, list[tuple[int, int]]]]:
    """Those whose hours leave time for a whole call, with the window's end; the others by their next opening."""
    windows: list[tuple[Any, datetime]] = []
    shut: dict[datetime, list[tuple[int, int]]] = {}
    for row in rows:
        if Kind(row.kind) in OUTSIDE_ONE_VOICE:
            windows.append((row, row.not_after))
            continue
        opens, closes = _window(app, people[row.customer_id], at)
        if opens > at:
            shut.setdefault(opens, []).append((row.id, row.attempt))
        else:
            windows.append((row, min(row.not_after, closes)))
    return windows, shut


def _window(app: App, who: Addressee, at: datetime) -> tuple[datetime, datetime]:
    """When the window opens that a call beginning `at` may use (`at` itself or earlier: now), and when it closes."""
    limits, zones = app.house.limits, who.zones(app.house.shop.country)
    hours: Hours = limits.hours_in.get(who.country or "", limits.hours)
    minute = at.replace(second=0, microsecond=0)  # so that one look serves all of a minute's messages
    opens = next_open(minute, zones, hours)
    closes = closes_at(minute, zones, hours)
    if opens <= at and closes <= at + DEADLINE:
        opens = next_open(closes, zones, hours)
        closes = closes_at(closes, zones, hours)
    return opens, closes


def _slots(
    app: App, rows: Sequence[Any], people: Mapping[int, Addressee], clock: datetime | None
) -> list[tuple[int, str, str]]:
    """One marketing message per address and local day (settled 13): the day it leaves on."""
    country = app.house.shop.country
    found = []
    for row in rows:
        if Kind(row.kind) in UNASKED:
            leaves = row.not_before if clock is None else max(row.not_before, clock)
            day = leaves.astimezone(ZoneInfo(people[row.customer_id].zones(country)[0])).date()
            found.append((row.id, row.contact_hash, f"{row.mode}|{day.isoformat()}"))
    return found


def _moved(c: sa.Connection, rows: Sequence[Any]) -> dict[int, str]:
    """Messages whose address the customer's record no longer names."""
    to = recipients.addresses(c, [row.contact_point_id for row in rows])
    return {row.id: "the address changed since" for row in rows if to.get(row.contact_point_id) is None}


def _untrue(app: App, c: sa.Connection, rows: Sequence[Any], at: datetime) -> dict[int, str]:
    """Messages that are no longer true, and why; a past night sees no later fact."""
    found: dict[int, str] = {}
    nights: dict[date, list[Any]] = {}
    for row in rows:
        nights.setdefault(row.night, []).append(row)
    for night, its in sorted(nights.items()):
        facts = {r.id: {**r.facts, "customer_id": r.customer_id} for r in its}
        before = night if app.house.mode is Mode.OUTBOX else shop_day(app, at) + timedelta(days=1)
        found |= {i: why.said for i, why in recheck.untrue(c, facts, night=night, before=before).items()}
    return found
