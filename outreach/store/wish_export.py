"""Which addresses that we still hold stand under a wish? For the shop's other senders, whom a hash tells nothing."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from outreach.core.terms import Channel, Scope
from outreach.store.contacts import contact_points, suppressions

#: The most telling first, where several wishes stand for one address.
_ORDER = [Scope.EVERYTHING, Scope.EMAIL, Scope.TEXT, Scope.OFFERS, Scope.ADDRESS]


def closed(c: sa.Connection, channels: Sequence[Channel], *, today: date) -> Iterator[Any]:
    """(channel, address, scope, reason, door, since, until), one row an address, by address.

    As the gates ask: a wish stands for every address its customer ever had, a bounce for its own alone. UNIQUE
    (customer_id, ...) of contact_point and the primary key of suppression carry it; rows are read as they are needed.
    """
    p, other, s = contact_points.c, contact_points.alias(), suppressions.c
    covers = sa.or_(
        s.scope.in_([Scope.EVERYTHING.value, Scope.OFFERS.value]),
        s.scope == p.channel,
        sa.and_(s.scope == Scope.ADDRESS.value, other.c.id == p.id),
    )
    ranks = sa.case({scope.value: rank for rank, scope in enumerate(_ORDER)}, value=s.scope)
    joined = contact_points.join(other, other.c.customer_id == p.customer_id)
    joined = joined.join(suppressions, s.contact_hash == other.c.address_hash)
    columns = (p.channel, p.address, s.scope, s.reason, s.door, s.since, s.until)
    held = (p.address.is_not(None), p.erased_at.is_(None), p.channel.in_([each.value for each in channels]))
    stands = sa.or_(s.until.is_(None), s.until > today)
    query = sa.select(*columns).select_from(joined).where(*held, stands, covers)
    last = None
    for row in c.execute(query.order_by(p.channel, p.address, s.until.is_not(None), ranks, s.since)):
        if (row.channel, row.address) != last:
            last = (row.channel, row.address)
            yield row


def bare(c: sa.Connection) -> int:
    """Address hashes under a wish whose address we do not hold: erased, or told us before anybody had it."""
    held = sa.select(contact_points.c.address_hash).where(
        contact_points.c.address.is_not(None), contact_points.c.erased_at.is_(None)
    )
    distinct = sa.select(sa.func.count(sa.distinct(suppressions.c.contact_hash)))
    return c.execute(distinct.where(suppressions.c.contact_hash.not_in(held))).scalar_one()
