"""Whom would a scan find tonight who can be reached on a channel, and what was one customer told by a night?"""

from typing import Any

import sqlalchemy as sa

from outreach.core.terms import Channel
from outreach.store.contacts import contact_points
from outreach.store.schema import outbox


def chunk(c: sa.Connection, scan: sa.Select[Any], channel: Channel, *, after: int, size: int) -> list[dict[str, Any]]:
    """The next `size` findings after a customer, in plain facts, with `contact_point_id`; older subjects first.

    Of one customer all or none, so a chunk may be a little longer. UNIQUE(customer_id, channel, ...) carries the join.
    """
    s, p = scan.subquery("s"), contact_points.c
    point = sa.select(sa.func.max(p.id)).where(p.customer_id == s.c.customer_id, p.channel == channel.value, p.current)
    found = sa.select(s, point.scalar_subquery().label("contact_point_id")).where(s.c.customer_id > after).subquery()
    reached = found.c.contact_point_id.is_not(None)
    ids = sa.select(found.c.customer_id).where(reached).order_by(found.c.customer_id).limit(size)
    last = c.execute(sa.select(sa.func.max(ids.subquery().c.customer_id))).scalar_one()
    if last is None:
        return []
    order = (found.c.customer_id, found.c.subject_date, found.c.subject_key)
    rows = c.execute(sa.select(found).where(reached, found.c.customer_id <= last).order_by(*order)).mappings()
    return [plain(row) for row in rows]


def planned_for(c: sa.Connection, run_id: int, campaign: str, customer_id: int) -> Any | None:
    """The message a night wrote to a customer for a campaign; ix_outbox_customer_id_night carries it."""
    t = outbox.c
    columns = (t.channel, t.contact_point_id, t.subject_key, t.not_before, t.facts)
    where = (t.customer_id == customer_id, t.run_id == run_id, t.campaign == campaign)
    return c.execute(sa.select(*columns).where(*where).order_by(t.id).limit(1)).one_or_none()


def plain(row: Any) -> dict[str, Any]:
    """A finding as it would be stored: days by their ISO date."""
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in row.items()}
