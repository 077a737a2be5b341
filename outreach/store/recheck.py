"""Is what a message says still true? Asked again when a held night is approved, at retry, and at claim (settled 25)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import sqlalchemy as sa

from outreach.core.terms import Reason
from outreach.store.among import among
from outreach.store.shop import order_lines, orders, products


@dataclass(frozen=True, slots=True)
class Untrue:
    """Why a message must not go: the reason in the closed list, and what happened in a few words."""

    reason: Reason
    said: str


def untrue(c: sa.Connection, facts: Mapping[int, Mapping[str, Any]], *, night: date, before: date) -> dict[int, Untrue]:
    """Messages (by the caller's key) decided on `night` whose facts no longer hold, by facts dated before `before`.

    Each value holds the scan's ids and `customer_id`.

    A fixed handful of queries: orders by id, newer orders by customer of a last order, models by id, models owned.
    """
    found: dict[int, Untrue] = {}
    found |= _orders_changed(c, _orders_of(facts), night, before)
    found |= _bought_since(c, _by(facts, "last_order_id"), before)
    found |= _models_changed(c, facts)
    found |= _owns_newer(c, facts, before)
    return found


def _by(facts: Mapping[int, Mapping[str, Any]], name: str) -> dict[int, int]:
    return {key: f[name] for key, f in facts.items() if f.get(name)}


def _orders_of(facts: Mapping[int, Mapping[str, Any]]) -> list[tuple[int, int, int | None]]:
    """(message, order, days late as said) of every order a message speaks of: its first and those that joined it."""
    parts = [(key, part) for key, f in facts.items() for part in (f, *f.get("also", ()))]
    return [(key, part["order_id"], part.get("days_late")) for key, part in parts if part.get("order_id")]


def _orders_changed(
    c: sa.Connection, about: list[tuple[int, int, int | None]], night: date, before: date
) -> dict[int, Untrue]:
    """Gone, returned, arrived since the night decided, or called off before it arrived."""
    if not about:
        return {}
    rows = {r.id: r for r in c.execute(_spoken_of(), {"b_ids": sorted({order_id for _, order_id, _ in about})}).all()}
    found: dict[int, Untrue] = {}
    for key, order_id, days_late in about:
        words = _what_happened(rows.get(order_id), days_late, night, before)
        if words:
            found.setdefault(key, Untrue(Reason.TOO_OLD, words))
    return found


@cache
def _spoken_of() -> sa.Select[Any]:
    """Orders b_ids. Built once, like the others: it costs more than the answer for some hundred messages."""
    o = orders.c
    query = sa.select(o.id, o.complete_on, o.due_on, o.returned_on, o.cancelled, o.cancelled_on)
    return query.where(among(o.id, "b_ids"))


def _what_happened(row: Any, days_late: int | None, night: date, before: date) -> str | None:
    if row is None:
        return "the order is no longer in the records"
    if row.returned_on is not None and row.returned_on < before:
        return "returned since"
    if row.complete_on is None and row.cancelled and (row.cancelled_on is None or row.cancelled_on < before):
        return "called off since"
    if row.complete_on is not None and row.complete_on < before and (row.complete_on >= night or _else(row, days_late)):
        return "delivered since"
    return None


def _else(row: Any, days_late: int | None) -> bool:
    """It came on another day than the message reckons with: news of an earlier day that reached us after the night."""
    return days_late is not None and row.due_on is not None and (row.complete_on - row.due_on).days != days_late


def _bought_since(c: sa.Connection, ids: dict[int, int], before: date) -> dict[int, Untrue]:
    if not ids:
        return {}
    said = {"b_ids": sorted(set(ids.values())), "b_before": before}
    again = {r.id for r in c.execute(_followed(), said).all()}
    return {key: Untrue(Reason.BOUGHT_SINCE, "bought again since") for key, i in ids.items() if i in again}


@cache
def _followed() -> sa.Select[Any]:
    """Which of the orders b_ids were followed by another of the same customer, before b_before."""
    before: Any = sa.bindparam("b_before", type_=sa.Date())
    last, newer = orders.alias("last"), orders.alias("newer")
    same = sa.and_(
        newer.c.customer_id == last.c.customer_id,
        newer.c.placed_on > last.c.placed_on,
        newer.c.placed_on < before,
        sa.or_(newer.c.cancelled.is_(False), newer.c.cancelled_on >= before),
    )
    return sa.select(last.c.id).select_from(last.join(newer, same)).where(among(last.c.id, "b_ids")).distinct()


def _models_changed(c: sa.Connection, facts: Mapping[int, Mapping[str, Any]]) -> dict[int, Untrue]:
    """Gone from stock, or no longer at the price the message states."""
    ids = _by(facts, "newer_product_id")
    if not ids:
        return {}
    p = products.c
    there = sa.and_(p.in_stock.is_(True), p.price_minor.is_not(None))
    rows = c.execute(sa.select(p.id, p.price_minor, p.currency).where(among(p.id, sorted(set(ids.values()))), there))
    prices = {r.id: {"minor": r.price_minor, "currency": r.currency} for r in rows}
    found = {}
    for key, model in ids.items():
        stated = (facts[key].get("offer") or {}).get("price")
        if model not in prices:
            found[key] = Untrue(Reason.CANNOT_DELIVER, "not in stock, or without a price, by now")
        elif stated is not None and stated != prices[model]:
            found[key] = Untrue(Reason.CANNOT_DELIVER, "its price changed since")
    return found


def _owns_newer(c: sa.Connection, facts: Mapping[int, Mapping[str, Any]], before: date) -> dict[int, Untrue]:
    """Bought the offered model, or a later one of its line, since."""
    asked = {key: (f["customer_id"], f["newer_product_id"]) for key, f in facts.items() if f.get("newer_product_id")}
    if not asked:
        return {}
    models, people = ({pair[place] for pair in asked.values()} for place in (1, 0))
    said = {"b_models": sorted(models), "b_people": sorted(people), "b_before": before}
    owners = {(r[0], r[1]) for r in c.execute(_owners(), said).all()}
    return {key: Untrue(Reason.OWNS_NEWER, "owns it by now") for key, pair in asked.items() if pair in owners}


@cache
def _owners() -> sa.Select[Any]:
    """(customer, model): who of b_people owns one of b_models or a later one of its line, bought before b_before."""
    before: Any = sa.bindparam("b_before", type_=sa.Date())
    offered, had = products.alias("offered"), products.alias("had")
    line = sa.and_(had.c.line == offered.c.line, had.c.generation >= offered.c.generation)
    live = sa.or_(orders.c.cancelled.is_(False), orders.c.cancelled_on >= before)
    return (
        sa.select(orders.c.customer_id, offered.c.id)
        .select_from(
            offered.join(had, line)
            .join(order_lines, order_lines.c.product_id == had.c.id)
            .join(orders, orders.c.id == order_lines.c.order_id)
        )
        .where(
            among(offered.c.id, "b_models"),
            among(orders.c.customer_id, "b_people"),
            orders.c.placed_on < before,
            live,
            sa.func.coalesce(order_lines.c.returned_on, orders.c.returned_on).is_(None),
        )
        .distinct()
    )
