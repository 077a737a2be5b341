"""How does a wish to be left alone take effect? One transaction, committed before anybody is told it is done."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import sqlalchemy as sa

from outreach.core.addresses import address_hash
from outreach.core.errors import Misuse
from outreach.core.terms import Channel, Scope
from outreach.flows.app import App
from outreach.flows.known_address import one_spelling
from outreach.flows.wish_taken import lists_forget, take, theirs_to_open, wait_for_turn
from outreach.records import reach
from outreach.store import audits, forgetting, wishes
from outreach.store.engine import now, reading, writing
from outreach.store.wishes import Asked

__all__ = [
    "Asked",
    "Done",
    "add",
    "addresses_of",
    "customers_meant",
    "hashes",
    "nobody",
    "plain",
    "standing",
    "undo",
]

Addresses = list[tuple[Channel, str]]


@dataclass(frozen=True, slots=True)
class Done:
    """What an opt-out did. `customers`: their keys; empty for an address nobody here knows, remembered all the same."""

    customers: tuple[str, ...]
    scope: Scope
    until: date | None
    new: int
    withdrawn: int
    at: Any


def add(app: App, word: str, asked: Asked) -> Done:
    """Record a wish for a customer (key, order, email or phone) or for a bare address; withdraw what waits.

    Raises Misuse (OUT-501) when the word is neither a customer nor an address.
    """
    with writing(app.engine, durable=True) as c:
        found = customers_meant(app, c, word)
        addresses = addresses_of(app, c, word, found)
        if not addresses:
            raise _no_address(found[0].key) if found else nobody(word)
        stamped = replace(asked, at=now(c), plain=plain(app, word))
        taken = take(app, c, addresses, stamped)
        keys = tuple(row.key for row in found)
        about = ", ".join(keys) or "unknown address"
        audits.write(c, stamped.at, "optout.add", about, {"scope": asked.scope.value})
        return Done(keys, asked.scope, asked.until, taken.new, taken.withdrawn, stamped.at)


def undo(app: App, word: str, *, customer_asked: str) -> int:
    """Lift the wishes of a customer by their own word, which is kept. Returns how many ended.

    What stands at an address that is another's by now is the other's.
    """
    with writing(app.engine, durable=True) as c:
        found = customers_meant(app, c, word)
        addresses = addresses_of(app, c, word, found)
        if not addresses:
            raise _no_address(found[0].key) if found else nobody(word)
        wait_for_turn(app, c, addresses)
        addresses = list(theirs_to_open(c, {row.id for row in found}, addresses))
        at = now(c)
        said = Asked(Scope.EVERYTHING, "the customer asked for it back", "staff", customer_asked, None, at)
        ended = wishes.lift(c, addresses, said)
        lists_forget(app, c, addresses, at)
        forgetting.back(c, [h for _, h in addresses])
        about = ", ".join(row.key for row in found) or "unknown address"
        audits.write(c, at, "optout.undo", about, {"customer_asked": customer_asked, "ended": ended})
        return ended


def standing(app: App, word: str) -> tuple[list[Any], list[Any]]:
    """(customers meant, suppressions that stand for them or for the address). Raises Misuse (OUT-501) for neither."""
    with reading(app.engine) as c:
        found = customers_meant(app, c, word)
        addresses = addresses_of(app, c, word, found)
        if not addresses and not found:
            raise nobody(word)
        return found, wishes.standing(c, [h for _, h in addresses])


def hashes(app: App, word: str) -> Addresses:
    """The address a word is, in the form we remember it by: [] when it is none."""
    return [(channel, address_hash(app.secrets.pepper, channel, address)) for channel, address in _read(app, word)]


def plain(app: App, word: str) -> dict[str, str]:
    """The address a word is, by its hash: nobody else may know it."""
    return {address_hash(app.secrets.pepper, channel, address): address for channel, address in _read(app, word)}


def _read(app: App, word: str) -> Addresses:
    """The address a word is, canonical; none or one."""
    channel = Channel.EMAIL if "@" in word else Channel.TEXT if sum(ch.isdigit() for ch in word) >= 7 else None
    address = channel and one_spelling(app, channel, word)
    return [(channel, address)] if channel and address else []


def customers_meant(app: App, c: sa.Connection, word: str) -> list[Any]:
    """Customers a word means: their key; else an order's key, an email or a phone."""
    found = wishes.find_customer(c, word, [h for _, h in hashes(app, word)])
    return [row for row in found if row.key == word] or found


def addresses_of(app: App, c: sa.Connection, word: str, customers: Sequence[Any]) -> Addresses:
    """The word's own address, and every address of the one customer it means.

    Of several who share it, the shared one is enough: the gates ask by every address a customer ever had.
    """
    if len(customers) > 1:
        return hashes(app, word)
    if customers and customers[0].key == word:  # a key that looks like a phone number is a key
        return _points(c, customers[0])
    return list(dict.fromkeys([*hashes(app, word), *(p for row in customers for p in _points(c, row))]))


def _points(c: sa.Connection, customer: Any) -> Addresses:
    return [(Channel(p.channel), p.address_hash) for p in wishes.points_of(c, customer.id)]


def _no_address(key: str) -> Misuse:
    said = f"{key} has no address, so there is none to remember the wish by"
    help_text = f'outreach hold {key} --because "asked not to be written to"    (stays when an address comes in)'
    return Misuse("OUT-506", said, help=help_text)


def nobody(word: str) -> Misuse:
    """OUT-501, which never shows an address."""
    help_text = "give a customer's key, an order number, an email or a phone number"
    return Misuse("OUT-501", f'"{_shown(word)}" is no customer, order or address we can read', help=help_text)


def _shown(word: str) -> str:
    return reach.email_shown(word) if "@" in word else word
