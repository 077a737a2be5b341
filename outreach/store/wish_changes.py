"""How is a wish taken back, in part or as it was, by the person's own word? The ledger keeps every step."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from outreach.core.inbound import Told
from outreach.core.terms import Channel, LegalClass, Scope
from outreach.core.wish_ledger import Entry, without
from outreach.store.among import among
from outreach.store.contacts import consent_events, contact_points, suppression_events, suppressions
from outreach.store.inbox_schema import inbox_events, parting_words
from outreach.store.types import Utc
from outreach.store.wishes import Asked


class Key(NamedTuple):
    """What one suppression is of."""

    contact_hash: str
    channel: str
    scope: str


def lift(c: sa.Connection, hashes: Sequence[str], scopes: Iterable[Scope], asked: Asked) -> int:
    """End these wishes, and no other, at these addresses. Returns how many ended."""
    s = suppressions.c
    where = (s.contact_hash.in_(hashes), s.scope.in_([scope.value for scope in scopes]))
    gone = sa.delete(suppressions).where(*where).returning(s.contact_hash, s.channel, s.scope)
    ended = [Key(*row) for row in c.execute(gone)]
    if ended:
        c.execute(sa.insert(suppression_events), [_event(key, asked, "undo", None) for key in ended])
    return len(ended)


def another_s(c: sa.Connection, customer_ids: Collection[int], hashes: Sequence[str]) -> set[str]:
    """Those of these addresses that these customers had once, and that somebody else has now: theirs is not the word
    that opens them. Carried by ix_contact_point_address_hash."""
    p = contact_points.c
    in_use = (among(p.address_hash, hashes), p.current, p.erased_at.is_(None))
    found = list(c.execute(sa.select(p.address_hash, p.customer_id).where(*in_use)))
    own = {address for address, customer_id in found if customer_id in customer_ids}
    return {address for address, _ in found} - own if customer_ids else set()


def said_yes(
    c: sa.Connection, points: Iterable[tuple[Channel, str]], levels: Iterable[LegalClass], asked: Asked
) -> None:
    """Record what they agreed to. `asked.evidence`: the words they chose."""
    rows = [
        {
            "contact_hash": address,
            "channel": channel.value,
            "level": level.value,
            "action": "grant",
            "source": asked.door,
            "evidence": asked.evidence,
            "at": asked.at,
            "recorded_at": asked.at,
        }
        for channel, address in dict.fromkeys(points)
        for level in levels
    ]
    if rows:
        c.execute(sa.insert(consent_events), rows)


def last_stop(c: sa.Connection, hashes: Sequence[str], *, door: str) -> datetime | None:
    """When they asked by this door for silence for good, if that was the last they asked for; primary key.

    Whatever was asked later, at any of these addresses, does not go with it. A bounce asks for nothing.
    """
    s = suppressions.c
    where = (s.contact_hash.in_(hashes), s.scope != Scope.ADDRESS.value)
    last = c.execute(sa.select(suppressions).where(*where).order_by(s.last_said.desc()).limit(1)).one_or_none()
    stopped: datetime | None = c.execute(
        sa.select(sa.func.max(s.since, type_=Utc())).where(
            *where, s.scope == Scope.EVERYTHING.value, s.door == door, s.until.is_(None)
        )
    ).scalar()
    if last is None or stopped is None or last.last_said > stopped or _unsubscribed_since(c, hashes, stopped):
        return None
    return stopped


def _unsubscribed_since(c: sa.Connection, hashes: Sequence[str], at: datetime) -> bool:
    """Whether a provider told of a wish after a moment: it may tell of it long afterwards, so no answer waits on it."""
    e = inbox_events.c
    where = (e.contact_hash.in_(hashes), e.received_at > at, e.kind == Told.UNSUBSCRIBED.value)
    return c.execute(sa.select(e.id).where(*where).limit(1)).first() is not None


def last_back(c: sa.Connection, hashes: Sequence[str]) -> dict[str, datetime]:
    """{address hash: when its owner last took a wish back by their own word}; index on contact_hash."""
    e = suppression_events.c
    newest = sa.func.max(e.at, type_=Utc())
    query = sa.select(e.contact_hash, newest).where(among(e.contact_hash, hashes), e.action == "undo")
    return {row[0]: row[1] for row in c.execute(query.group_by(e.contact_hash))}


def put_back(c: sa.Connection, hashes: Sequence[str], stopped_at: datetime, asked: Asked) -> int:
    """As if the wish taken by this door at this moment had never been said. Returns how many suppressions changed."""
    ledger = _ledger(c, hashes)
    of_then = [key for key, row in _standing(c, hashes) if (row.door, row.since) == (asked.door, stopped_at)]
    for key in of_then:
        _replace(c, key, without(ledger[key], (stopped_at,), door=asked.door), asked)
    return len(of_then)


def _standing(c: sa.Connection, hashes: Sequence[str]) -> list[tuple[Key, Any]]:
    rows = c.execute(sa.select(suppressions).where(suppressions.c.contact_hash.in_(hashes)))
    return [(Key(row.contact_hash, row.channel, row.scope), row) for row in rows]


def _ledger(c: sa.Connection, hashes: Sequence[str]) -> dict[Key, list[Entry]]:
    """Every line under these addresses, oldest first; index on contact_hash."""
    e = suppression_events.c
    found: dict[Key, list[Entry]] = defaultdict(list)
    for row in c.execute(sa.select(suppression_events).where(e.contact_hash.in_(hashes)).order_by(e.id)):
        entry = Entry(row.action == "add", row.reason, row.door, row.evidence, row.at, row.until)
        found[Key(row.contact_hash, row.channel, row.scope)].append(entry)
    return found


def _replace(c: sa.Connection, key: Key, before: Entry | None, asked: Asked) -> None:
    """What stood before stands again with its own date, door and words, in the ledger too."""
    s = suppressions.c
    theirs = (s.contact_hash == key.contact_hash, s.channel == key.channel, s.scope == key.scope)
    events = [_event(key, asked, "undo", None)]
    if before is None:
        c.execute(sa.delete(suppressions).where(*theirs))
    else:
        again = {"reason": before.reason, "door": before.door, "evidence": before.evidence, "until": before.until}
        c.execute(sa.update(suppressions).where(*theirs).values(**again, since=before.at, last_said=before.at))
        events.append({**key._asdict(), "action": "add", **again, "at": before.at})
    c.execute(sa.insert(suppression_events), events)


def _event(key: Key, asked: Asked, action: str, until: date | None) -> dict[str, Any]:
    return {
        **key._asdict(),
        "action": action,
        "reason": asked.reason,
        "door": asked.door,
        "evidence": asked.evidence,
        "until": until,
        "at": asked.at,
    }


def keep_parting_word(c: sa.Connection, who: tuple[int, str], said: tuple[str, str | None], *, at: datetime) -> None:
    """Why they left. `who`: customer and the address hash of their link; `said`: reason and their own words."""
    customer_id, address = who
    reason, words = said
    row = {"customer_id": customer_id, "contact_hash": address, "reason": reason, "words": words, "at": at}
    c.execute(sa.insert(parting_words).values(**row))
