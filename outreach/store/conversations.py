"""Who wrote to us and waits for a person? Conversations, what was said in them, and what waits because of them."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from outreach.core.conversation import Label, Line, Matter
from outreach.core.terms import MessageState
from outreach.store import talking
from outreach.store.contacts import contact_points
from outreach.store.inbox_schema import conversations, replies
from outreach.store.schema import outbox
from outreach.store.shop import customers
from outreach.store.wishes import WAITING


def open_or_add(c: sa.Connection, about: Matter) -> int:
    """The open conversation with them, changed by what they wrote now; a new one where none is open. Its id.

    A complaint stays one. The first promise stands until we answered; then what they write starts a new clock.
    """
    if about.customer_id is not None:  # two messages of one person at once open one conversation, not two
        c.execute(sa.select(customers.c.id).where(customers.c.id == about.customer_id).with_for_update())
    t = conversations.c
    stranger = sa.and_(t.customer_id.is_(None), t.contact_hash == about.contact_hash)
    whose = stranger if about.customer_id is None else t.customer_id == about.customer_id
    query = sa.select(conversations).where(t.closed_at.is_(None), whose).order_by(t.id.desc()).limit(1)
    found = c.execute(query).one_or_none()
    if found is None:
        made = sa.insert(conversations).values(**_new(about)).returning(t.id)
        return int(c.execute(made).scalar_one())
    c.execute(sa.update(conversations).where(t.id == found.id, t.closed_at.is_(None)).values(**_changed(found, about)))
    return int(found.id)


def _new(about: Matter) -> dict[str, Any]:
    return {
        "customer_id": about.customer_id,
        "contact_hash": about.contact_hash,
        "channel": about.channel.value,
        "label": about.label.value,
        "answer": about.answer,
        "unsure": about.unsure,
        "outbox_id": about.outbox_id,
        "opened_at": about.at,
        "answer_by": about.answer_by,
    }


def _changed(found: Any, about: Matter) -> dict[str, Any]:
    """Where they wrote last is where we answer."""
    restarts = found.answered_at is not None or found.answer_by is None
    return {
        "contact_hash": about.contact_hash,
        "channel": about.channel.value,
        "label": max(found.label, about.label.value, key=[Label.REPLY, Label.COMPLAINT].index),
        "answer": about.answer or found.answer,
        "unsure": found.unsure or about.unsure,
        "outbox_id": about.outbox_id or found.outbox_id,
        "answered_at": None,
        "answer_by": about.answer_by if restarts else found.answer_by,
    }


def say(c: sa.Connection, conversation_id: int, line: Line) -> int:
    """Keep one thing that was said; its id."""
    values = {
        "conversation_id": conversation_id,
        "inbox_id": line.inbox_id,
        "outbox_id": line.outbox_id,
        "theirs": line.theirs,
        "channel": line.channel.value,
        "at": line.at,
        "subject": line.subject,
        "words": line.words,
        "message_id": line.message_id,
        "labels": [mark.value for mark in line.marks],
        "author": line.author,
    }
    return int(c.execute(sa.insert(replies).values(**values).returning(replies.c.id)).scalar_one())


def silence(c: sa.Connection, customer_id: int | None, contact_hash: str, *, at: datetime) -> int:
    """What waits for them of any campaign is cancelled, for a person is dealing with it. Returns how many.

    Of whoever else has the address, too: nobody can tell which of them wrote.
    """
    o = outbox.c
    theirs = o.contact_hash == contact_hash
    whose = theirs if customer_id is None else sa.or_(theirs, o.customer_id == customer_id)
    gone = {"state": MessageState.CANCELLED.value, "because": talking.BECAUSE, "updated_at": at}
    where = (o.state.in_(WAITING), o.kind.not_in(talking.STILL), whose)
    return c.execute(sa.update(outbox).where(*where).values(gone)).rowcount


def one(c: sa.Connection, conversation_id: int) -> Any:
    """A conversation with its customer's key and name, or None."""
    return c.execute(_with_customer().where(conversations.c.id == conversation_id)).one_or_none()


def open_now(c: sa.Connection, *, limit: int) -> list[Any]:
    """Open conversations, the one that waits longest first."""
    t = conversations.c
    query = _with_customer().where(t.closed_at.is_(None)).order_by(t.answered_at.is_not(None), t.opened_at, t.id)
    return list(c.execute(query.limit(limit)))


def before(c: sa.Connection, row: Any, *, limit: int = 5) -> list[Any]:
    """Earlier, closed conversations with the same customer or stranger, newest first."""
    t = conversations.c
    whose = t.contact_hash == row.contact_hash if row.customer_id is None else t.customer_id == row.customer_id
    query = sa.select(conversations).where(whose, t.id < row.id, t.closed_at.is_not(None))
    return list(c.execute(query.order_by(t.id.desc()).limit(limit)))


def lines(c: sa.Connection, conversation_id: int) -> list[Any]:
    """What was said in it, oldest first."""
    r = replies.c
    return list(c.execute(sa.select(replies).where(r.conversation_id == conversation_id).order_by(r.id)))


def point(c: sa.Connection, row: Any) -> Any:
    """The address they wrote from, as their record has it now; None when it does not."""
    p = contact_points.c
    where = (p.customer_id == row.customer_id, p.channel == row.channel, p.address_hash == row.contact_hash)
    query = sa.select(contact_points).where(*where, p.current, p.erased_at.is_(None))
    return c.execute(query.order_by(p.id).limit(1)).one_or_none()


def take(c: sa.Connection, conversation_id: int, who: str) -> bool:
    """Somebody of us deals with it. False when it is closed."""
    return _set(c, conversation_id, {"taken_by": who})


def answered(c: sa.Connection, conversation_id: int, *, at: datetime) -> bool:
    """We answered: the clock stops. An answer given before stays the first."""
    return _set(c, conversation_id, {"answered_at": sa.func.coalesce(conversations.c.answered_at, at)})


def close(c: sa.Connection, conversation_id: int, said: tuple[str, str, str], *, at: datetime) -> bool:
    """It is done: `said` is who closes it, what we did and what we change. False when it was closed already."""
    who, did, change = said
    return _set(c, conversation_id, {"closed_at": at, "closed_by": who, "did": did, "change": change})


def _set(c: sa.Connection, conversation_id: int, values: dict[str, Any]) -> bool:
    t = conversations.c
    where = (t.id == conversation_id, t.closed_at.is_(None))
    return bool(c.execute(sa.update(conversations).where(*where).values(values)).rowcount)


def _with_customer() -> sa.Select[Any]:
    """Each with its customer, the address it came from (NULL: erased, or a stranger's) and their newest words."""
    t, p, r = conversations.c, contact_points.c, replies.c
    who = (customers.c.key.label("customer"), customers.c.first_name, customers.c.last_name)
    where = (p.customer_id == t.customer_id, p.channel == t.channel, p.address_hash == t.contact_hash)
    address = sa.select(p.address).where(*where).limit(1).scalar_subquery().label("address")
    said = sa.select(r.words).where(r.conversation_id == t.id, r.theirs).order_by(r.id.desc()).limit(1)
    joined = conversations.outerjoin(customers, customers.c.id == t.customer_id)
    return sa.select(conversations, *who, address, said.scalar_subquery().label("words")).select_from(joined)
