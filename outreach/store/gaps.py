"""Can these records carry this scan? If not: what is missing, and how is it mended?"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa

from outreach.store.shop import Need, customers, order_lines, orders, products

#: An order shipped this long ago should have arrived; how fresh the newest delivery must be; over which window we look.
SHIPPED_DAYS, FRESH_DAYS, LOOK_DAYS = 14, 4, 120
SHARE_KNOWN = 0.95
FEW_GAPS = 30


@dataclass(frozen=True, slots=True)
class Gap:
    """What the records lack. `off`: the scan cannot run; otherwise it runs, and this is worth knowing."""

    off: bool
    said: str
    mend: str


def look(c: sa.Connection, needs: Iterable[Need], night: date) -> Gap | None:
    """The first gap that switches a scan off, else the first worth knowing, else None."""
    gaps = [gap for need in needs if (gap := _LOOK[need](c, night)) is not None]
    return next((gap for gap in gaps if gap.off), gaps[0] if gaps else None)


def _any(c: sa.Connection, *where: sa.ColumnElement[bool]) -> bool:
    return c.execute(sa.select(sa.literal(1)).select_from(orders).where(*where).limit(1)).first() is not None


def _delivered(c: sa.Connection, night: date) -> Gap | None:
    if _any(c, orders.c.complete_on < night):
        return None
    mend = "import a delivered_on column in orders.csv, from the carrier's tracking"
    return Gap(True, "no order says on which day it was delivered", mend)


def _promised(c: sa.Connection, night: date) -> Gap | None:
    if _any(c, orders.c.due_on.is_not(None), orders.c.placed_on < night):
        return None
    mend = "import a promised_on column: shipping method + working days, only if the customer was shown it"
    return Gap(True, "no order says for which day it was promised", mend)


def _tracked(c: sa.Connection, night: date) -> Gap | None:
    """settled in product.md: >= 95 % of orders shipped 14+ days ago have a delivery day, and the news is fresh."""
    o = orders.c
    known = sa.func.sum(sa.case((o.complete_on < night, 1), else_=0))
    window = o.shipped_on.between(night - timedelta(days=LOOK_DAYS), night - timedelta(days=SHIPPED_DAYS))
    shipped, arrived = c.execute(sa.select(sa.func.count(), known).select_from(orders).where(window)).one()
    mend = "import the carrier's tracking, so that every delivery has its day"
    if not shipped and not _any(c, o.shipped_on < night):
        return Gap(True, "no order says when it was shipped", "import a shipped_on column in orders.csv")
    if not shipped:
        said = f"no order we know of was shipped {SHIPPED_DAYS} to {LOOK_DAYS} days before {night}"
        return Gap(True, said, "import the newest orders; are the records fresh?")
    if arrived < SHARE_KNOWN * shipped:
        said = f"only {100 * arrived // shipped} % of orders shipped {SHIPPED_DAYS}+ days ago say when they arrived"
        return Gap(True, f"{said} ({arrived:,} of {shipped:,}; 95 % needed)", mend)
    newest = c.execute(sa.select(sa.func.max(o.complete_on)).where(o.complete_on < night)).scalar_one()
    if newest is None or newest < night - timedelta(days=FRESH_DAYS):
        return Gap(True, f"the newest delivery we know of is from {newest}", mend)
    return None


def _successors(c: sa.Connection, night: date) -> Gap | None:
    p = products.c
    if c.execute(sa.select(p.id).where(p.generation > 1).limit(1)).first():
        return None
    return Gap(True, "no product names the model that replaces it", "import a successor column in products.csv")


def _bought(c: sa.Connection, night: date) -> Gap | None:
    if c.execute(sa.select(order_lines.c.id).where(order_lines.c.product_id.is_not(None)).limit(1)).first():
        return None
    mend = "import order lines with a product column, and products.csv with the same keys"
    return Gap(True, "no order says which product of the catalogue was bought", mend)


def _care_tips(c: sa.Connection, night: date) -> Gap | None:
    if c.execute(sa.select(products.c.id).where(products.c.care_text != "").limit(1)).first():
        return None
    return Gap(True, "no product says how to look after it", "import care_title and care_text columns in products.csv")


def _support(c: sa.Connection, night: date) -> Gap | None:
    p = products.c
    both = (p.discontinued_on.is_not(None), p.supported_until.is_not(None))
    if c.execute(sa.select(p.id).where(*both).limit(1)).first():
        return None
    mend = "import discontinued_on and supported_until columns in products.csv"
    return Gap(True, "no product says when it was discontinued and until when it is supported", mend)


def _places(c: sa.Connection, night: date) -> Gap | None:
    if c.execute(sa.select(customers.c.id).where(customers.c.country.is_not(None)).limit(1)).first():
        return None
    return Gap(True, "no customer says in which country they live", "import a country column in customers.csv")


def _repeats(c: sa.Connection, night: date) -> Gap | None:
    gaps = _count_gaps(c, night)
    mend = "nothing to mend: the rule starts by itself as people come back"
    if gaps == 0:
        return Gap(True, "nobody has ordered on two different days yet, so there is no rhythm to go by", mend)
    if gaps < FEW_GAPS:
        said = f"only {gaps} times has anybody come back; people with two or more gaps of their own are looked at"
        return Gap(False, said, mend)
    return None


def _count_gaps(c: sa.Connection, night: date) -> int:
    o = orders.c
    live = sa.or_(o.cancelled.is_(False), o.cancelled_on >= night)
    days = sa.select(o.customer_id, o.placed_on).where(o.placed_on < night, live).distinct().subquery()
    per = sa.select((sa.func.count() - 1).label("gaps")).group_by(days.c.customer_id).select_from(days).subquery()
    return int(c.execute(sa.select(sa.func.coalesce(sa.func.sum(per.c.gaps), 0))).scalar_one())


_LOOK: dict[Need, Callable[[sa.Connection, date], Gap | None]] = {
    Need.DELIVERED: _delivered,
    Need.PROMISED: _promised,
    Need.TRACKED: _tracked,
    Need.SUCCESSORS: _successors,
    Need.REPEATS: _repeats,
    Need.BOUGHT: _bought,
    Need.CARE_TIPS: _care_tips,
    Need.SUPPORT: _support,
    Need.PLACES: _places,
}


def unoffered(c: sa.Connection, night: date) -> list[tuple[str, str, tuple[str, ...]]]:
    """Newest models in stock that cannot be offered: (key, name, what is missing). Doctor lists them (settled 16)."""
    p = products.c
    newest = (
        sa.select(p.line, sa.func.max(p.generation).label("generation"))
        .where(p.in_stock.is_(True), sa.or_(p.released_on < night, p.released_on.is_(None)))
        .group_by(p.line)
        .subquery()
    )
    where = (p.line == newest.c.line, p.generation == newest.c.generation, p.generation > 1)
    rows = c.execute(sa.select(products).where(*where).order_by(p.key))
    found = []
    for row in rows:
        lacks = {
            "released_on": row.released_on is None,
            "price": row.price_minor is None,
            "what_changed": not row.what_changed,
            "keep_if": not row.keep_if,
        }
        missing = tuple(name for name, lacking in lacks.items() if lacking)
        if missing:
            found.append((row.key, row.name, missing))
    return found
