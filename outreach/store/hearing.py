"""What must be known of somebody who wrote, to understand it? When it came, who has the address, what we had said."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from outreach.core.reference import parse
from outreach.core.terms import Channel, MessageState, Mode
from outreach.store.contacts import contact_points
from outreach.store.epochs import knows
from outreach.store.inbox_schema import inbox_events
from outreach.store.schema import outbox

#: A message in one of these was, or may have been, read by whoever answers it.
_LEFT = tuple(
    state.value for state in (MessageState.HANDED, MessageState.ACCEPTED, MessageState.IN_DOUBT, MessageState.UNKNOWN)
)
#: So many messages to one address are looked through for the one that is answered.
_MOST = 50


class Sent(NamedTuple):
    """A message of ours that somebody may be answering."""

    id: int
    campaign: str
    kind: str
    subject_key: str
    customer_id: int
    contact_point_id: int
    contact_hash: str
    created_at: datetime


def received_at(c: sa.Connection, inbox_id: int) -> datetime:
    """When it came in, by the database's clock."""
    found = c.execute(sa.select(inbox_events.c.received_at).where(inbox_events.c.id == inbox_id)).scalar_one()
    assert isinstance(found, datetime)
    return found


def people_at(c: sa.Connection, channel: Channel, address_hash: str) -> list[int]:
    """Customers who have, or had, this address; whoever has it now first. Index on address_hash."""
    p = contact_points.c
    now_theirs = sa.func.max(sa.case((sa.and_(p.current, p.erased_at.is_(None)), 1), else_=0))
    where = (p.address_hash == address_hash, p.channel == channel.value)
    query = sa.select(p.customer_id).where(*where).group_by(p.customer_id)
    return list(c.execute(query.order_by(now_theirs.desc(), p.customer_id)).scalars())


def sent_to(c: sa.Connection, contact_hash: str, mode: Mode) -> list[Sent]:
    """What reached this address, newest first; index (contact_hash, night)."""
    o = outbox.c
    where = (o.contact_hash == contact_hash, o.mode == mode.value, o.state.in_(_LEFT))
    query = sa.select(*(o[name] for name in Sent._fields)).where(*where)
    return [Sent(*row) for row in c.execute(query.order_by(o.night.desc(), o.id.desc()).limit(_MOST))]


def named_in(c: sa.Connection, message_ids: Collection[str], contact_hashes: Collection[str]) -> Sent | None:
    """The newest message of ours these Message-IDs name, if it went to one of these addresses.

    Our Message-ID is our reference below a domain; a forged one names a message that went to somebody else.
    """
    references = [found for name in message_ids if (found := parse(name.strip("<>").partition("@")[0])) is not None]
    ids = [found.message for found in references if knows(c, found)]
    o = outbox.c
    where = (o.id.in_(ids), o.contact_hash.in_(list(contact_hashes)), o.state.in_(_LEFT))
    query = sa.select(*(o[name] for name in Sent._fields)).where(*where).order_by(o.id.desc()).limit(1)
    row = c.execute(query).one_or_none() if ids else None
    return None if row is None else Sent(*row)


def point_of(c: sa.Connection, customer_id: int, channel: Channel, address_hash: str) -> int | None:
    """Their contact point with this address; UNIQUE(customer_id, channel, address_hash)."""
    p = contact_points.c
    where = (p.customer_id == customer_id, p.channel == channel.value, p.address_hash == address_hash)
    found: int | None = c.execute(sa.select(p.id).where(*where)).scalar_one_or_none()
    return found
