"""How is what a provider said written down, so that neither a late answer nor a doubled one can do harm? (T3)"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from outreach.core.lifecycle import Fault
from outreach.core.terms import MessageState
from outreach.store.among import among, still
from outreach.store.rowset import ROWS, rows, rowset
from outreach.store.schema import attempts, outbox
from outreach.store.sending import Held, by_attempt
from outreach.store.types import Utc

_HANDED, _DOUBT = MessageState.HANDED.value, MessageState.IN_DOUBT.value


class Result(NamedTuple):
    """What became of one hand-off. `said` is the vendor's code or words for people; never an address or a body."""

    id: int
    attempt: int
    state: MessageState
    provider: str
    message_id: str | None = None
    said: str | None = None
    fault: Fault | None = None
    status: int | None = None


#: As the database reads them.
_COLUMNS = dict(
    zip(Result._fields, (sa.BigInteger(), sa.Integer(), *(sa.Text() for _ in range(5)), sa.Integer()), strict=True)
)


def record(c: sa.Connection, results: Sequence[Result], *, at: datetime) -> set[int]:
    """handed -> what the provider said, fenced by (state, attempt). Returns the ids that were ours to record.

    Who made the call knows best: its answer also settles a doubt the sweeper raised about this same attempt. An id
    the provider gave before is not kept: what it answered counts all the same.
    """
    if not results:
        return set()
    try:
        with c.begin_nested():
            return _record(c, results, at)
    except IntegrityError:
        if len(results) == 1:
            return _record(c, [results[0]._replace(message_id=None)], at)
        half = len(results) // 2
        return record(c, results[:half], at=at) | record(c, results[half:], at=at)


def _record(c: sa.Connection, results: Sequence[Result], at: datetime) -> set[int]:
    dialect = c.dialect.name
    said = {ROWS: rows(dialect, _COLUMNS, results), "b_at": at}
    changing, finishing = _statements(dialect)
    ours = {row.id for row in c.execute(changing, said).all()}
    c.execute(finishing, said)
    return ours


@cache
def _statements(dialect: str) -> tuple[Any, Any]:
    """The message, and its attempt; each with the parameters ROWS and b_at."""
    v, at = rowset(dialect, _COLUMNS), sa.bindparam("b_at", type_=Utc())
    settles = sa.and_(still(outbox.c.state, _DOUBT, MessageState.UNKNOWN.value), v.c.state != _DOUBT)
    changing = (
        sa.update(outbox)
        .where(outbox.c.id == v.c.id, outbox.c.attempt == v.c.attempt, sa.or_(still(outbox.c.state, _HANDED), settles))
        .values(
            state=v.c.state,
            provider=v.c.provider,
            provider_message_id=v.c.message_id,
            last_error=v.c.said,
            doubt_since=sa.case((v.c.state == _DOUBT, at), else_=None),
            owner=None,
            lease_until=None,
            updated_at=at,
        )
        .returning(outbox.c.id)
    )
    finishing = (
        sa.update(attempts)
        .where(attempts.c.outbox_id == v.c.id, attempts.c.attempt == v.c.attempt, attempts.c.finished_at.is_(None))
        .values(
            finished_at=at,
            outcome=v.c.state,
            error=v.c.said,
            error_class=v.c.fault,
            http_status=v.c.status,
            provider_message_id=v.c.message_id,
        )
    )
    return changing, finishing


def put_off(c: sa.Connection, held: Held, *, until: datetime) -> None:
    """Messages a provider would not take yet are not due before `until`."""
    for attempt, ids in by_attempt(held).items():
        mine = (among(outbox.c.id, ids), outbox.c.attempt == attempt, still(outbox.c.state, MessageState.READY.value))
        c.execute(sa.update(outbox).where(*mine, outbox.c.not_before < until).values(not_before=until))
