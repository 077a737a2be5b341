"""Who has been silent for longer than their own buying rhythm allows?

Over distinct order days: typical = (n x own median gap + 2 x shop median gap) / (n + 2), where n counts the
customer's own gaps. Quiet when the silence exceeds max(least_days, factor x typical). A shop with fewer than
`few_gaps` gaps in all has no rhythm to lend: there only people with two or more gaps of their own are looked at.
First try when they become quiet; a second when one more `typical` has passed; no third.
"""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, String, Subquery, and_, case, cast, func, literal, or_, select

from outreach.store.shop import Need, days_between, orders, plus_days, whole

NEEDS = (Need.REPEATS,)


def scan(
    night: date, *, factor: float = 2, least_days: int = 30, give_up_days: int = 30, few_gaps: int = 30
) -> Select[Any]:
    """One row a quiet customer. Subject: their last order and the try. Days are the shop's."""
    rhythm = _rhythm(night, few_gaps)
    r = rhythm.c
    typical = (r.own_gaps * func.coalesce(r.own_median, 0.0) + 2.0 * r.shop_median) / (r.own_gaps + 2.0)
    limit = case((factor * typical > least_days, factor * typical), else_=float(least_days))
    silence = days_between(literal(night), r.last_on)
    second = silence > limit + typical
    became_on = plus_days(r.last_on, whole(case((second, limit + typical), else_=limit)) + 1)
    first_key = r.last_key + ":1"
    return select(
        r.customer_id,
        case((second, r.last_key + ":2"), else_=first_key).label("subject_key"),
        became_on.label("subject_date"),
        became_on.label("became_on"),
        plus_days(became_on, give_up_days).label("useful_until"),
        case((second, first_key), else_=None).label("follows"),
        case((second, 2), else_=1).label("attempt"),
        case((second, "last"), else_=None).label("variant"),
        r.last_id.label("last_order_id"),
        silence.label("days_quiet"),
        whole(silence / 30.44 + 0.5).label("months_quiet"),
        whole(typical + 0.5).label("usual_days"),
        r.own_gaps,
        r.own_median,
        r.shop_median,
        whole(limit).label("allowed_days"),
    ).where(silence > limit)


def _order_days(night: date) -> Subquery:
    """One row a customer and day on which they ordered (and did not call it off)."""
    o = orders.c
    return (
        select(o.customer_id, o.placed_on, func.max(o.id).label("order_id"))
        .where(o.placed_on < night, or_(o.cancelled.is_(False), o.cancelled_on >= night))
        .group_by(o.customer_id, o.placed_on)
        .subquery("order_day")
    )


def _rhythm(night: date, few_gaps: int) -> Subquery:
    """Per customer: last order, own gaps and their median, beside the shop's median gap."""
    days = _order_days(night)
    before = func.lag(days.c.placed_on).over(partition_by=days.c.customer_id, order_by=days.c.placed_on)
    gap = select(days.c.customer_id, days_between(days.c.placed_on, before).label("days")).subquery("gap")
    gaps = select(gap.c.customer_id, gap.c.days).where(gap.c.days.is_not(None)).cte("gaps")
    own = _median(gaps, gaps.c.customer_id)
    shop = _median(gaps, None)
    last = (
        select(days.c.customer_id, func.max(days.c.placed_on).label("last_on"))
        .group_by(days.c.customer_id)
        .subquery("last_day")
    )
    own_gaps = func.coalesce(own.c.gaps, 0)
    same_day = and_(days.c.customer_id == last.c.customer_id, days.c.placed_on == last.c.last_on)
    return (
        select(
            last.c.customer_id,
            last.c.last_on,
            days.c.order_id.label("last_id"),
            cast(orders.c.key, String).label("last_key"),
            own_gaps.label("own_gaps"),
            own.c.median.label("own_median"),
            shop.c.median.label("shop_median"),
        )
        .select_from(
            last.join(days, same_day)
            .join(orders, orders.c.id == days.c.order_id)
            .join(shop, shop.c.gaps > 0)
            .outerjoin(own, own.c.customer_id == last.c.customer_id)
        )
        .where(or_(shop.c.gaps >= few_gaps, own_gaps >= 2))
        .subquery("rhythm")
    )


def _median(gaps: Any, group: ColumnElement[Any] | None) -> Subquery:
    """The median gap and the number of gaps, per group or over all; both databases know no median of their own."""
    name = "own" if group is not None else "shop"
    numbered = select(
        gaps.c.customer_id,
        gaps.c.days,
        func.row_number().over(partition_by=group, order_by=gaps.c.days).label("place"),
        func.count().over(partition_by=group).label("gaps"),
    ).subquery(f"{name}_numbered")
    n = numbered.c
    keys = [n.customer_id] if group is not None else []
    middle = select(*keys, func.avg(n.days * 1.0).label("median"), func.max(n.gaps).label("gaps")).where(
        n.place.in_([(n.gaps + 1) // 2, (n.gaps + 2) // 2])
    )
    return (middle.group_by(*keys) if keys else middle).subquery(name)
