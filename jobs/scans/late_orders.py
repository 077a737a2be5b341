"""Which orders should have arrived by now, and did not?"""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, literal, or_, select

from outreach.store.shop import Need, days_between, orders

NEEDS = (Need.PROMISED, Need.TRACKED)


def scan(night: date, *, from_days: int = 14, to_days: int = 1) -> Select[Any]:
    """One row an order promised for `from_days` to `to_days` nights ago that is not here and not called off."""
    o = orders.c
    return select(
        o.customer_id,
        o.key.label("subject_key"),
        o.due_on.label("subject_date"),
        o.id.label("order_id"),
        days_between(literal(night), o.due_on).label("days_late"),
    ).where(
        o.due_on.between(night - timedelta(days=from_days), night - timedelta(days=to_days)),
        o.placed_on < night,
        or_(o.complete_on.is_(None), o.complete_on >= night),
        or_(o.cancelled.is_(False), o.cancelled_on >= night),
        or_(o.returned_on.is_(None), o.returned_on >= night),
    )
