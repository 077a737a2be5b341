"""What that people wrote has yet to go on to the shop's own mailbox? Once or, after a crash, twice; never not.

A try is claimed by moving `not_before` on, under the number of the try: two workers never send the same at once, and
what a dead one held is due again by itself.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from outreach.core.terms import Channel
from outreach.store.contacts import contact_points
from outreach.store.engine import insert_new
from outreach.store.inbox_schema import conversations, forwards, inbox_events, replies
from outreach.store.shop import customers

#: Word for word the condition of ix_forward_waiting.
_WAITING = sa.text("forward.state = 'waiting'")


class Forward(StrEnum):
    """Where one stands."""

    WAITING = "waiting"
    SENT = "sent"
    REFUSED = "refused"  # for good; the conversation is open all the same


@dataclass(frozen=True, slots=True)
class Ours:
    """One that we hold: its id, and the number of this try."""

    id: int
    tries: int


def wait(c: sa.Connection, inbox_id: int, conversation_id: int | None, at: datetime) -> None:
    """It has to go on, from now on. Asked twice, it goes once."""
    row = {"inbox_id": inbox_id, "conversation_id": conversation_id, "state": Forward.WAITING.value, "not_before": at}
    c.execute(insert_new(c, forwards).values(row))


def due(c: sa.Connection, at: datetime) -> Ours | None:
    """The one that waits for nobody and has waited longest; index ix_forward_waiting."""
    f = forwards.c
    query = sa.select(f.id, f.tries).where(_WAITING, f.not_before <= at).order_by(f.not_before, f.id).limit(1)
    row = c.execute(query).one_or_none()
    return None if row is None else Ours(row.id, row.tries)


def claim(c: sa.Connection, seen: Ours, *, at: datetime, until: datetime) -> Ours | None:
    """It is ours until then, with one try more; None: somebody else took it meanwhile."""
    f = forwards.c
    mine = (f.id == seen.id, f.tries == seen.tries, f.state == Forward.WAITING.value, f.not_before <= at)
    taken = sa.update(forwards).where(*mine).values(tries=seen.tries + 1, not_before=until)
    return Ours(seen.id, seen.tries + 1) if c.execute(taken).rowcount else None


def settle(c: sa.Connection, ours: Ours, state: Forward, *, at: datetime, said: str | None = None) -> bool:
    """What became of a try we hold. `at`: when it was sent, or when it waits until. `said`: why not, in a few words."""
    f = forwards.c
    mine = (f.id == ours.id, f.tries == ours.tries, f.state == Forward.WAITING.value)
    when = {"not_before": at} if state is Forward.WAITING else {"sent_at": at} if state is Forward.SENT else {}
    values = {"state": state.value, "last_error": said, **when}
    return bool(c.execute(sa.update(forwards).where(*mine).values(values)).rowcount)


def read(c: sa.Connection, forward_id: int) -> Any:
    """What came in, what was understood of it, and whose conversation it is in; primary keys all the way.

    `raw` as it is kept; `words` without what they quote, None where no conversation was opened.
    """
    f, i, t, r, k = forwards, inbox_events, conversations, replies, customers
    said = sa.and_(r.c.conversation_id == f.c.conversation_id, r.c.inbox_id == f.c.inbox_id, r.c.theirs)
    joined = (
        f.join(i, i.c.id == f.c.inbox_id)
        .outerjoin(t, t.c.id == f.c.conversation_id)
        .outerjoin(r, said)
        .outerjoin(k, k.c.id == t.c.customer_id)
    )
    columns = (
        f.c.id,
        f.c.conversation_id,
        i.c.raw,
        i.c.contact_hash,
        i.c.received_at,
        t.c.answer,
        t.c.unsure,
        t.c.label,
        t.c.answer_by,
        r.c.words,
        r.c.subject,
        k.c.key,
        k.c.first_name,
        k.c.last_name,
    )
    return c.execute(sa.select(*columns).select_from(joined).where(f.c.id == forward_id).limit(1)).one()


def address_of(c: sa.Connection, contact_hash: str | None) -> tuple[Channel, str] | None:
    """The address behind a hash while somebody's record holds it; ix_contact_point_address_hash."""
    p = contact_points.c
    query = sa.select(p.channel, p.address).where(p.address_hash == contact_hash, p.address.is_not(None)).limit(1)
    row = c.execute(query).first()
    return None if row is None else (Channel(row.channel), row.address)
