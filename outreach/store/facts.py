"""What may a message say about the orders and models it speaks of? Ids become records; dates ISO, money in minor units.

A scan's columns `order_id`, `owned_product_id`, `newer_product_id`, `item_product_id` and `last_order_id` are looked up
here, a handful of queries per chunk, and become `order` (and `orders`, `remedy`), `owned`, `newer` with `offer`, `item`
with its `tip`, `last_order`. `repair_link` becomes `repair`.
Facts from on or after the night are left out: an as-of message never knows a later day (settled 2).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from outreach.store.among import among
from outreach.store.shop import order_lines, orders, product_prices, products

Record = dict[str, Any]
#: The model and its offer, by the model's id: the same for everybody it is offered to.
Offers = dict[int, tuple[Record, Record]]
#: A struck price is the lowest of this many days, and is not shown without a history that long.
PRICE_DAYS = 30
#: What a message may say of an order: a time of day costs more to read than all the rest, and nobody says it.
_OF_AN_ORDER = (
    *("id", "key", "placed_on", "due_on", "shipped_on", "complete_on", "new_date", "carrier", "late_reason"),
    *("remedy_text", "remedy_minor", "remedy_currency"),
)
_PRODUCTS = ("owned_product_id", "newer_product_id", "item_product_id")


def expand(c: sa.Connection, raw: Sequence[Mapping[str, Any]], night: date) -> list[Record]:
    """One full facts record per raw one, in order. `raw["also"]` holds the facts of further orders of the message."""
    order_ids = {i for r in raw for i in _order_ids(r)}
    found = _orders(c, order_ids, night)
    product_ids = {r[n] for r in raw for n in _PRODUCTS if r.get(n)}
    product_ids |= {item["product_id"] for order in found.values() for item in order["items"] if item["product_id"]}
    models = _products(c, product_ids)
    offered = {r["newer_product_id"] for r in raw if r.get("newer_product_id")}
    usual = _usual_prices(c, {i: models[i].price_minor for i in offered}, night)
    offers = {i: (_model(models[i]), _offer(models[i], usual.get(i))) for i in offered}
    return [_one(r, found, models, offers) for r in raw]


def _order_ids(raw: Mapping[str, Any]) -> list[int]:
    every = [raw, *raw.get("also", ())]
    return [r[name] for r in every for name in ("order_id", "last_order_id") if r.get(name)]


def _one(raw: Mapping[str, Any], found: dict[int, Record], models: dict[int, Any], offers: Offers) -> Record:
    facts = dict(raw)
    about: list[int] = []
    if raw.get("order_id"):
        every = [{**found[r["order_id"]], "days_late": r.get("days_late")} for r in (raw, *raw.get("also", ()))]
        orders = [_told(o) for o in every]
        facts |= {"order": orders[0], "orders": orders}
        facts["remedy"] = every[0]["remedy"]
        about = [i["product_id"] for i in every[0]["items"]]
    if raw.get("last_order_id"):
        last = found[raw["last_order_id"]]
        facts |= {"last_order": _told(last), "owned": _bought(last, models)}
        about = [i["product_id"] for i in last["items"]]
    if raw.get("owned_product_id"):
        facts["owned"] = _owned(models[raw["owned_product_id"]], raw.get("bought_on"))
    if raw.get("newer_product_id"):
        facts["newer"], facts["offer"] = offers[raw["newer_product_id"]]
    if raw.get("item_product_id"):
        about = [raw["item_product_id"]]
        facts |= {"item": _owned(models[about[0]], raw.get("bought_on")), "tip": _tip(models, about)}
    if "repair_link" in raw:
        facts["repair"] = {"link": raw["repair_link"]}
    facts["give"] = _tip(models, about)
    return facts


def _orders(c: sa.Connection, ids: Iterable[int], night: date) -> dict[int, Record]:
    """Orders by id with their lines, as known before the night; primary key and (order_id, number) carry it."""
    chosen = sorted(ids)
    lines: dict[int, list[Record]] = {}
    columns = (
        order_lines.c.order_id,
        order_lines.c.product_id,
        order_lines.c.quantity,
        sa.func.coalesce(products.c.name, order_lines.c.name).label("name"),
        products.c.care_link,
    )
    joined = order_lines.outerjoin(products, products.c.id == order_lines.c.product_id)
    query = sa.select(*columns).select_from(joined).where(among(order_lines.c.order_id, chosen))
    for order, product, quantity, name, link in c.execute(
        query.order_by(order_lines.c.order_id, order_lines.c.number)
    ).all():
        item = {"name": name, "quantity": quantity, "care_link": link, "product_id": product}
        lines.setdefault(order, []).append(item)
    rows = c.execute(sa.select(*(orders.c[name] for name in _OF_AN_ORDER)).where(among(orders.c.id, chosen)))
    return {row.id: _order(row, lines.get(row.id, []), night) for row in rows.all()}


def _order(row: Any, items: list[Record], night: date) -> Record:
    remedy = _money(row.remedy_minor, row.remedy_currency)
    return {
        "number": row.key,
        "placed_on": _iso(row.placed_on),
        "promised_on": _iso(row.due_on),
        "shipped_on": _known(row.shipped_on, night),
        "delivered_on": _known(row.complete_on, night),
        "new_date": _iso(row.new_date) if row.new_date and row.new_date >= night else None,
        "carrier": row.carrier,
        "late_reason": row.late_reason,
        "items": items,
        "remedy": {"text": row.remedy_text, "amount": remedy},
    }


def _told(order: Record) -> Record:
    items = [{k: item[k] for k in ("name", "quantity", "care_link")} for item in order["items"] if item["name"]]
    rest = {k: v for k, v in order.items() if k not in ("items", "remedy")}
    return {**rest, "items": items, "main_item": items[0] if items else None}


def _bought(order: Record, models: dict[int, Any]) -> list[Record]:
    names = {item["name"]: item["product_id"] for item in order["items"] if item["name"]}
    return [
        {"name": name, "bought_on": order["placed_on"], "supported_until": _until(models.get(product_id))}
        for name, product_id in names.items()
    ]


def _products(c: sa.Connection, ids: Iterable[int]) -> dict[int, Any]:
    rows = c.execute(sa.select(products).where(among(products.c.id, sorted(ids))))
    return {row.id: row for row in rows}


def _owned(row: Any, bought_on: str | None) -> Record:
    return {"name": row.name, "bought_on": bought_on, "supported_until": _until(row)}


def _model(row: Any) -> Record:
    return {
        "name": row.name,
        "released_on": _iso(row.released_on),
        "what_changed": list(row.what_changed or ()),
        "not_changed": list(row.not_changed or ()),
        "link": row.link,
    }


def _offer(row: Any, usual: int | None) -> Record:
    struck = usual if usual is not None and usual > row.price_minor else None
    return {
        "price": _money(row.price_minor, row.currency),
        "usual_price": _money(struck, row.currency),
        "saving": _money(struck - row.price_minor if struck is not None else None, row.currency),
        "ends_on": None,  # no end is recorded with a price, so none is promised
        "keep_if": row.keep_if,
        "link": row.link,
    }


def _usual_prices(c: sa.Connection, now: Mapping[int, int | None], night: date) -> dict[int, int]:
    """The lowest price before that of `now` in force on any of the last 30 days; only with a history that long."""
    p = product_prices.c
    query = sa.select(p.product_id, p.since_on, p.price_minor).where(p.product_id.in_(sorted(now)), p.since_on < night)
    start = night - timedelta(days=PRICE_DAYS)
    history: dict[int, list[tuple[date, int]]] = {}
    for row in c.execute(query.order_by(p.product_id, p.since_on)):
        history.setdefault(row.product_id, []).append((row.since_on, row.price_minor))
    lowest = {}
    for product_id, steps in history.items():
        before = [price for day, price in steps if day <= start]
        earlier = steps[:-1] if steps[-1][1] == now[product_id] else steps  # else it changed on the night or later
        if before:
            lowest[product_id] = min([before[-1], *(price for day, price in earlier if day > start)])
    return lowest


def _tip(models: dict[int, Any], about: Sequence[int | None]) -> Record | None:
    rows = (models.get(i) for i in about if i)
    return next(
        ({"title": r.care_title, "text": r.care_text, "link": r.care_link} for r in rows if r and r.care_text), None
    )


def _money(minor: int | None, currency: str | None) -> Record | None:
    return None if minor is None or currency is None else {"minor": minor, "currency": currency}


def _until(row: Any) -> str | None:
    return _iso(row.supported_until) if row is not None else None


def _known(day: date | None, night: date) -> str | None:
    return _iso(day) if day is not None and day < night else None


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None
