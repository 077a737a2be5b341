"""Who opened this link, what stands under their addresses, and in which language did we last write to them?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from outreach.core.consent import Yes, last_words
from outreach.core.person import Wish
from outreach.core.terms import Channel, LegalClass, Scope
from outreach.store.contacts import consent_events, contact_points, suppressions
from outreach.store.inbox_schema import conversations
from outreach.store.schema import outbox
from outreach.store.shop import customers, orders


@dataclass(frozen=True, slots=True)
class Point:
    """One address of theirs. `address` None: erased. `current`: the shop's record still names it."""

    id: int
    channel: Channel
    address: str | None
    address_hash: str
    current: bool


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whoever holds the link: the customer it was written to, the address it went to, all they have or had."""

    customer_id: int
    came_by: Point
    points: tuple[Point, ...]
    language: str | None

    @property
    def addresses(self) -> list[tuple[Channel, str]]:
        """Every address a wish of theirs covers."""
        return list(dict.fromkeys((point.channel, point.address_hash) for point in self.points))

    @property
    def reached_at(self) -> tuple[Point, ...]:
        """Where we could write to them today."""
        return tuple(point for point in self.points if point.current and point.address is not None)


def visitor(c: sa.Connection, contact_point_id: int) -> Visitor | None:
    """By the primary key of contact_point, then UNIQUE(customer_id, ...); None: no such address, ever."""
    p = contact_points.c
    asked = contact_points.alias()
    whose = sa.select(asked.c.customer_id).where(asked.c.id == contact_point_id).scalar_subquery()
    rows = c.execute(sa.select(contact_points).where(p.customer_id == whose).order_by(p.id)).all()
    points = tuple(_point(row) for row in rows)
    came_by = next((point for point in points if point.id == contact_point_id), None)
    if came_by is None:
        return None
    return Visitor(rows[0].customer_id, came_by, points, _language(c, came_by))


def _point(row: Any) -> Point:
    current = bool(row.current) and row.erased_at is None
    return Point(row.id, Channel(row.channel), row.address, row.address_hash, current)


def _language(c: sa.Connection, point: Point) -> str | None:
    """Of the newest message to this address; index (contact_hash, night)."""
    o = outbox.c
    where = (o.contact_hash == point.address_hash, o.contact_point_id == point.id, o.language.is_not(None))
    return c.execute(sa.select(o.language).where(*where).order_by(o.night.desc(), o.id.desc()).limit(1)).scalar()


def wishes(c: sa.Connection, hashes: Sequence[str]) -> list[Wish]:
    """What stands under these addresses; primary key of suppression."""
    rows = c.execute(sa.select(suppressions).where(suppressions.c.contact_hash.in_(hashes)))
    return [Wish(r.contact_hash, Channel(r.channel), Scope(r.scope), r.reason, r.since, r.until) for r in rows]


def grants(c: sa.Connection, hashes: Sequence[str], *, by: datetime) -> frozenset[Yes]:
    """Each yes that stands at a moment; index on contact_hash."""
    e = consent_events.c
    granted = e.action == "grant"
    query = sa.select(e.contact_hash, e.level, granted).where(e.contact_hash.in_(hashes), e.at <= by)
    rows = c.execute(query.order_by(e.at, granted.desc())).all()
    return last_words((address, LegalClass(level), yes) for address, level, yes in rows)


def living_at(c: sa.Connection, address_hash: str) -> list[int]:
    """Contact points with this address, still in the record, of people who bought or wrote; newest first."""
    p = contact_points.c
    bought = sa.exists().where(orders.c.customer_id == p.customer_id)
    wrote = sa.exists().where(conversations.c.customer_id == p.customer_id)
    in_use = (p.address_hash == address_hash, p.current, p.erased_at.is_(None), p.address.is_not(None))
    query = sa.select(p.id).join(customers, customers.c.id == p.customer_id).where(*in_use, sa.or_(bought, wrote))
    return list(c.execute(query.order_by(p.id.desc())).scalars())
