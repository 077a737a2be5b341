"""What became of messages after they were accepted? A set of news at a time; a fate gives way only to a higher rank."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from outreach.core.lifecycle import Fault
from outreach.core.terms import MessageState
from outreach.store.among import still
from outreach.store.rowset import ROWS, rows, rowset
from outreach.store.schema import attempts, outbox
from outreach.store.types import Utc

#: Where news of this very attempt says that the provider has it; `ready`: it was about to be tried again.
_OPEN = (MessageState.HANDED, MessageState.IN_DOUBT, MessageState.UNKNOWN, MessageState.READY)
_ACCEPTED = MessageState.ACCEPTED.value
_HEARD = {"id": sa.BigInteger(), "attempt": sa.Integer(), "provider": sa.Text(), "message_id": sa.Text()}
_NEWS = {
    "id": sa.BigInteger(),
    "attempt": sa.Integer(),
    "fate": sa.Text(),
    "rank": sa.Integer(),
    "at": sa.Text(),
    "said": sa.Text(),
}


class Heard(NamedTuple):
    """A provider spoke of this hand-off, and so has it."""

    id: int
    attempt: int
    provider: str
    message_id: str | None


class News(NamedTuple):
    """What became of it, when, and what the provider said, for people."""

    id: int
    attempt: int
    fate: str
    rank: int
    at: datetime
    said: str | None


def accepted(c: sa.Connection, heard: Iterable[Heard], *, at: datetime) -> set[int]:
    """Hand-offs in doubt, and those whose answer is not recorded yet, were accepted. Returns those it was news of."""
    listed = sorted(heard)
    if not listed:
        return set()
    changing, finishing = _accepting(c.dialect.name)
    said = {ROWS: rows(c.dialect.name, _HEARD, listed), "b_at": at}
    news = {row.id for row in c.execute(changing, said)}
    if news:
        finished = [one for one in listed if one.id in news]
        c.execute(finishing, {**said, ROWS: rows(c.dialect.name, _HEARD, finished)})
    return news


@cache
def _accepting(dialect: str) -> tuple[Any, Any]:
    """Messages, and their attempts. An id that another message has already is not taken twice."""
    v, at = rowset(dialect, _HEARD), sa.bindparam("b_at", type_=Utc())
    other = outbox.alias()
    same = (other.c.provider == v.c.provider, other.c.provider_message_id == v.c.message_id, other.c.id != v.c.id)
    taken = sa.select(sa.literal(1)).where(*same).correlate(v).exists()
    its_id = sa.case((taken, None), else_=v.c.message_id)
    open_ = sa.and_(still(outbox.c.state, *(state.value for state in _OPEN)), sa.not_(_missed()))
    changing = (
        sa.update(outbox)
        .where(outbox.c.id == v.c.id, outbox.c.attempt == v.c.attempt, open_)
        .values(
            state=_ACCEPTED,
            because=None,
            owner=None,
            lease_until=None,
            doubt_since=None,
            provider=sa.func.coalesce(outbox.c.provider, v.c.provider),
            provider_message_id=sa.func.coalesce(outbox.c.provider_message_id, its_id),
            updated_at=at,
        )
        .returning(outbox.c.id)
    )
    mine = (attempts.c.outbox_id == v.c.id, attempts.c.attempt == v.c.attempt)
    done = {"outcome": _ACCEPTED, "finished_at": sa.func.coalesce(attempts.c.finished_at, at)}
    return changing, sa.update(attempts).where(*mine).values(done)


def _missed() -> sa.ColumnElement[bool]:
    """This try's way has ended: its phone was out of reach. What is still told of it does not keep the next one."""
    tried = (attempts.c.outbox_id == outbox.c.id, attempts.c.attempt == outbox.c.attempt)
    told = attempts.c.error_class == Fault.UNREACHABLE.value
    return sa.select(sa.literal(1)).where(*tried, told).correlate(outbox).exists()


def note(c: sa.Connection, news: Sequence[News]) -> None:
    """Accepted messages come to these fates, one row of news for each message."""
    if news:
        written = [one._replace(at=_text(one.at)) for one in sorted(news)]  # type: ignore[arg-type]
        c.execute(_noting(c.dialect.name), {ROWS: rows(c.dialect.name, _NEWS, written)})


@cache
def _noting(dialect: str) -> Any:
    v = rowset(dialect, _NEWS)
    at: Any = sa.cast(v.c.at, Utc()) if dialect == "postgresql" else sa.type_coerce(v.c.at, Utc())
    o = outbox.c
    words = sa.and_(o.fate_at == at, sa.func.coalesce(o.last_error, "") < sa.func.coalesce(v.c.said, ""))
    later = sa.and_(o.fate_rank == v.c.rank, o.fate == v.c.fate, sa.or_(o.fate_at < at, words))
    higher = sa.or_(o.fate_rank.is_(None), o.fate_rank < v.c.rank, later)
    return (
        sa.update(outbox)
        .where(o.id == v.c.id, o.attempt == v.c.attempt, o.state == _ACCEPTED, higher)
        .values(fate=v.c.fate, fate_rank=v.c.rank, fate_at=at, last_error=v.c.said)
    )


def _text(at: datetime) -> str:
    """As SQLite keeps it, and PostgreSQL reads it in a session in UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
