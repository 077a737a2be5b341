"""Who owns a model that has a newer one in stock, and has had it long enough?

Owned: the newest generation of a line they bought and kept. Offered: the newest generation in stock. A model
without a price, without what changed or without "keep yours if" is not offered, and no older one in its place.
"""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, Subquery, and_, case, cast, func, or_, select
from sqlalchemy import String as Text

from outreach.store.shop import Need, order_lines, orders, plus_days, products

NEEDS = (Need.SUCCESSORS,)


def scan(night: date, *, min_age: int = 180) -> Select[Any]:
    """One row a customer and line; `min_age` days since the owned model was bought. Subject: the offered model."""
    owned, offered, p = _owned(night), _offered(night), products.c
    out_since, old_since = plus_days(p.released_on, 1), plus_days(owned.c.bought_on, min_age)
    became_on = case((out_since > old_since, out_since), else_=old_since)
    return (
        select(
            owned.c.customer_id,
            p.key.label("subject_key"),
            became_on.label("subject_date"),
            became_on.label("became_on"),
            owned.c.product_id.label("owned_product_id"),
            p.id.label("newer_product_id"),
            owned.c.bought_on,
        )
        .select_from(owned)
        .join(offered, and_(offered.c.line == owned.c.line, offered.c.generation > owned.c.generation))
        .join(products, p.id == offered.c.product_id)
        .where(
            owned.c.bought_on <= night - timedelta(days=min_age),
            p.price_minor.is_not(None),
            p.keep_if != "",
            func.coalesce(cast(p.what_changed, Text), "[]").not_in(["[]", "null"]),
        )
    )


def _kept(night: date) -> Subquery:
    """Every model somebody bought, and neither returned nor called off, before the night."""
    o, line = orders.c, order_lines.c
    returned_on = func.coalesce(line.returned_on, o.returned_on)
    return (
        select(o.customer_id, o.placed_on, products.c.line, products.c.generation, products.c.id.label("product_id"))
        .select_from(orders.join(order_lines, line.order_id == o.id).join(products, products.c.id == line.product_id))
        .where(
            o.placed_on < night,
            or_(o.cancelled.is_(False), o.cancelled_on >= night),
            or_(returned_on.is_(None), returned_on >= night),
            products.c.line.in_(select(products.c.line).where(products.c.generation > 1)),
        )
        .subquery("kept")
    )


def _owned(night: date) -> Subquery:
    """Per customer and line: the newest generation kept, and when it was last bought."""
    kept = _kept(night)
    newest = (
        select(kept.c.customer_id, kept.c.line, func.max(kept.c.generation).label("generation"))
        .group_by(kept.c.customer_id, kept.c.line)
        .subquery("newest")
    )
    same = and_(
        kept.c.customer_id == newest.c.customer_id,
        kept.c.line == newest.c.line,
        kept.c.generation == newest.c.generation,
    )
    return (
        select(
            newest.c.customer_id,
            newest.c.line,
            newest.c.generation,
            func.max(kept.c.product_id).label("product_id"),
            func.max(kept.c.placed_on).label("bought_on"),
        )
        .select_from(newest.join(kept, same))
        .group_by(newest.c.customer_id, newest.c.line, newest.c.generation)
        .subquery("owned")
    )


def _offered(night: date) -> Subquery:
    """Per line: the newest generation that is out and in stock."""
    p = products.c
    newest = (
        select(p.line, func.max(p.generation).label("generation"))
        .where(p.in_stock.is_(True), p.released_on < night)
        .group_by(p.line)
        .subquery("newest_in_stock")
    )
    same = and_(p.line == newest.c.line, p.generation == newest.c.generation, p.in_stock.is_(True))
    return (
        select(newest.c.line, newest.c.generation, func.min(p.id).label("product_id"))
        .select_from(newest.join(products, same))
        .where(p.released_on < night)
        .group_by(newest.c.line, newest.c.generation)
        .subquery("offered")
    )
