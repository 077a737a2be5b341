"""Which orders arrived after the day we first promised?"""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, or_, select

from outreach.store.shop import Need, days_between, orders

NEEDS = (Need.DELIVERED, Need.PROMISED)


def scan(night: date, *, from_days: int = 10, to_days: int = 1) -> Select[Any]:
    """One row an order whose last line came after its promised day, `from_days` to `to_days` nights ago."""
    o = orders.c
    return select(
        o.customer_id,
        o.key.label("subject_key"),
        o.complete_on.label("subject_date"),
        o.id.label("order_id"),
        days_between(o.complete_on, o.due_on).label("days_late"),
    ).where(
        o.complete_on.between(night - timedelta(days=from_days), night - timedelta(days=to_days)),
        o.placed_on < night,
        o.complete_on > o.due_on,
        or_(o.returned_on.is_(None), o.returned_on >= night),
    )
