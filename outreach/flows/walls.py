"""How do the providers' own lists and ours come to say the same? Ours is told first to them, then theirs is read.

Telling comes after the wish was committed, and again until it is done: it is a wall behind our own. Reading comes
before a night decides; where a list cannot be read, marketing waits (product.md).
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from outreach.core.inbound import Event, Told, Written
from outreach.core.lifecycle import Fault
from outreach.flows.app import App
from outreach.flows.known_address import hash_of_address
from outreach.flows.receive import receive
from outreach.providers.base import Listing, Lists, Receipt
from outreach.render.problems import UNFORESEEN
from outreach.store import audits, inbox, walls
from outreach.store.engine import now, reading, writing

#: Rows told in one go, and events of a list taken in at a time.
MOST, CHUNK = 1_000, 500
#: What a list holds may be dated a little before our last look, or after what we told it ourselves.
OVERLAP, ECHO = timedelta(days=1), timedelta(minutes=10)
#: Waits between tries double from here, to a day at most.
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(days=1)
#: Answers that another try will not change; a batch is then told one by one, so that each is judged by itself.
_FINAL = frozenset({Fault.INVALID, Fault.UNKNOWN, Fault.BAD_ADDRESS})


@dataclass(frozen=True, slots=True)
class Pulled:
    """What reading one provider's list gave. `problem`: why it could not be read; marketing waits then.

    `set_aside`: texts the program stumbled over; each is kept for a person, and ends neither the pull nor the night.
    """

    provider: str
    read: int
    new: int
    problem: str | None = None
    set_aside: int = 0


def tell(app: App) -> Counter[str]:
    """Tell the lists what they have yet to learn. Returns rows by what became of them: told, refused, later."""
    return asyncio.run(_tell(app)) if app.lists else Counter()


async def _tell(app: App) -> Counter[str]:
    done: Counter[str] = Counter()
    by_name = {lists.name: lists for lists in app.lists.values()}
    for (name, action, _), rows in (await asyncio.to_thread(_untold, app, list(by_name))).items():
        lists = by_name[name]
        for some in (rows[i : i + lists.at_a_time] for i in range(0, len(rows), lists.at_a_time)):
            done += await _told(app, lists, action, some)
    for lists in by_name.values():
        await lists.close()
    return done


def _untold(app: App, names: Sequence[str]) -> dict[tuple[str, str, date], list[Any]]:
    """Rows by provider, action and the day of the wish, oldest first."""
    with writing(app.engine) as c:
        at = now(c)
        walls.overtaken(c, at=at)
        rows = walls.untold(c, names, at=at, size=MOST)
    found: dict[tuple[str, str, date], list[Any]] = {}
    for row in rows:
        found.setdefault((row.provider, row.action, row.since.date()), []).append(row)
    return found


async def _told(app: App, lists: Lists, action: str, rows: Sequence[Any]) -> Counter[str]:
    call = lists.add if action == walls.ADD else lists.remove
    receipt = await call([row.address for row in rows], rows[0].since)
    if receipt.fault in _FINAL and len(rows) > 1:
        done: Counter[str] = Counter()
        for row in rows:
            done += await _told(app, lists, action, [row])
        return done
    return await asyncio.to_thread(_written_down, app, rows, receipt)


def _written_down(app: App, rows: Sequence[Any], receipt: Receipt) -> Counter[str]:
    ids = [row.id for row in rows]
    with writing(app.engine) as c:
        at = now(c)
        if receipt.fault is None or receipt.fault in _FINAL:
            walls.told(c, ids, at=at, refused=receipt.said if receipt.fault else None)
            return Counter({"refused" if receipt.fault else "told": len(ids)})
        wait = receipt.wait or min(FIRST_WAIT * 2 ** min(rows[0].tries, 12), LONGEST_WAIT)
        walls.put_off(c, ids, until=at + wait, said=receipt.said or receipt.fault.value)
        return Counter({"later": len(ids)})


def pull(app: App) -> tuple[Pulled, ...]:
    """Read every provider's own list and take in what is new, by the road its webhooks come. What we have to say to it
    is said first."""
    if not app.lists:
        return ()
    tell(app)
    return tuple(_pulled(app, lists) for lists in app.lists.values())


def _pulled(app: App, lists: Lists) -> Pulled:
    mark = f"lists_read:{lists.name}"
    with reading(app.engine) as c:
        at, last = now(c), audits.declared(c, mark)
    since = datetime.fromisoformat(last) - OVERLAP if last else None
    listing = asyncio.run(_read(lists, since))
    fresh = _without_echoes(app, lists, listing.found)
    took = [_taken(app, fresh[i : i + CHUNK]) for i in range(0, len(fresh), CHUNK)]
    problem = listing.problem or ("an entry of it could not be taken in" if any(one.lost for one in took) else None)
    if problem is None:
        with writing(app.engine) as c:
            audits.declare(c, mark, at.isoformat())
    new, aside = sum(one.new for one in took), sum(one.set_aside for one in took)
    return Pulled(lists.name, len(listing.found), new, problem, aside)


@dataclass(frozen=True, slots=True)
class _Taken:
    """What became of some entries. `lost`: what the provider tells again, for nothing of it was kept."""

    new: int
    set_aside: int = 0
    lost: int = 0


def _taken(app: App, found: Sequence[Event | Written]) -> _Taken:
    """Take them in; where the program stumbles, one by one, so that each costs no other."""
    try:
        return _Taken(receive(app, tuple(found)).new)
    except (*UNFORESEEN, inbox.NOT_TAKEN):
        if len(found) == 1:
            aside = isinstance(found[0], Written)
            return _Taken(0, set_aside=aside, lost=not aside)
    each = [_taken(app, [one]) for one in found]
    return _Taken(*(sum(getattr(one, name) for one in each) for name in ("new", "set_aside", "lost")))


async def _read(lists: Lists, since: datetime | None) -> Listing:
    try:
        return await lists.read(since)
    finally:
        await lists.close()


def _without_echoes(app: App, lists: Lists, found: Iterable[Event | Written]) -> list[Event | Written]:
    """Without entries that are there because we told them: taken for a wish they would undo a change of mind."""
    hashes = {event: h for event in found if isinstance(event, Event) and (h := _hash(app, event)) is not None}
    with reading(app.engine) as c:
        last = walls.last_change(c, lists.name, list(hashes.values()))
    return [one for one in found if not (isinstance(one, Event) and _echo(one, last.get(hashes.get(one, ""))))]


def _echo(event: Event, last: Any | None) -> bool:
    """After we told of a wish: what is listed by then. After they came back: only what they had said before that."""
    if event.told is not Told.UNSUBSCRIBED or last is None:
        return False
    until: datetime = last.since if last.action == walls.REMOVE else last.told_at + ECHO
    return event.at is None or event.at <= until


def _hash(app: App, event: Event) -> str | None:
    return hash_of_address(app, event.channel, event.address) if event.address else None
