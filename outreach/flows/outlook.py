"""Where does the send stand? For the page of `status`, for the metrics, and for a worker that asks whether to end."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from outreach.core.errors import Refused
from outreach.core.terms import Channel, Mode
from outreach.flows.app import App, shop_day, start_of_day
from outreach.flows.presence import Presence, who
from outreach.store import inbox, operation, walls
from outreach.store.engine import now, reading
from outreach.store.walls import Untold

#: How many messages of unknown fate are named one by one.
NAMED = 500
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Stop:
    """Why a provider takes nothing: until a moment, or until a person has mended its key."""

    since: datetime | None
    because: str
    until: datetime | None
    needs_person: bool


@dataclass(frozen=True, slots=True)
class Lane:
    """One channel and its provider. `due` could leave now; `wait` counts those too whose hour has not come.

    `next`: the next hour; `useless`: when the first of them is too late; `today`: handed over since midnight in the
    shop's zone.
    """

    channel: Channel
    provider: str
    due: int = 0
    wait: int = 0
    under_way: int = 0
    today: int = 0
    next: datetime | None = None
    useless: datetime | None = None
    stop: Stop | None = None


@dataclass(frozen=True, slots=True)
class Outlook:
    """Everything at one moment, by the database's clock."""

    at: datetime
    lanes: tuple[Lane, ...]
    doubts: Mapping[str, int]
    in_doubt: tuple[Any, ...]
    workers: tuple[Presence, ...]
    untold: Mapping[str, Untold] = field(default_factory=dict)  # by provider
    puzzling: int = 0  # what came in during the last week and could not be understood


def outlook(app: App) -> Outlook:
    """Look once, at everything."""
    mode = app.house.mode.value
    with reading(app.engine) as c:
        at = now(c)
        ready = {row.channel: row for row in operation.waiting(c, mode, _hour(app, at))}
        under_way = operation.under_way(c, mode)
        midnight, played = start_of_day(app, shop_day(app, at)), app.house.mode is Mode.OUTBOX
        today = operation.handed_since(c, mode, midnight, played=played)
        doubts, named = operation.doubts(c, mode), operation.in_doubt(c, mode, limit=NAMED)
        stops = {name: _stop(row) for name, row in operation.stops(c, at).items()}
        untold, puzzling = walls.waiting(c), inbox.puzzling(c, at - WEEK)
    lanes = []
    for channel, provider in app.providers.items():
        key = channel.value
        lane = _lane(Lane(channel, provider.name, stop=stops.get(provider.name)), ready.get(key))
        lanes.append(replace(lane, under_way=under_way.get(key, 0), today=today.get(key, 0)))
    return Outlook(at, tuple(lanes), doubts, tuple(named), tuple(who(app)), untold, puzzling)


def _lane(empty: Lane, row: Any) -> Lane:
    if row is None:
        return empty
    return replace(empty, due=row.due, wait=row.wait, next=row.next, useless=row.useless)


def _stop(row: Any) -> Stop:
    return Stop(row.since, row.because or "", row.paused_until, row.needs_person)


def nothing_due(app: App) -> bool:
    """Whether nothing is left, here or in another worker's hands, that one of this shop's providers would take."""
    with reading(app.engine) as c:
        mode, at = app.house.mode.value, now(c)
        refusing = {name for name, stop in operation.stops(c, at).items() if stop.needs_person}
        due = {row.channel: row.due for row in operation.waiting(c, mode, _hour(app, at))}
        under_way = operation.under_way(c, mode)
    serving = [channel.value for channel, provider in app.providers.items() if provider.name not in refusing]
    return not any(due.get(channel, 0) or under_way.get(channel, 0) for channel in serving)


def refusals(app: App) -> dict[Channel, Refused]:
    """The channels whose provider takes nothing until a person has mended its key, and what to tell them."""
    with reading(app.engine) as c:
        at = now(c)
        stops = {name: stop for name, stop in operation.stops(c, at).items() if stop.needs_person}
        if not stops:
            return {}
        ready = {row.channel: row for row in operation.waiting(c, app.house.mode.value, _hour(app, at))}
    mine = [(channel, provider.name) for channel, provider in app.providers.items() if provider.name in stops]
    return {channel: _refused(name, stops[name], ready.get(channel.value)) for channel, name in mine}


def _refused(name: str, stop: Any, waiting: Any) -> Refused:
    facts = [stop.because] if stop.because else []
    if waiting is not None:
        facts.append(f"{waiting.wait:,} wait, the first is useless after {waiting.useless:%a %d %b %H:%M} UTC")
    mend = "mend its key in .env, look with outreach doctor, then start outreach worker again"
    return Refused("OUT-401", f"{name} refuses us; nothing more is handed to it", facts=tuple(facts), help=mend)


def lately(app: App) -> dict[tuple[str, str], int]:
    """(channel, state) of the messages of the last days."""
    with reading(app.engine) as c:
        return {(row[0], row[1]): row[2] for row in operation.lately(c, app.house.mode.value, _hour(app, now(c)))}


def _hour(app: App, at: datetime) -> datetime | None:
    """In outbox mode every message's own hour is good (decision 3)."""
    return None if app.house.mode is Mode.OUTBOX else at
