"""What becomes of messages whose worker died, came too late, or never heard an answer? The sweeper's statements.

Each carries state and lease in the UPDATE itself, and passes over rows another transaction is changing: any number
of sweepers may run at once.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from outreach.core.terms import MessageState
from outreach.store.schema import attempts, outbox
from outreach.store.sending import WAITING, unlocked

_CLAIMED, _HANDED, _READY = MessageState.CLAIMED.value, MessageState.HANDED.value, MessageState.READY.value
_DOUBT = MessageState.IN_DOUBT.value
#: Word for word the conditions of ix_outbox_leased and ix_outbox_in_doubt, as SQLite wants it.
LEASED = sa.text("outbox.state IN ('claimed', 'handed')")
DOUBTED = sa.text("outbox.state = 'in_doubt'")
#: How long nobody knowing is borne before a person is told (settled 34).
DOUBT = timedelta(hours=24)


def free_expired_leases(c: sa.Connection, *, at: datetime, idempotent: Sequence[str] = ()) -> tuple[int, int]:
    """An expired claim is surely unsent and goes back; an expired hand-off is in doubt. Returns both counts.

    `idempotent`: channels whose provider takes the same message twice as one; there a hand-off goes back too.
    A doubted message keeps its owner: whether that process still lives decides whether it may ever be sent again.
    """
    over = outbox.c.lease_until <= at
    surely = sa.or_(outbox.c.state == _CLAIMED, outbox.c.channel.in_(idempotent))
    back = {"state": _READY, "owner": None, "lease_until": None, "updated_at": at}
    freed = _swept(c, (LEASED, over, surely), back)
    doubt = {"state": _DOUBT, "doubt_since": at, "lease_until": None, "updated_at": at}
    return freed, _swept(c, (LEASED, over, outbox.c.state == _HANDED), doubt)


def expire_late(c: sa.Connection, mode: str, *, at: datetime) -> int:
    """ready -> expired: too late to be useful, so never sent."""
    values = {"state": MessageState.EXPIRED.value, "because": "too late to be useful", "updated_at": at}
    return _swept(c, (WAITING, outbox.c.mode == mode, outbox.c.not_after <= at), values)


def doubt_runs_out(c: sa.Connection, *, at: datetime) -> int:
    """in_doubt -> unknown after a day, for a person to look at; later evidence still settles it."""
    values = {"state": MessageState.UNKNOWN.value, "because": "nobody knows whether it arrived", "updated_at": at}
    return _swept(c, (DOUBTED, outbox.c.doubt_since <= at - DOUBT), values)


def _swept(c: sa.Connection, where: tuple[Any, ...], values: dict[str, Any]) -> int:
    """The condition is asked twice: choosing what nobody is changing, and again of the row as it then is."""
    free_ones = unlocked(c.dialect.name, *where)
    return c.execute(sa.update(outbox).where(*where, free_ones).values(values)).rowcount


def doubted(c: sa.Connection, channel: str, mode: str, *, before: datetime, size: int) -> list[Any]:
    """Messages in doubt since before a moment, those looked at longest ago first, with their hand-off's instant."""
    same = sa.and_(attempts.c.outbox_id == outbox.c.id, attempts.c.attempt == outbox.c.attempt)
    query = (
        sa.select(outbox, attempts.c.handed_at)
        .join(attempts, same)
        .where(DOUBTED, outbox.c.channel == channel, outbox.c.mode == mode, outbox.c.doubt_since <= before)
        .order_by(outbox.c.updated_at, outbox.c.id)
        .limit(size)
    )
    return list(c.execute(query))


def looked_at(c: sa.Connection, held: tuple[int, int], *, at: datetime, surely_absent: bool) -> bool:
    """A doubted message the provider does not list: sent again if that is sure, else looked at again later."""
    message, attempt = held
    mine = (outbox.c.id == message, outbox.c.attempt == attempt, outbox.c.state == _DOUBT)
    back = {"state": _READY, "owner": None, "doubt_since": None} if surely_absent else {}
    return bool(c.execute(sa.update(outbox).where(*mine).values(updated_at=at, **back)).rowcount)
