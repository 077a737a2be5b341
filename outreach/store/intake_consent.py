"""What did the ledger of consent say before this import, and how is it added to?"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

import sqlalchemy as sa

from outreach.core.consent_record import Before
from outreach.store.among import among
from outreach.store.bulk import put
from outreach.store.contacts import consent_events, contact_points, suppressions
from outreach.store.intake import Row

#: channel, level, address hash.
LedgerKey = tuple[str, str, str]


class Withdrawn(NamedTuple):
    """A customer whose last word on one of their addresses was a withdrawal."""

    customer_id: int
    channel: str
    level: str


def ledger(connection: sa.Connection, hashes: Collection[str]) -> dict[LedgerKey, Before]:
    """The last event per address, channel and level (ix_consent_event_contact_hash)."""
    c = consent_events.c
    asked = (
        sa.select(c.channel, c.level, c.contact_hash, c.action, c.at)
        .where(among(c.contact_hash, hashes))
        .order_by(c.at, c.action, c.id)  # at the same instant "withdraw" comes after "grant" and so stands
    )
    return {
        (channel, level, hash_): Before(action == "grant", at)
        for channel, level, hash_, action, at in connection.execute(asked)
    }


def suppressed(connection: sa.Connection, hashes: Collection[str]) -> set[tuple[str, str]]:
    """(channel, address hash) of those addresses that stand under any suppression."""
    c = suppressions.c
    asked = sa.select(c.channel, c.contact_hash).where(among(c.contact_hash, hashes))
    return {(channel, hash_) for channel, hash_ in connection.execute(asked)}


def withdrawn(connection: sa.Connection, customer_ids: Collection[int]) -> set[Withdrawn]:
    """Where these customers have withdrawn on any address they ever had: a new address does not undo that."""
    p, e = contact_points.c, consent_events.c
    asked = (
        sa.select(p.customer_id, e.channel, e.level, e.contact_hash, e.action)
        .join_from(contact_points, consent_events, (e.contact_hash == p.address_hash) & (e.channel == p.channel))
        .where(among(p.customer_id, customer_ids))
        .order_by(e.at, e.action, e.id)
    )
    last = {(id_, channel, level, hash_): action for id_, channel, level, hash_, action in connection.execute(asked)}
    return {Withdrawn(id_, channel, level) for (id_, channel, level, _), act in last.items() if act == "withdraw"}


def add_events(connection: sa.Connection, events: Sequence[Row]) -> None:
    """Append to the ledger."""
    if events:
        columns = list(events[0])
        rows = [tuple([event[name] for name in columns]) for event in events]
        put(connection, consent_events, columns=columns, rows=rows, same={})
