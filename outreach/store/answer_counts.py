"""How many wrote, who waits, and did we answer when we had promised? What reports say of answers."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from outreach.core.conversation import Mark
from outreach.store import inbox
from outreach.store.inbox_schema import conversations, delivery_answers, replies

#: How long what could not be understood is shown.
IN_SIGHT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Needed:
    """What needs a person: conversations nobody answered yet, since when the oldest waits, and of what kind.

    `set_aside`: what came in during the last week and could not be understood.
    """

    unanswered: int
    oldest: datetime | None
    damaged: int
    overdue: int
    set_aside: int = 0


def needed(c: sa.Connection, at: datetime, bad: tuple[str, ...]) -> Needed:
    """As of a moment; `bad`: the answers that say something is wrong with what came. One look at what is open."""
    t = conversations.c
    count = sa.func.count
    query = sa.select(
        count(),
        sa.func.min(t.opened_at),
        count(sa.case((t.answer.in_(bad), 1))),
        count(sa.case((t.answer_by < at, 1))),
    ).where(t.closed_at.is_(None), t.answered_at.is_(None))
    waiting, oldest, damaged, overdue = c.execute(query).one()
    return Needed(waiting, oldest, damaged, overdue, inbox.puzzling(c, at - IN_SIGHT))


def answered_since(c: sa.Connection, since: datetime) -> dict[str, int]:
    """{what they said of a delivery: how often} since a moment; index on `at`."""
    a = delivery_answers.c
    rows = c.execute(sa.select(a.answer, sa.func.count()).where(a.at > since).group_by(a.answer))
    return {row[0]: row[1] for row in rows}


def letters_since(c: sa.Connection, since: datetime) -> int:
    """How many messages came in that a person had to read."""
    r = replies.c
    return c.execute(sa.select(sa.func.count()).select_from(replies).where(r.theirs, r.at > since)).scalar_one()


def kept_answers(c: sa.Connection, at: datetime, *, days: int = 30) -> tuple[int, int]:
    """(answered when promised, answers that were promised) of what fell due in so many days.

    An answer says itself whether it came in time. What was closed without one was answered when it was closed, and
    what is open past its hour was not.
    """
    since = at - timedelta(days=days)
    written, in_time = _written(c, since, at)
    t = conversations.c
    kept = sa.func.count(sa.case((t.closed_at <= t.answer_by, 1)))
    by_now = sa.or_(t.closed_at.between(since, at), sa.and_(t.closed_at.is_(None), t.answer_by.between(since, at)))
    row = c.execute(
        sa.select(kept, sa.func.count()).where(t.answered_at.is_(None), t.answer_by.is_not(None), by_now)
    ).one()
    return in_time + int(row[0]), written + int(row[1])


def _written(c: sa.Connection, since: datetime, at: datetime) -> tuple[int, int]:
    """(answers we wrote that had been promised, those in time)."""
    r = replies.c
    marks = sa.cast(r.labels, sa.Text)
    in_time = marks.contains(f'"{Mark.IN_TIME}"', autoescape=True)
    late = marks.contains(f'"{Mark.TOO_LATE}"', autoescape=True)
    where = (r.theirs.is_(False), r.at.between(since, at), sa.or_(in_time, late))
    row = c.execute(sa.select(sa.func.count(), sa.func.count(sa.case((in_time, 1)))).where(*where)).one()
    return int(row[0]), int(row[1])
