"""Whose third order came, and came well? Everybody's third counts alike, whatever is in it."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import Integer, Select, String, func, literal, or_, select

from outreach.store.shop import Need, orders, plus_days

NEEDS = (Need.DELIVERED, Need.REPEATS)


def scan(night: date, *, which: int = 3, from_days: int = 40, to_days: int = 20, extra_months: int = 6) -> Select[Any]:
    """One row a customer whose `which`-th delivered order came, on time, `from_days` to `to_days` nights ago.

    Subject: the number itself, so that nobody has two third orders, also when an earlier one goes back.
    `extra_months`: what is given, in months of warranty; the shop promises it by switching the campaign on.
    """
    o = orders.c
    place = func.row_number().over(partition_by=o.customer_id, order_by=(o.complete_on, o.id))
    came = (
        select(o.customer_id, o.id, o.complete_on, o.due_on, place.label("place"))
        .where(
            o.complete_on < night,
            o.placed_on < night,
            or_(o.returned_on.is_(None), o.returned_on >= night),
        )
        .subquery("came")
    )
    c = came.c
    return select(
        c.customer_id,
        literal(f"delivered:{which}", String).label("subject_key"),
        c.complete_on.label("subject_date"),
        plus_days(c.complete_on, to_days).label("became_on"),
        c.id.label("order_id"),
        literal(extra_months, Integer).label("extra_months"),
    ).where(
        c.place == which,
        c.complete_on.between(night - timedelta(days=from_days), night - timedelta(days=to_days)),
        or_(c.due_on.is_(None), c.complete_on <= c.due_on),
    )
