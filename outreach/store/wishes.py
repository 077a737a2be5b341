"""Who asked for what, by which door, and what stops because of it? One transaction per wish; nothing is ever deleted
but by the person's own word."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from outreach.core.terms import COUNTED_STATES, Channel, MessageState, Scope
from outreach.store.contacts import contact_points, suppression_events, suppressions
from outreach.store.engine import dialect_insert
from outreach.store.forbids import asked_not_to
from outreach.store.schema import outbox
from outreach.store.shop import customers, orders

WAITING = (MessageState.PLANNED.value, MessageState.READY.value, MessageState.CLAIMED.value)
#: The door of a complaint: called spam.
COMPLAINT = "complaint"
#: Doors by which we are told again what was said long ago.
_NOT_THEIR_WORD = frozenset({"import", "provider"})


@dataclass(frozen=True, slots=True)
class Asked:
    """A wish as it came in. `door`: staff, import, page, header, stop, reply, provider. `until` None: for good.

    `said_at`: when they said it, where a list tells us so long afterwards; it takes effect `at`. `plain`: addresses, by
    their hash, that perhaps no customer has: for the providers' own lists to learn of.
    """

    scope: Scope
    reason: str
    door: str
    evidence: str | None
    until: date | None
    at: datetime
    said_at: datetime | None = None
    plain: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def since(self) -> datetime:
        return self.said_at or self.at


def suppress(
    c: sa.Connection,
    addresses: Iterable[tuple[Channel, str]],
    asked: Asked,
    evidence: Mapping[str, str] | None = None,
) -> tuple[int, int]:
    """Close these (channel, address hash) at once. Returns (new suppressions, messages withdrawn).

    A standing wish for good is never shortened by a later one with a date. The caller commits before it answers.
    `evidence`: by address hash, where each came in by itself.
    """
    proofs = {} if evidence is None else evidence
    rows = [
        {**_suppression(channel, address, asked), "evidence": proofs.get(address, asked.evidence)}
        for channel, address in dict.fromkeys(addresses)
    ]
    if not rows:
        return 0, 0
    new = list(c.execute(_widened(c).returning(suppressions.c.contact_hash, suppressions.c.channel), rows))
    if new:
        events = [
            {
                **_event(row.contact_hash, row.channel, asked, "add"),
                "evidence": proofs.get(row.contact_hash, asked.evidence),
            }
            for row in new
        ]
        c.execute(sa.insert(suppression_events), events)
    hashes = [row["contact_hash"] for row in rows]
    if asked.door == COMPLAINT:
        _not_only_asked(c, hashes, asked)
    if asked.door not in _NOT_THEIR_WORD:
        _said_again(c, hashes, asked)
    return len(new), withdraw(c, hashes, at=asked.at)


def _not_only_asked(c: sa.Connection, hashes: Sequence[str], asked: Asked) -> None:
    """A provider tells of one press of "spam" twice, as a complaint and as a wish, in any order: it is a complaint."""
    s = suppressions.c
    told = (s.contact_hash.in_(hashes), s.scope == asked.scope.value, s.door == "provider", s.reason == "asked")
    c.execute(sa.update(suppressions).where(*told).values(reason=asked.reason, door=asked.door))


def _widened(c: sa.Connection) -> Any:
    """A new row, or more than the one that stands says."""
    s, insert = suppressions.c, dialect_insert(c, suppressions)
    said = insert.excluded
    changed = {name: said[name] for name in ("reason", "door", "evidence", "since", "until")}
    changed["last_said"] = sa.case((said.last_said > s.last_said, said.last_said), else_=s.last_said)
    widens = sa.and_(s.until.is_not(None), sa.or_(said.until.is_(None), said.until > s.until))
    keys = ["contact_hash", "channel", "scope"]
    return insert.on_conflict_do_update(index_elements=keys, set_=changed, where=widens)


def _said_again(c: sa.Connection, hashes: Sequence[str], asked: Asked) -> None:
    """No second record of what stands already (respect.md 3); but it counts against answers to what came before."""
    s = suppressions.c
    where = (s.contact_hash.in_(hashes), s.scope == asked.scope.value, s.last_said < asked.at)
    c.execute(sa.update(suppressions).where(*where).values(last_said=asked.at))


def _suppression(channel: Channel, address: str, asked: Asked) -> dict[str, Any]:
    return {
        "contact_hash": address,
        "channel": channel.value,
        "scope": asked.scope.value,
        "reason": asked.reason,
        "door": asked.door,
        "evidence": asked.evidence,
        "since": asked.since,
        "until": asked.until,
    }


def _event(address: str, channel: str, asked: Asked, action: str) -> dict[str, Any]:
    return {
        "contact_hash": address,
        "channel": channel,
        "scope": asked.scope.value,
        "action": action,
        "reason": asked.reason,
        "door": asked.door,
        "evidence": asked.evidence,
        "until": asked.until,
        "at": asked.since,
    }


def withdraw(c: sa.Connection, hashes: Sequence[str], *, at: datetime) -> int:
    """Waiting messages to these addresses, or to customers who have them, become `suppressed`.

    Each of both by its own index: of an OR with a subquery in it PostgreSQL reads every message there ever was.
    """
    theirs = sa.select(contact_points.c.customer_id).where(contact_points.c.address_hash.in_(hashes))
    one, other = outbox.alias(), outbox.alias()
    to_them = sa.select(one.c.id).where(one.c.contact_hash.in_(hashes))
    of_them = sa.select(other.c.id).where(other.c.customer_id.in_(theirs))
    about = outbox.c.id.in_(sa.union(to_them, of_them))
    gone = {"state": MessageState.SUPPRESSED.value, "because": "asked not to be written to", "updated_at": at}
    where = (outbox.c.state.in_(WAITING), about, asked_not_to())
    return c.execute(sa.update(outbox).where(*where).values(gone)).rowcount


def lift(c: sa.Connection, addresses: Iterable[tuple[Channel, str]], asked: Asked) -> int:
    """Undo every wish at these addresses, by the person's own word; the ledger keeps both. Returns how many ended."""
    pairs = list(dict.fromkeys(addresses))
    hashes = [address for _, address in pairs]
    where = (suppressions.c.contact_hash.in_(hashes), suppressions.c.scope != Scope.ADDRESS.value)
    ended = list(c.execute(sa.delete(suppressions).where(*where).returning(*suppressions.primary_key)))
    if ended:
        events = [{**_event(r.contact_hash, r.channel, asked, "undo"), "scope": r.scope} for r in ended]
        c.execute(sa.insert(suppression_events), events)
    return len(ended)


def standing(c: sa.Connection, hashes: Sequence[str]) -> list[Any]:
    """Suppressions under these address hashes."""
    return list(c.execute(sa.select(suppressions).where(suppressions.c.contact_hash.in_(hashes))))


def shut(c: sa.Connection, hashes: Sequence[str]) -> set[tuple[str, str]]:
    """{(address hash, channel)} that a wish closes wholly, for good."""
    found = set()
    for row in standing(c, hashes):
        if row.until is None and row.scope in (Scope.EVERYTHING.value, Scope.EMAIL.value, Scope.TEXT.value):
            closed = [each.value for each in Channel] if row.scope == Scope.EVERYTHING.value else [row.scope]
            found |= {(row.contact_hash, channel) for channel in closed}
    return found


def every(c: sa.Connection, *, limit: int) -> list[Any]:
    """The newest suppressions with the customer they belong to, when one is known."""
    s, p = suppressions, contact_points
    name = sa.select(sa.func.min(p.c.customer_id)).where(p.c.address_hash == s.c.contact_hash).scalar_subquery()
    query = sa.select(s, customers.c.key.label("customer"), customers.c.first_name, customers.c.last_name)
    joined = query.select_from(s.outerjoin(customers, customers.c.id == name))
    return list(c.execute(joined.order_by(s.c.since.desc(), s.c.contact_hash).limit(limit)))


def count(c: sa.Connection) -> int:
    """How many addresses stand under a wish."""
    distinct = sa.func.count(sa.distinct(suppressions.c.contact_hash))
    return c.execute(sa.select(distinct)).scalar_one()


def points_of(c: sa.Connection, customer_id: int) -> list[Any]:
    """Every address a customer has or had."""
    where = contact_points.c.customer_id == customer_id
    return list(c.execute(sa.select(contact_points).where(where).order_by(contact_points.c.id)))


def find_customer(c: sa.Connection, word: str, hashes: Sequence[str]) -> list[Any]:
    """Customers meant by a word: their key, an order's key, or an address (given as its hashes)."""
    by_order = sa.select(orders.c.customer_id).where(orders.c.key == word)
    by_address = sa.select(contact_points.c.customer_id).where(contact_points.c.address_hash.in_(hashes))
    named = customers.alias()
    by_key = sa.select(named.c.id).where(named.c.key == word)
    meant = customers.c.id.in_(sa.union(by_key, by_order, by_address))
    return list(c.execute(sa.select(customers).where(meant).order_by(customers.c.id).limit(20)))


def written_since(c: sa.Connection, customer_id: int, since: datetime) -> int:
    """How many of our messages left for this customer after a moment: what "we have not written since" rests on."""
    states = [s.value for s in COUNTED_STATES if s.value not in WAITING]
    where = (outbox.c.customer_id == customer_id, outbox.c.state.in_(states), outbox.c.updated_at > since)
    return c.execute(sa.select(sa.func.count()).select_from(outbox).where(*where)).scalar_one()
