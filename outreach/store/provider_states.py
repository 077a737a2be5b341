"""May anything be handed to this provider now, and how much? One row, shared by all workers."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from outreach.core.pace import leave, moved, rest
from outreach.store.engine import dialect_insert, insert_new
from outreach.store.send_schema import provider_states

_P = provider_states.c


@dataclass(frozen=True, slots=True)
class Allowance:
    """`count` messages may be handed over now; the next `wait` seconds later. `closed`: none, for a while or for good.

    `trying`: the provider has yet to show that it takes anything, so one goes first and its answer is awaited.
    """

    count: int
    wait: float = 0.0
    closed: bool = False
    trying: bool = False


def state(c: sa.Connection, provider: str) -> Any:
    """Its row, or None before its first answer."""
    return c.execute(sa.select(provider_states).where(_P.provider == provider)).one_or_none()


def every(c: sa.Connection) -> list[Any]:
    """All that ever answered, by name."""
    return list(c.execute(sa.select(provider_states).order_by(_P.provider)))


def is_closed(row: Any, at: datetime) -> bool:
    """Paused at this moment, or stopped until a person mended it."""
    return row is not None and (row.needs_person or (row.paused_until is not None and row.paused_until > at))


def allow(c: sa.Connection, provider: str, *, at: datetime, wanted: int, per_second: float | None) -> Allowance:
    """How many of `wanted` may be handed over in this transaction. Takes no token: `took` does.

    With a rate the row stays locked until the end, so that workers count one after the other.
    """
    if per_second is not None:
        c.execute(insert_new(c, provider_states).values(provider=provider, setbacks=1))
    query = sa.select(provider_states).where(_P.provider == provider)
    row = c.execute(query.with_for_update() if per_second is not None else query).one_or_none()
    if is_closed(row, at):
        return Allowance(0, closed=True)
    trying = row is None or row.setbacks > 0
    wanted = min(wanted, 1) if trying else wanted
    if per_second is None:
        return Allowance(wanted, trying=trying)
    found = leave(row.next_at if row else None, at=at, per_second=per_second, wanted=wanted)
    return Allowance(found.count, found.wait, trying=trying)


def took(c: sa.Connection, provider: str, *, at: datetime, count: int, per_second: float) -> None:
    """So many are handed over in this transaction."""
    next_at = c.execute(sa.select(_P.next_at).where(_P.provider == provider)).scalar_one()
    value = moved(next_at, at=at, per_second=per_second, count=count)
    c.execute(sa.update(provider_states).where(_P.provider == provider).values(next_at=value))


def well(c: sa.Connection, provider: str) -> None:
    """It took a message: earlier setbacks are over. A pause it asked for stays."""
    row = state(c, provider)
    if row is None:
        c.execute(insert_new(c, provider_states).values(provider=provider))
    elif row.setbacks:
        where = (_P.provider == provider, _P.setbacks > 0, _P.needs_person.is_(False))
        c.execute(sa.update(provider_states).where(*where).values(setbacks=0))


def pause(c: sa.Connection, provider: str, *, at: datetime, wait: timedelta | None, because: str) -> datetime:
    """Nothing more before it asked for, or for a while that doubles with each setback. Returns until when.

    Many answers of one bad moment are one setback.
    """
    c.execute(insert_new(c, provider_states).values(provider=provider))
    row = c.execute(sa.select(provider_states).where(_P.provider == provider).with_for_update()).one()
    if wait is None and is_closed(row, at) and row.paused_until is not None:
        until: datetime = row.paused_until
        return until
    until = at + (rest(row.setbacks) if wait is None else wait)
    fresh = not is_closed(row, at)
    if row.paused_until is None or until > row.paused_until:
        values = {"paused_until": until, "because": because, "setbacks": row.setbacks + fresh}
        since = {"since": at} if fresh else {}
        c.execute(sa.update(provider_states).where(_P.provider == provider).values(**values, **since))
        return until
    later: datetime = row.paused_until
    return later


def stop(c: sa.Connection, provider: str, *, at: datetime, because: str) -> None:
    """It does not know us: nothing more until a person says that it was mended."""
    changed = {"needs_person": True, "because": because, "since": at, "setbacks": 1}
    insert = dialect_insert(c, provider_states).values(provider=provider, **changed)
    still = provider_states.c.needs_person.is_(False)
    c.execute(insert.on_conflict_do_update(index_elements=["provider"], set_=changed, where=still))


def mended(c: sa.Connection, provider: str) -> bool:
    """A person, or a key that works again: open for one first message. False when it was not closed."""
    closed = sa.or_(_P.needs_person, _P.paused_until.is_not(None))
    values = {"needs_person": False, "paused_until": None, "because": None, "since": None, "setbacks": 1}
    return bool(c.execute(sa.update(provider_states).where(_P.provider == provider, closed).values(values)).rowcount)
