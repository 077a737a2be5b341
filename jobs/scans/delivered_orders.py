"""Which orders arrived in full, when promised, some days ago?"""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, or_, select

from outreach.store.shop import Need, orders

NEEDS = (Need.DELIVERED,)


def scan(night: date, *, from_days: int = 10, to_days: int = 3) -> Select[Any]:
    """One row an order whose last line came `from_days` to `to_days` nights ago, on or before the promised day."""
    o = orders.c
    return select(
        o.customer_id,
        o.key.label("subject_key"),
        o.complete_on.label("subject_date"),
        o.id.label("order_id"),
    ).where(
        o.complete_on.between(night - timedelta(days=from_days), night - timedelta(days=to_days)),
        o.placed_on < night,
        or_(o.due_on.is_(None), o.complete_on <= o.due_on),
        or_(o.returned_on.is_(None), o.returned_on >= night),
    )
