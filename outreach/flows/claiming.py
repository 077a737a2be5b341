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
    """The next due messages, held by a lease, their words unpacked. What may not leave is ended."""
    with writing(app.engine) as c:
        at = now(c)
        if asked.timed and provider_states.is_closed(provider_states.state(c, asked.provider), at):
            return Batch((), Counter(), None)
        due = sending.due(c, _due_at(asked, at), after=place, size=asked.size)
        if not due:
            return Batch((), Counter(), None)
        windows, ended = _hold(app, c, [row.id for row in due], (asked, at))
    with reading(app.engine) as c:
        stored = revisions.stored(c, [row.id for row, _ in windows])
    claimed = tuple(Claimed(row, unpacked(stored, row.id), closes) for row, closes in windows)
    return Batch(claimed, ended, (due[-1].not_before, due[-1].id))


def _due_at(asked: Asked, at: datetime) -> sending.Due:
    w = asked.which
    return sending.Due(w.mode, w.channels, at if asked.timed else None, w.before, w.ids)


def _hold(
    app: App, c: sa.Connection, ids: Sequence[int], by: tuple[Asked, datetime]
) -> tuple[list[tuple[Any, datetime]], Counter[str]]:
    """(row, end of its window) of the messages we hold, and how the others ended."""
    asked, at = by
    clock = at if asked.timed else None
    rows = sending.claim(c, ids, owner=asked.owner, at=at, clock=clock)
    ended = Counter[str]()
    if len(rows) < len(ids):
        ours = {row.id for row in rows}
        ended.update(sending.settle_refused(c, [i for i in ids if i not in ours], at=at, clock=clock))
    untrue = _moved(c, rows) | _untrue(app, c, rows, at)
    left = _end(c, rows, untrue, (MessageState.CANCELLED, at), ended)
    people = recipients.load(c, [row.customer_id for row in left])
    whenever = [(row, row.not_after) for row in left]
    windows = whenever if clock is None else _open(app, c, left, (people, clock), ended)
    kept = sending.take_cap(c, _slots(app, [row for row, _ in windows], people, clock))
    capped = {r.id: "another message today" for r, _ in windows if Kind(r.kind) in UNASKED and r.id not in kept}
    _end(c, [row for row, _ in windows], capped, (MessageState.CAPPED, at), ended)
    return [(row, closes) for row, closes in windows if row.id not in capped], ended


def _end(
    c: sa.Connection,
    rows: Sequence[Any],
    why: Mapping[int, str],
    to: tuple[MessageState, datetime],
    ended: Counter[str],
) -> list[Any]:
    """End those that `why` names; returns the others."""
    gone = [(row.id, row.attempt, why[row.id]) for row in rows if row.id in why]
    sending.end(c, gone, state=to[0], at=to[1])
    if gone:
        ended[to[0].value] += len(gone)
    return [row for row in rows if row.id not in why]


def _open(
    app: App, c: sa.Connection, rows: Sequence[Any], of: tuple[Mapping[int, Addressee], datetime], ended: Counter[str]
) -> list[tuple[Any, datetime]]:
    """Those whose hours leave time for a whole call, with the window's end; the others wait for the next window."""
    people, at = of
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
    for opens, held in shut.items():
        ended.update(sending.give_back(c, held, at=at, not_before=opens))
    return windows


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
