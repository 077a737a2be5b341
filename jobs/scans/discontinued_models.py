"""Who owns a model that is made no longer, and is still looked after?"""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, String, and_, func, literal, or_, select

from outreach.store.shop import Need, order_lines, orders, products

NEEDS = (Need.BOUGHT, Need.SUPPORT)


def scan(night: date, *, from_days: int = 30, to_days: int = 1, repair_link: str = "") -> Select[Any]:
    """One row a customer and model discontinued `from_days` to `to_days` nights ago and supported beyond tonight.

    Subject: the model. `repair_link`: the page that says how a repair is asked for; none: by reply.
    """
    o, line, p = orders.c, order_lines.c, products.c
    returned_on = func.coalesce(line.returned_on, o.returned_on)
    kept = and_(
        o.placed_on < night,
        or_(o.cancelled.is_(False), o.cancelled_on >= night),
        or_(returned_on.is_(None), returned_on >= night),
    )
    return (
        select(
            o.customer_id,
            p.key.label("subject_key"),
            p.discontinued_on.label("subject_date"),
            p.discontinued_on.label("became_on"),
            p.id.label("owned_product_id"),
            func.max(o.placed_on).label("bought_on"),
            p.supported_until.label("parts_until"),
            literal(repair_link or None, String).label("repair_link"),
        )
        .select_from(orders.join(order_lines, line.order_id == o.id).join(products, p.id == line.product_id))
        .where(
            p.discontinued_on.between(night - timedelta(days=from_days), night - timedelta(days=to_days)),
            p.supported_until > night,
            kept,
        )
        .group_by(o.customer_id, p.id, p.key, p.discontinued_on, p.supported_until)
    )
