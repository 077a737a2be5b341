"""Whose purchase was made on this day, some years ago?

What was bought on 29 February has its day on 28 February where the year has no 29th.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, String, Subquery, case, cast, func, or_, select

from outreach.store.shop import Need, order_lines, orders

NEEDS = (Need.DELIVERED, Need.BOUGHT)


def scan(night: date, *, from_days: int = 6, up_to_years: int = 10) -> Select[Any]:
    """One row an order whose anniversary was within the last `from_days` nights, or is tonight. Subject: order, years.

    `item` is the first thing of the order that is in the catalogue and was kept.
    """
    window = [night - timedelta(days=n) for n in range(from_days + 1)]
    bought = {day: (years, on) for on in window for day, years in _bought_on(on, up_to_years)}
    o, line, first = orders.c, order_lines.c, _first_kept(night, list(bought))
    years = case({day: years for day, (years, _) in bought.items()}, value=o.placed_on)
    on = case({day: on for day, (_, on) in bought.items()}, value=o.placed_on)
    return (
        select(
            o.customer_id,
            (o.key + ":" + cast(years, String)).label("subject_key"),
            on.label("subject_date"),
            on.label("became_on"),
            line.product_id.label("item_product_id"),
            o.placed_on.label("bought_on"),
            years.label("years"),
        )
        .select_from(orders.join(first, first.c.order_id == o.id).join(order_lines, line.id == first.c.line_id))
        .where(o.placed_on.in_(list(bought)))
    )


def _bought_on(anniversary: date, up_to_years: int) -> Iterator[tuple[date, int]]:
    """The purchase days that have their anniversary on this day, and how many years ago they were."""
    month, day = anniversary.month, anniversary.day
    for years in range(1, up_to_years + 1):
        year = anniversary.year - years
        if (month, day) != (2, 29) or _leap(year):
            yield date(year, month, day), years
        if (month, day) == (2, 28) and _leap(year) and not _leap(anniversary.year):
            yield date(year, 2, 29), years


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _first_kept(night: date, days: list[date]) -> Subquery:
    """Per delivered order of these days: its first line that the catalogue knows and that did not come back."""
    o, line = orders.c, order_lines.c
    returned_on = func.coalesce(line.returned_on, o.returned_on)
    return (
        select(line.order_id, func.min(line.id).label("line_id"))
        .select_from(orders.join(order_lines, line.order_id == o.id))
        .where(
            o.placed_on.in_(days),
            o.complete_on < night,
            line.product_id.is_not(None),
            or_(returned_on.is_(None), returned_on >= night),
        )
        .group_by(line.order_id)
        .subquery("first_kept")
    )
