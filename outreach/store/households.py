"""Who shares an address with whom? A household is everyone reachable by shared addresses of any channel.

`customer.household_id` is the smallest customer id among them.
"""

import sqlalchemy as sa

from outreach.store.contacts import contact_points
from outreach.store.shop import customers


def join_households(connection: sa.Connection) -> int:
    """Lower household ids until nobody shares an address across two households. Returns the rows changed.

    One statement a round (UPDATE ... FROM: sqlite3 counts no rows of a statement that begins with WITH): everyone
    of a household takes the lowest household that any of its addresses leads to, and follows that household's own,
    so the rounds grow with the logarithm of the longest chain, not with its length. Households only ever grow: a
    contact point is kept when it stops being current. One pass over ix_contact_point_address_hash when there is
    nothing to do.
    """
    changed = 0
    while True:
        rows = connection.execute(_one_round()).rowcount
        if not rows:
            return changed
        changed += rows


def _one_round() -> sa.Update:
    shared = _shared()
    point, member = contact_points.alias("p"), customers.alias("m")
    lowest = (
        sa.select(member.c.household_id.label("household"), sa.func.min(shared.c.lowest).label("lowest"))
        .join_from(shared, point, point.c.address_hash == shared.c.address_hash)
        .join(member, member.c.id == point.c.customer_id)
        .group_by(member.c.household_id)
        .having(sa.func.min(shared.c.lowest) < member.c.household_id)
        .subquery("lowest")
    )
    return (
        sa.update(customers).where(customers.c.household_id == lowest.c.household).values(household_id=lowest.c.lowest)
    )


def _shared() -> sa.Subquery:
    """Addresses that lead to more than one household, with the lowest each leads to (or that one's own lowest)."""
    point, owner, root = contact_points.alias("sp"), customers.alias("so"), customers.alias("sr")
    return (
        sa.select(point.c.address_hash, sa.func.min(root.c.household_id).label("lowest"))
        .join_from(point, owner, owner.c.id == point.c.customer_id)
        .join(root, root.c.id == owner.c.household_id)
        .group_by(point.c.address_hash)
        .having(sa.func.min(owner.c.household_id) != sa.func.max(owner.c.household_id))
        .subquery("shared")
    )
