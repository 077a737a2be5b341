"""Which database is this, and does it remember what was handed over last? (settled 36)"""

import secrets
from datetime import datetime

import sqlalchemy as sa

from outreach.core.reference import Reference
from outreach.core.terms import MessageState
from outreach.store.engine import insert_new
from outreach.store.schema import attempts, installation, outbox

_INSTANCE, _FORMER = "instance", "instance:"
_NO_END = 2**63 - 1
_LEFT = (MessageState.READY.value, MessageState.CLAIMED.value, MessageState.HANDED.value)


def instance(c: sa.Connection) -> str | None:
    """This database's own id, once it has one."""
    return c.execute(sa.select(installation.c.value).where(installation.c.name == _INSTANCE)).scalar_one_or_none()


def name_it(c: sa.Connection) -> str:
    """Its id, made at random the first time. Safe from several processes at once."""
    c.execute(insert_new(c, installation).values(name=_INSTANCE, value=secrets.token_hex(6)))
    found = instance(c)
    assert found is not None
    return found


def remembers(c: sa.Connection, message: int, attempt: int) -> bool:
    """Whether this hand-off is known here. Primary key of attempt."""
    where = (attempts.c.outbox_id == message, attempts.c.attempt == attempt, attempts.c.handed_at.is_not(None))
    return c.execute(sa.select(sa.literal(1)).where(*where)).scalar_one_or_none() is not None


def knows(c: sa.Connection, reference: Reference) -> bool:
    """Whether a reference is ours: of this instance, or of one before a restore and older than that restore."""
    if reference.instance == instance(c):
        return True
    name = _FORMER + reference.instance
    last = c.execute(sa.select(installation.c.value).where(installation.c.name == name)).scalar_one_or_none()
    return last is not None and reference.message <= int(last)


def known_as(c: sa.Connection) -> dict[str, int]:
    """{instance: the newest message it may name}: ours without end, those of before a restore up to that restore."""
    i = installation.c
    rows = c.execute(sa.select(i.name, i.value).where(sa.or_(i.name == _INSTANCE, i.name.startswith(_FORMER))))
    return {
        row.value if row.name == _INSTANCE else row.name.removeprefix(_FORMER): (
            _NO_END if row.name == _INSTANCE else int(row.value)
        )
        for row in rows
    }


def begin_anew(c: sa.Connection, *, handed_until: datetime | None, mode: str, at: datetime) -> int:
    """After a restore: a new id, so that news of messages made since the backup meets none of ours.

    What was due before the last hand-off we know of may have left without this database knowing: `unknown`, for a
    person to look at. Returns how many.
    """
    former = name_it(c)
    newest = c.execute(sa.select(sa.func.coalesce(sa.func.max(outbox.c.id), 0))).scalar_one()
    c.execute(sa.insert(installation).values(name=_FORMER + former, value=str(newest)))
    renamed = sa.update(installation).where(installation.c.name == _INSTANCE)
    c.execute(renamed.values(value=secrets.token_hex(6)))
    if handed_until is None:
        return 0
    values = {
        "state": MessageState.UNKNOWN.value,
        "because": "it may have left before the database was restored",
        "lease_until": None,
        "updated_at": at,
    }
    where = (outbox.c.state.in_(_LEFT), outbox.c.mode == mode, outbox.c.not_before <= handed_until)
    return c.execute(sa.update(outbox).where(*where).values(values)).rowcount
