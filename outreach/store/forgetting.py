"""What does this database know of one person, and how is it emptied? Rows stay, hashed and nameless; words go.

The order keys, dates and products stay: they are the shop's books, and no name or address stands in them. What keeps a
later import from bringing anybody back is `contact_point.address_hash` with `erased_at`, and `customer.erased_at`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from outreach.core.terms import Channel, MessageState
from outreach.store.contacts import contact_points, holds
from outreach.store.forwards import Forward
from outreach.store.inbox_schema import (
    conversations,
    delivery_answers,
    forwards,
    inbox_events,
    parting_words,
    replies,
)
from outreach.store.schema import attempts, audits, candidates, contents, decisions, outbox
from outreach.store.shop import customers, orders
from outreach.store.wishes import WAITING

ERASED = "erased"
_CUSTOMER = ("first_name", "last_name", "language", "country", "state", "city", "zone", "since_on")


@dataclass(frozen=True, slots=True)
class Somebody:
    """Whom we are to forget. `customer_id` None: nobody in the records, only an address.

    `points`: (channel, address hash) of every address they have or had; `own`: hashes nobody else lives at;
    `said`: their addresses, key and names as the database still has them.
    """

    customer_id: int | None
    key: str | None
    points: tuple[tuple[Channel, str], ...]
    own: tuple[str, ...]
    addresses: tuple[str, ...]
    names: tuple[str, ...]
    erased: bool

    @property
    def hashes(self) -> list[str]:
        return [h for _, h in self.points]


@dataclass(frozen=True, slots=True)
class Part:
    """What is emptied in one table: `what` it is to people, whose rows, and what each column holds afterwards."""

    what: str
    table: sa.Table
    whose: sa.ColumnElement[bool]
    values: dict[str, Any]

    @property
    def left(self) -> sa.ColumnElement[bool]:
        """Rows in which something still stands."""
        return sa.and_(self.whose, sa.or_(*(_holds(self.table.c[name], to) for name, to in self.values.items())))


def _holds(column: sa.ColumnElement[Any], emptied: Any) -> sa.ColumnElement[bool]:
    if isinstance(emptied, datetime):  # stamped beside what is emptied
        return column.is_(None)
    if emptied is None:
        return column.is_not(None)
    return sa.cast(column, sa.Text) != ("{}" if emptied == {} else emptied)


def somebody(c: sa.Connection, row: Any) -> Somebody:
    """A customer with what stands of them. `row`: of customer."""
    p, other = contact_points.c, contact_points.alias()
    living = sa.select(sa.literal(1)).where(
        other.c.address_hash == p.address_hash, other.c.customer_id != row.id, other.c.erased_at.is_(None)
    )
    shared = living.correlate(contact_points).exists().label("shared")
    query = sa.select(p.channel, p.address_hash, p.address, shared).where(p.customer_id == row.id).order_by(p.id)
    points = list(c.execute(query))
    return Somebody(
        customer_id=row.id,
        key=row.key,
        points=tuple((Channel(point.channel), point.address_hash) for point in points),
        own=tuple(point.address_hash for point in points if not point.shared),
        addresses=tuple(point.address for point in points if point.address and not point.shared),
        names=tuple(filter(None, (row.first_name, row.last_name))),
        erased=row.erased_at is not None,
    )


def living_with(c: sa.Connection, who: Somebody) -> list[str]:
    """Keys of customers who live at an address of theirs and keep it."""
    p = contact_points.c
    where = (p.address_hash.in_(who.hashes), p.erased_at.is_(None), p.customer_id != who.customer_id)
    query = sa.select(customers.c.key).join(contact_points, p.customer_id == customers.c.id).where(*where)
    return list(c.execute(query.distinct().order_by(customers.c.key)).scalars())


def end_waiting(c: sa.Connection, who: Somebody, *, at: datetime) -> int:
    """Whatever waits for them and no wish forbids, a safety notice too: there is no address left to send it to.

    A message in a provider's hands is left to its own end, which needs neither address nor words.
    """
    o = outbox.c
    gone = {"state": MessageState.SUPPRESSED.value, "because": ERASED, "updated_at": at}
    where = (o.state.in_(WAITING), o.customer_id == who.customer_id)
    return c.execute(sa.update(outbox).where(*where).values(gone)).rowcount if who.customer_id else 0


def close_conversations(c: sa.Connection, who: Somebody, *, at: datetime) -> int:
    """Nobody can be answered any more. Returns how many were open."""
    open_ = sa.update(conversations).where(_theirs(who, conversations), conversations.c.closed_at.is_(None))
    return c.execute(open_.values(closed_at=at, closed_by=ERASED)).rowcount


def parts(who: Somebody, *, at: datetime) -> Iterator[Part]:
    """All that is emptied, in the order it is done: what is found through another table goes before that."""
    id_ = -1 if who.customer_id is None else who.customer_id
    talks = sa.select(conversations.c.id).where(_theirs(who, conversations))
    messages = sa.select(outbox.c.id).where(outbox.c.customer_id == id_)
    in_talks = sa.select(replies.c.inbox_id).where(
        replies.c.conversation_id.in_(talks), replies.c.inbox_id.is_not(None)
    )
    sent_on = sa.select(forwards.c.inbox_id).where(forwards.c.conversation_id.in_(talks))
    i, f = inbox_events.c, forwards.c
    came = sa.or_(i.contact_hash.in_(who.own), i.outbox_id.in_(messages), i.id.in_(in_talks), i.id.in_(sent_on))
    inbox_ids = sa.select(i.id).where(came)
    waits = sa.and_(f.inbox_id.in_(inbox_ids), f.state == Forward.WAITING.value)
    done = {"body": None, "purged_at": at}
    nameless: dict[str, Any] = dict.fromkeys(_CUSTOMER)

    yield Part("mails waiting to go on to your mailbox", forwards, waits, {"state": Forward.REFUSED.value})
    yield Part("what providers and people sent us", inbox_events, came, {"raw": None})
    spoken = replies.c.conversation_id.in_(talks)
    yield Part("what was said", replies, spoken, {"words": None, "subject": None, "message_id": None})
    yield Part("what we noted", conversations, _theirs(who, conversations), {"did": None, "change": None})
    yield Part("words about a delivery", delivery_answers, delivery_answers.c.customer_id == id_, {"words": None})
    yield Part("parting words", parting_words, _theirs(who, parting_words), {"words": None})
    yield Part("words of messages", contents, contents.c.outbox_id.in_(messages), done)
    yield Part("answers to hand-overs", attempts, attempts.c.outbox_id.in_(messages), {"error": None})
    mine: dict[str, Any] = {"facts": {}, "last_error": None, "language": None}
    yield Part("messages' facts", outbox, outbox.c.customer_id == id_, mine)
    ended = sa.and_(outbox.c.customer_id == id_, outbox.c.state == MessageState.CANCELLED.value)
    yield Part("why messages were cancelled", outbox, ended, {"because": ERASED})
    yield Part("decisions' facts", decisions, decisions.c.customer_id == id_, {"facts": {}})
    yield Part("whom a night found", candidates, candidates.c.customer_id == id_, {"facts": {}})
    yield Part("holds' reasons", holds, holds.c.customer_id == id_, {"because": ERASED})
    yield Part("remarks on orders", orders, orders.c.customer_id == id_, {"late_reason": None, "remedy_text": None})
    yield Part("addresses", contact_points, contact_points.c.customer_id == id_, {"address": None, "erased_at": at})
    yield Part("names and places", customers, customers.c.id == id_, {**nameless, "erased_at": at})


def _theirs(who: Somebody, table: sa.Table) -> sa.ColumnElement[bool]:
    """Theirs by name; or nobody's by name, from an address that is theirs alone."""
    by_name = table.c.customer_id == (-1 if who.customer_id is None else who.customer_id)
    return sa.or_(by_name, sa.and_(table.c.customer_id.is_(None), table.c.contact_hash.in_(who.own)))


def count(c: sa.Connection, part: Part) -> int:
    """How many rows still hold something."""
    return c.execute(sa.select(sa.func.count()).select_from(part.table).where(part.left)).scalar_one()


def empty(c: sa.Connection, part: Part) -> int:
    """Empty them. Returns how many held something."""
    extra: dict[str, Any] = {}
    if part.table is contact_points:
        extra = {"current": False}
    elif part.table is customers:
        extra = {"record_sha": ""}
    return c.execute(sa.update(part.table).where(part.left).values({**part.values, **extra})).rowcount


def names_of_files(c: sa.Connection, who: Somebody) -> list[str]:
    """The names under which messages to them, mails of theirs that went on, and tests that show theirs lie in files."""
    if who.customer_id is None:
        return []
    talks = sa.select(conversations.c.id).where(_theirs(who, conversations))
    messages = c.execute(sa.select(outbox.c.id).where(outbox.c.customer_id == who.customer_id)).scalars()
    sent_on = c.execute(sa.select(forwards.c.id).where(forwards.c.conversation_id.in_(talks))).scalars()
    shown = audits.c.detail["as"].as_string() == who.key
    tests = c.execute(sa.select(audits.c.id).where(shown)).scalars()
    return [*(f"m-{i}" for i in messages), *(f"f-{i}" for i in sent_on), *(f"t-{i}" for i in tests)]


def in_hand(c: sa.Connection, who: Somebody) -> int:
    """Messages to them that are in a provider's hands this moment."""
    o = outbox.c
    where = (o.customer_id == who.customer_id, o.state == MessageState.HANDED.value)
    return c.execute(sa.select(sa.func.count()).select_from(outbox).where(*where)).scalar_one()


def back(c: sa.Connection, hashes: Sequence[str]) -> None:
    """They came back by their own word: the record may bring in again what it holds of them. Their wish is lifted."""
    p = contact_points.c
    theirs = sa.select(p.customer_id).where(p.address_hash.in_(hashes), p.erased_at.is_not(None))
    ids = list(c.execute(theirs).scalars())
    c.execute(sa.update(customers).where(customers.c.id.in_(ids)).values(erased_at=None))
    c.execute(sa.update(contact_points).where(p.customer_id.in_(ids)).values(erased_at=None))
