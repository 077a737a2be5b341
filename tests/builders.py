"""How does a test say in few words what the shop's records hold?

Plain functions on a connection; each returns the row's id. What a test does not mention is ordinary.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Any

import sqlalchemy as sa

from outreach.core.addresses import address_hash
from outreach.core.shop import Secrets
from outreach.core.terms import Channel
from outreach.store import contacts, shop

SECRETS = Secrets(
    pepper=b"test-pepper-0123456789abcdefghijklmnop",
    token_keys=(b"test-token-key-0123456789abcdefghijklm",),
    holdout_salt=b"test-salt-0123456789abcdefghijklmnopqr",
)
PEPPER = SECRETS.pepper
LONG_AGO = datetime(2015, 1, 1, 12, tzinfo=UTC)


def customer(
    c: sa.Connection,
    key: str = "C-1",
    email: str | None = "ana@example.com",
    phone: str | None = None,
    country: str | None = "GB",
    language: str | None = "en",
    consent: Sequence[str] = ("email",),
    *,
    first_name: str | None = "Ana",
    last_name: str | None = "Reed",
    state: str | None = None,
    city: str | None = None,
    zone: str | None = None,
    since_on: date | None = date(2015, 1, 1),
    household: int | None = None,
) -> int:
    """A customer with contact points. `consent` lists grants: "email", "text" (marketing) or "text:service".

    A grant of marketing stands beside one of service, as an import writes it. `household`: another customer's id.
    """
    row = {
        "key": key,
        "household_id": household or 0,
        "first_name": first_name,
        "last_name": last_name,
        "language": language,
        "country": country,
        "state": state,
        "city": city,
        "zone": zone,
        "since_on": since_on,
    }
    found = _insert(c, shop.customers, row)
    if household is None:
        c.execute(sa.update(shop.customers).where(shop.customers.c.id == found).values(household_id=found))
    for channel, address in ((Channel.EMAIL, email), (Channel.TEXT, phone)):
        if address is not None:
            contact_point(c, found, channel, address)
    for grant in consent:
        name, _, level = grant.partition(":")
        address = email if name == "email" else phone
        if address is not None:
            for each in (level,) if level else ("service", "marketing"):
                consented(c, Channel(name), address, level=each)
    return found


def contact_point(c: sa.Connection, customer_id: int, channel: Channel, address: str, *, current: bool = True) -> int:
    """One address of a customer; the same address may belong to several (settled 21)."""
    row = {
        "customer_id": customer_id,
        "channel": channel.value,
        "address": address,
        "address_hash": address_hash(PEPPER, channel, address),
        "current": current,
    }
    return _insert(c, contacts.contact_points, row)


def consented(
    c: sa.Connection,
    channel: Channel,
    address: str,
    *,
    level: str = "marketing",
    action: str = "grant",
    at: datetime = LONG_AGO,
) -> int:
    """One line of the consent ledger: a grant, or with action="withdraw" the opposite."""
    row = {
        "contact_hash": address_hash(PEPPER, channel, address),
        "channel": channel.value,
        "level": level,
        "action": action,
        "source": "checkout",
        "evidence": "test",
        "at": at,
        "recorded_at": at,
    }
    return _insert(c, contacts.consent_events, row)


def product(
    c: sa.Connection,
    key: str,
    name: str | None = None,
    *,
    line: str | None = None,
    generation: int = 1,
    successor: str | None = None,
    released_on: date | None = None,
    in_stock: bool = True,
    price_minor: int | None = 14900,
    currency: str = "GBP",
    what_changed: Sequence[str] = ("The burrs can be changed without tools.",),
    not_changed: Sequence[str] = ("It grinds as fine as before.",),
    keep_if: str | None = "you are happy with how yours grinds",
    link: str | None = None,
    supported_until: date | None = None,
    discontinued_on: date | None = None,
    care: tuple[str, str, str] | None = None,
) -> int:
    """A product; `line` groups the generations of one model. `care`: title, text, link."""
    title, text, care_link = care or (None, None, None)
    row = {
        "key": key,
        "name": name or key,
        "line": line,
        "generation": generation if line else None,
        "successor_key": successor,
        "released_on": released_on,
        "discontinued_on": discontinued_on,
        "supported_until": supported_until,
        "in_stock": in_stock,
        "price_minor": price_minor,
        "currency": currency if price_minor is not None else None,
        "what_changed": list(what_changed),
        "not_changed": list(not_changed),
        "keep_if": keep_if,
        "link": link or f"https://shop.alder.example/{key}",
        "care_title": title,
        "care_text": text,
        "care_link": care_link,
    }
    found = _insert(c, shop.products, row)
    if price_minor is not None:
        since = released_on or LONG_AGO.date()
        price = {"product_id": found, "since_on": since, "price_minor": price_minor, "currency": currency}
        c.execute(sa.insert(shop.product_prices).values(**price))
    return found


def order(
    c: sa.Connection,
    key: str,
    customer: int,
    *,
    placed_on: date,
    promised_on: date | None = None,
    shipped_on: date | None = None,
    delivered_on: date | None = None,
    lines: Sequence[int | str] = (),
    cancelled: bool = False,
    cancelled_on: date | None = None,
    returned_on: date | None = None,
    part_missing: bool = False,
    **more: Any,
) -> int:
    """An order. `lines`: product ids, or names the catalogue does not have. Days are the shop's.

    due_on is the promise; complete_on the delivery, unless `part_missing` (a line is still out). `more`: other columns.
    """
    row = {
        "key": key,
        "customer_id": customer,
        "placed_at": _noon(placed_on),
        "placed_on": placed_on,
        "shipped_at": _noon(shipped_on),
        "shipped_on": shipped_on,
        "delivered_at": _noon(delivered_on),
        "delivered_on": delivered_on,
        "complete_on": None if part_missing else delivered_on,
        "promised_on": promised_on,
        "due_on": promised_on,
        "cancelled": cancelled or cancelled_on is not None,
        "cancelled_on": cancelled_on,
        "returned_on": returned_on,
        **more,
    }
    found = _insert(c, shop.orders, row)
    for number, thing in enumerate(lines, 1):
        what = {"product_id": thing} if isinstance(thing, int) else {"name": thing}
        _insert(c, shop.order_lines, {"order_id": found, "number": str(number), **what})
    if promised_on is not None:
        promise = {"order_id": found, "promised_on": promised_on, "made_on": placed_on, "source": "test"}
        c.execute(sa.insert(shop.promises).values(**promise))
    return found


def suppress(
    c: sa.Connection,
    address: str,
    scope: str = "everything",
    reason: str = "asked",
    *,
    door: str = "staff",
    since: datetime = LONG_AGO,
    until: date | None = None,
) -> str:
    """Never write to this address (an email, or a phone number in E.164). Returns the address hash."""
    channel = Channel.EMAIL if "@" in address else Channel.TEXT
    contact_hash = address_hash(PEPPER, channel, address)
    row = {"contact_hash": contact_hash, "channel": channel.value, "scope": scope, "reason": reason, "door": door}
    c.execute(sa.insert(contacts.suppressions).values(**row, since=since, until=until, evidence="test"))
    event = {**row, "action": "add", "until": until, "at": since, "evidence": "test"}
    c.execute(sa.insert(contacts.suppression_events).values(**event))
    return contact_hash


def _insert(c: sa.Connection, table: sa.Table, row: dict[str, Any]) -> int:
    return int(c.execute(sa.insert(table).values(**row).returning(table.c.id)).scalar_one())


def _noon(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(12), UTC)
