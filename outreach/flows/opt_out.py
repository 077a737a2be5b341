"""How does a wish to be left alone take effect? One transaction, committed before anybody is told it is done."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from outreach.core.addresses import address_hash
from outreach.core.errors import Misuse, Place
from outreach.core.terms import Channel, Scope
from outreach.flows.app import App
from outreach.flows.wish_taken import lists_forget, lists_learn, take, wait_for_calls
from outreach.records import reach
from outreach.store import audits, wishes
from outreach.store.engine import now, reading, writing
from outreach.store.wishes import Asked

__all__ = ["Asked", "Done", "Imported", "add", "customers_meant", "hashes", "read_list", "standing", "undo"]

Addresses = list[tuple[Channel, str]]
#: Lines of a list that are taken over at a time: as many address locks, with `send.strict`, are held at once.
_LINES = 500
#: Columns of other programs' lists that hold an address, lower-cased (Mailchimp, Klaviyo, Shopify, SendGrid, Twilio).
ADDRESS_COLUMNS = ("email", "email address", "e-mail", "phone", "phone number", "number", "to", "address", "contact")


@dataclass(frozen=True, slots=True)
class Done:
    """What an opt-out did. `customers`: their keys; empty for an address nobody here knows, remembered all the same."""

    customers: tuple[str, ...]
    scope: Scope
    until: date | None
    new: int
    withdrawn: int
    at: Any


@dataclass(frozen=True, slots=True)
class Imported:
    """What a list of old opt-outs did. `unread` names the lines that hold no address."""

    read: int
    known: int
    unknown: int
    already: int
    withdrawn: int
    unread: tuple[Place, ...]


def add(app: App, word: str, asked: Asked) -> Done:
    """Record a wish for a customer (key, order, email or phone) or for a bare address; withdraw what waits.

    Raises Misuse (OUT-501) when the word is neither a customer nor an address.
    """
    with writing(app.engine, durable=True) as c:
        found = customers_meant(app, c, word)
        addresses = _addresses(app, c, word, found)
        if not addresses:
            raise _no_address(found[0].key) if found else _nobody(word)
        stamped = replace(asked, at=now(c))
        taken = take(app, c, addresses, stamped)
        lists_learn(app, c, addresses, stamped, _plain(app, word))
        keys = tuple(row.key for row in found)
        about = ", ".join(keys) or "unknown address"
        audits.write(c, stamped.at, "optout.add", about, {"scope": asked.scope.value})
        return Done(keys, asked.scope, asked.until, taken.new, taken.withdrawn, stamped.at)


def undo(app: App, word: str, *, customer_asked: str) -> int:
    """Lift the wishes of a customer by their own word, which is kept. Returns how many ended."""
    with writing(app.engine, durable=True) as c:
        found = customers_meant(app, c, word)
        addresses = _addresses(app, c, word, found)
        if not addresses:
            raise _no_address(found[0].key) if found else _nobody(word)
        at = now(c)
        said = Asked(Scope.EVERYTHING, "the customer asked for it back", "staff", customer_asked, None, at)
        ended = wishes.lift(c, addresses, said)
        lists_forget(app, c, addresses, at)
        about = ", ".join(row.key for row in found) or "unknown address"
        audits.write(c, at, "optout.undo", about, {"customer_asked": customer_asked, "ended": ended})
        return ended


def standing(app: App, word: str) -> tuple[list[Any], list[Any]]:
    """(customers meant, suppressions that stand for them or for the address). Raises Misuse (OUT-501) for neither."""
    with reading(app.engine) as c:
        found = customers_meant(app, c, word)
        addresses = _addresses(app, c, word, found)
        if not addresses and not found:
            raise _nobody(word)
        return found, wishes.standing(c, [h for _, h in addresses])


def read_list(app: App, path: Path, asked: Asked, *, write: bool) -> Imported:
    """Take over an old list: any CSV with a column of emails or phones, or one address a line.

    Some lines at a time, each some committed by itself; a list read in part can be read again.
    """
    done = Imported(0, 0, 0, 0, 0, ())
    lines = _lines(path)
    while some := list(islice(lines, _LINES)):
        with writing(app.engine, durable=True) as c:
            done = _take_over(app, c, some, (path.name, asked, write), done)
    if write:
        with writing(app.engine, durable=True) as c:
            audits.write(c, now(c), "optout.import", path.name, {"read": done.read})
            audits.declare(c, "optout_list", f"imported {path.name}: {done.read} addresses")
    return done


def _take_over(
    app: App, c: sa.Connection, lines: Sequence[tuple[int, list[str]]], how: tuple[str, Asked, bool], so_far: Imported
) -> Imported:
    """These lines of the list (its name, the wish, whether to write), added to what was done so far."""
    name, asked, write = how
    meant = {text: customers_meant(app, c, text) for _, texts in lines for text in texts if hashes(app, text)}
    wanted = {text: _addresses(app, c, text, customers) for text, customers in meant.items()}
    if write:
        wait_for_calls(app, c, [address for addresses in wanted.values() for address in addresses])
    stamped = replace(asked, at=now(c))
    known = already = withdrawn = 0
    unread = [number for number, texts in lines if not any(text in meant for text in texts)]
    for _, texts in lines:
        theirs = [text for text in texts if text in meant]
        known += any(meant[text] for text in theirs)
        already += bool(theirs and wishes.standing(c, [h for text in theirs for _, h in hashes(app, text)]))
        if write and theirs:
            withdrawn += take(app, c, [a for text in theirs for a in wanted[text]], stamped).withdrawn
    read = len(lines) - len(unread)
    return Imported(
        so_far.read + read,
        so_far.known + known,
        so_far.unknown + read - known,
        so_far.already + already,
        so_far.withdrawn + withdrawn,
        so_far.unread + tuple(Place(name, number) for number in unread),
    )


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """(line number, cells that may hold an address) of a list: its address columns by their names, else every cell."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Misuse("OUT-502", f"{path.name} cannot be read: {error}", help="save it as UTF-8 CSV") from None
    first, _, _ = text.partition("\n")
    rows = list(csv.reader(text.splitlines(), delimiter=max(",;\t", key=first.count)))
    if not rows:
        return
    header = [cell.strip().lower() for cell in rows[0]]
    columns = [i for i, name in enumerate(header) if name in ADDRESS_COLUMNS]
    for number, row in enumerate(rows[1:] if columns else rows, 2 if columns else 1):
        cells = [row[i] for i in columns if i < len(row)] if columns else row
        if any(cell.strip() for cell in row):
            yield number, [cell.strip() for cell in cells if cell.strip()]


def hashes(app: App, word: str) -> Addresses:
    """The address a word is, in the form we remember it by: [] when it is none."""
    return [(channel, address_hash(app.secrets.pepper, channel, address)) for channel, address in _read(app, word)]


def _plain(app: App, word: str) -> dict[str, str]:
    """The address a word is, by its hash: nobody else may know it."""
    return {address_hash(app.secrets.pepper, channel, address): address for channel, address in _read(app, word)}


def _read(app: App, word: str) -> Addresses:
    """The address a word is, canonical; none or one."""
    try:
        if "@" in word:
            return [(Channel.EMAIL, reach.email(word))]
        if sum(ch.isdigit() for ch in word) >= 7:
            return [(Channel.TEXT, reach.phone(word, app.house.shop.country))]
    except reach.NotReachable:
        pass
    return []


def customers_meant(app: App, c: sa.Connection, word: str) -> list[Any]:
    """Customers a word means: their key; else an order's key, an email or a phone."""
    found = wishes.find_customer(c, word, [h for _, h in hashes(app, word)])
    return [row for row in found if row.key == word] or found


def _addresses(app: App, c: sa.Connection, word: str, customers: Sequence[Any]) -> Addresses:
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


def _nobody(word: str) -> Misuse:
    help_text = "give a customer's key, an order number, an email or a phone number"
    return Misuse("OUT-501", f'"{_shown(word)}" is no customer, order or address we can read', help=help_text)


def _shown(word: str) -> str:
    return reach.email_shown(word) if "@" in word else word
