"""Who has had something for a month that is worth looking after in one particular way?"""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, func, or_, select

from outreach.store.shop import Need, order_lines, orders, plus_days, products

NEEDS = (Need.DELIVERED, Need.BOUGHT, Need.CARE_TIPS)


def scan(night: date, *, from_days: int = 37, to_days: int = 30) -> Select[Any]:
    """One row a customer and product with a care tip, whose order came `from_days` to `to_days` nights ago.

    Subject: the product. Who buys the same again is not told again.
    """
    o, line, p = orders.c, order_lines.c, products.c
    returned_on = func.coalesce(line.returned_on, o.returned_on)
    came_on = func.min(o.complete_on)
    return (
        select(
            o.customer_id,
            p.key.label("subject_key"),
            came_on.label("subject_date"),
            plus_days(came_on, to_days).label("became_on"),
            p.id.label("item_product_id"),
            func.min(o.placed_on).label("bought_on"),
        )
        .select_from(orders.join(order_lines, line.order_id == o.id).join(products, p.id == line.product_id))
        .where(
            o.complete_on.between(night - timedelta(days=from_days), night - timedelta(days=to_days)),
            o.placed_on < night,
            or_(returned_on.is_(None), returned_on >= night),
            p.care_text != "",
        )
        .group_by(o.customer_id, p.id, p.key)
    )
