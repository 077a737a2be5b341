"""What may be forgotten, how much of it is there, and how is it forgotten without standing in anybody's way?

Each call forgets one small part, so that no write lock is held for long; the caller goes on until nothing is left.
"""

from datetime import datetime

import sqlalchemy as sa

from outreach.core.terms import MessageState, RunState
from outreach.store.schema import attempts, candidates, contents, outbox, runs

#: Messages one part looks at.
PART = 5_000
#: Not at their end yet, or of unknown fate: whoever decides about them needs the attempts.
_OPEN = [
    state.value
    for state in (
        MessageState.PLANNED,
        MessageState.READY,
        MessageState.CLAIMED,
        MessageState.HANDED,
        MessageState.IN_DOUBT,
        MessageState.UNKNOWN,
    )
]


def contents_of(c: sa.Connection, before: datetime, *, at: datetime) -> int:
    """Forget the bytes of messages made before a moment; their hash stays. Nights that were played stay whole."""
    played = sa.select(runs.c.id).where(runs.c.offset_seconds != 0)
    where = (outbox.c.created_at < before, contents.c.body.is_not(None), outbox.c.run_id.not_in(played))
    joined = outbox.join(contents, contents.c.outbox_id == outbox.c.id)
    ids = _ids(c, sa.select(outbox.c.id).select_from(joined).where(*where))
    forgotten = sa.update(contents).where(contents.c.outbox_id.in_(ids), contents.c.body.is_not(None))
    return c.execute(forgotten.values(body=None, purged_at=at)).rowcount if ids else 0


def attempts_of(c: sa.Connection, before: datetime) -> int:
    """Forget who tried to hand over what, of messages long at their end."""
    joined = outbox.join(attempts, attempts.c.outbox_id == outbox.c.id)
    where = (outbox.c.created_at < before, outbox.c.state.not_in(_OPEN))
    ids = _ids(c, sa.select(outbox.c.id).select_from(joined).where(*where).distinct())
    return c.execute(sa.delete(attempts).where(attempts.c.outbox_id.in_(ids))).rowcount if ids else 0


def candidates_of(c: sa.Connection, before: datetime) -> int:
    """Forget whom the scans found on old nights; what was decided about them stays."""
    over = (RunState.DONE.value, RunState.REJECTED.value, RunState.SUPERSEDED.value)
    old = sa.and_(runs.c.started_at < before, runs.c.state.in_(over))
    some = sa.select(candidates.c.run_id).join(runs, runs.c.id == candidates.c.run_id).where(old).limit(1)
    run_id = c.execute(some).scalar()
    if run_id is None:
        return 0
    return c.execute(sa.delete(candidates).where(candidates.c.run_id == run_id)).rowcount


def _ids(c: sa.Connection, query: sa.Select[int]) -> list[int]:
    return list(c.execute(query.order_by(outbox.c.id).limit(PART)).scalars())


def settle_down(c: sa.Connection) -> None:
    """Let the database look again at how its tables are filled, after much of them went."""
    if c.dialect.name == "sqlite":
        c.exec_driver_sql("PRAGMA optimize")
        return
    for table in (outbox, contents, attempts, candidates):
        c.exec_driver_sql(f"ANALYZE {table.name}")
