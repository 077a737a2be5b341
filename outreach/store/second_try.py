"""Which messages that ended badly may go back to waiting, because a person says so?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from outreach.core.lifecycle import Fault
from outreach.core.terms import MessageState
from outreach.store.schema import attempts, outbox

#: Refusals of one person or one address: nothing we mend changes them.
_FOR_GOOD = (Fault.OPTED_OUT.value, Fault.BAD_ADDRESS.value)


@dataclass(frozen=True, slots=True)
class Ended:
    """A message at its end, as it stood when it was looked at. `useless`: its time is over."""

    id: int
    attempt: int
    useless: bool


def rejected(c: sa.Connection, run_id: int, at: datetime) -> list[Ended]:
    """A run's messages that a provider refused, and could take another time. Index (run_id, state, id)."""
    last = sa.and_(attempts.c.outbox_id == outbox.c.id, attempts.c.attempt == outbox.c.attempt)
    error = sa.func.coalesce(attempts.c.error_class, "")
    where = (_of(run_id, MessageState.REJECTED), error.not_in(_FOR_GOOD))
    return _ended(c, sa.select(*_COLUMNS).select_from(outbox.outerjoin(attempts, last)).where(*where), at)


def unknown(c: sa.Connection, run_id: int, ids: Sequence[int], at: datetime) -> list[Ended]:
    """Those of these messages of a run whose fate nobody knows."""
    where = (_of(run_id, MessageState.UNKNOWN), outbox.c.id.in_(ids))
    return _ended(c, sa.select(*_COLUMNS).where(*where), at)


def back(c: sa.Connection, rows: Sequence[Ended], state: MessageState, *, at: datetime) -> int:
    """They wait again, where nothing happened to them meanwhile. Returns how many."""
    statement = (
        sa.update(outbox)
        .where(
            outbox.c.id == sa.bindparam("b_id"),
            outbox.c.attempt == sa.bindparam("b_attempt"),
            outbox.c.state == state.value,
        )
        .values(
            state=MessageState.READY.value,
            owner=None,
            lease_until=None,
            doubt_since=None,
            provider_message_id=None,
            updated_at=at,
        )
    )
    if not rows:
        return 0
    return c.execute(statement, [{"b_id": row.id, "b_attempt": row.attempt} for row in rows]).rowcount


_COLUMNS = (outbox.c.id, outbox.c.attempt, outbox.c.not_after)


def _of(run_id: int, state: MessageState) -> sa.ColumnElement[bool]:
    return sa.and_(outbox.c.run_id == run_id, outbox.c.state == state.value)


def _ended(c: sa.Connection, query: sa.Select[int, int, datetime], at: datetime) -> list[Ended]:
    rows = c.execute(query.order_by(outbox.c.id))
    return [Ended(row.id, row.attempt, row.not_after <= at) for row in rows]
