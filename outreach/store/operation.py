"""What waits, what is under way, what left, and what does nobody know the fate of? For those who run it.

Each look is a fixed number of statements over indexes of open messages, or over the last days' messages only: it may
be asked every second beside a full send.
"""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from outreach.core.terms import MessageState
from outreach.store.forbids import paused
from outreach.store.schema import outbox
from outreach.store.send_schema import provider_states

#: A message leaves within days of being made: how far back "lately" looks. Index (created_at).
LATELY = timedelta(days=8)
_READY = sa.text("outbox.state = 'ready'")
_LEASED = sa.text("outbox.state IN ('claimed', 'handed')")
_OPEN_DOUBT = (MessageState.IN_DOUBT.value, MessageState.UNKNOWN.value)


def waiting(c: sa.Connection, mode: str, at: datetime | None) -> list[Any]:
    """By channel: `due` now (None: whatever the hour), all that `wait`, the `next` hour, the first that is `useless`.

    A campaign that is paused waits, but is not due. Index ix_outbox_ready.
    """
    o = outbox.c
    ripe = sa.true() if at is None else o.not_before <= at
    due = sa.func.coalesce(sa.func.sum(sa.case((sa.and_(ripe, sa.not_(paused())), 1), else_=0)), 0)
    later = sa.func.min(sa.case((sa.not_(ripe), o.not_before)))
    columns = (
        o.channel,
        due.label("due"),
        sa.func.count().label("wait"),
        sa.type_coerce(later, o.not_before.type).label("next"),
        sa.func.min(o.not_after).label("useless"),
    )
    return list(c.execute(sa.select(*columns).where(_READY, o.mode == mode).group_by(o.channel).order_by(o.channel)))


def under_way(c: sa.Connection, mode: str) -> dict[str, int]:
    """Messages a worker holds, by channel. Index ix_outbox_leased."""
    o = outbox.c
    rows = c.execute(sa.select(o.channel, sa.func.count()).where(_LEASED, o.mode == mode).group_by(o.channel))
    return {row[0]: row[1] for row in rows}


def lately(c: sa.Connection, mode: str, at: datetime | None) -> list[Any]:
    """(channel, state, count) of the messages made in the last days; None: of all, where past nights are played."""
    o = outbox.c
    where = (_made(at), o.mode == mode)
    return list(c.execute(sa.select(o.channel, o.state, sa.func.count()).where(*where).group_by(o.channel, o.state)))


def handed_since(c: sa.Connection, mode: str, since: datetime, *, played: bool) -> dict[str, int]:
    """Messages a provider took since a moment, by channel. `played`: past nights' too, which were made long ago."""
    o = outbox.c
    taken = (MessageState.ACCEPTED.value,)
    where = (_made(None if played else since), o.mode == mode, o.updated_at >= since, o.state.in_(taken))
    rows = c.execute(sa.select(o.channel, sa.func.count()).where(*where).group_by(o.channel))
    return {row[0]: row[1] for row in rows}


def _made(at: datetime | None) -> sa.ColumnElement[bool]:
    """Made within the days before a moment: by index (created_at)."""
    return sa.true() if at is None else outbox.c.created_at > at - LATELY


def in_doubt(c: sa.Connection, mode: str, *, limit: int) -> list[Any]:
    """Messages whose fate nobody knows, the oldest first."""
    o = outbox.c
    columns = (o.id, o.state, o.channel, o.campaign, o.doubt_since, o.last_error)
    query = sa.select(*columns).where(o.state.in_(_OPEN_DOUBT), o.mode == mode)
    return list(c.execute(query.order_by(o.doubt_since, o.id).limit(limit)))


def doubts(c: sa.Connection, mode: str) -> dict[str, int]:
    """How many, by state."""
    o = outbox.c
    where = (o.state.in_(_OPEN_DOUBT), o.mode == mode)
    return {row[0]: row[1] for row in c.execute(sa.select(o.state, sa.func.count()).where(*where).group_by(o.state))}


def stops(c: sa.Connection, at: datetime) -> dict[str, Any]:
    """Providers that take nothing now, by name: until a moment, or until a person has mended something."""
    p = provider_states.c
    stopped = sa.or_(p.needs_person, p.paused_until > at)
    return {row.provider: row for row in c.execute(sa.select(provider_states).where(stopped))}
