"""How do customers and their addresses go in? Set by set; an erased person stays erased."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from outreach.store.contacts import contact_points
from outreach.store.engine import dialect_insert
from outreach.store.intake import Row, Sorted, ids_by_key, sort, stored_by_key
from outreach.store.shop import customers


@dataclass(frozen=True, slots=True)
class Point:
    """One address of one customer, canonical, with the hash a wish is remembered by.

    `address` None: somebody asked us to erase it. The hash goes in all the same, so that their wish covers whoever the
    record says they are now.
    """

    customer_key: str
    channel: str
    address: str | None
    address_hash: str


def sort_customers(connection: sa.Connection, rows: Sequence[Row]) -> Sorted:
    """What is new or changed; an erased customer counts as unchanged, whatever the record says."""
    stored = stored_by_key(connection, customers, [row["key"] for row in rows], "erased_at")
    erased = {key for key, row in stored.items() if row.erased_at is not None}
    found = sort([row for row in rows if row["key"] not in erased], stored)
    kept = sum(1 for row in rows if row["key"] in erased)
    return Sorted(found.new, found.changed, found.unchanged + kept, found.write, stored)


def put_customers(connection: sa.Connection, rows: Sequence[Row]) -> dict[str, int]:
    """Write new and changed customers; a new one is a household alone until `join_households`. Returns key -> id."""
    if not rows:
        return {}
    upsert_rows = [{**row, "household_id": 0} for row in rows]
    insert = dialect_insert(connection, customers)
    changing = {name: insert.excluded[name] for name in rows[0] if name != "key"}
    connection.execute(
        insert.on_conflict_do_update(
            index_elements=["key"],
            set_=changing,
            where=(customers.c.record_sha != insert.excluded.record_sha) & customers.c.erased_at.is_(None),
        ),
        upsert_rows,
    )
    connection.execute(sa.update(customers).where(customers.c.household_id == 0).values(household_id=customers.c.id))
    return ids_by_key(connection, customers, [row["key"] for row in rows])


def erased_hashes(connection: sa.Connection, hashes: Collection[str]) -> set[str]:
    """Those of these addresses that somebody asked us to erase: a record does not bring them back."""
    c = contact_points.c
    asked = sa.select(c.address_hash).where(c.address_hash.in_(list(hashes)), c.erased_at.is_not(None))
    return set(connection.execute(asked).scalars())


def living_at(connection: sa.Connection, keys: Collection[str], hashes: Collection[str]) -> set[tuple[str, str]]:
    """(customer key, address hash): who shares an erased address, and keeps it."""
    c = contact_points.c
    joined = contact_points.join(customers, customers.c.id == c.customer_id)
    where = (c.address_hash.in_(list(hashes)), customers.c.key.in_(list(keys)), c.erased_at.is_(None))
    return {
        (key, hash_)
        for key, hash_ in connection.execute(
            sa.select(customers.c.key, c.address_hash).select_from(joined).where(*where)
        )
    }


def known_hashes(connection: sa.Connection, hashes: Collection[str]) -> set[str]:
    """Those of these addresses that some customer had before: no longer unknown, so a yes no longer counts."""
    c = contact_points.c
    return set(connection.execute(sa.select(c.address_hash).where(c.address_hash.in_(list(hashes)))).scalars())


def put_points(
    connection: sa.Connection,
    ids: Collection[int],
    channels: Collection[str],
    points: Sequence[tuple[int, Point]],
    *,
    at: datetime,
) -> None:
    """The addresses these customers have now on `channels`; what the record no longer names becomes current = false."""
    c = contact_points.c
    if ids and channels:
        connection.execute(
            sa.update(contact_points)
            .where(c.customer_id.in_(list(ids)), c.channel.in_(list(channels)), c.current)
            .values(current=False)
        )
    if not points:
        return
    insert = dialect_insert(connection, contact_points)
    statement = insert.on_conflict_do_update(
        index_elements=["customer_id", "channel", "address_hash"],
        set_={"current": insert.excluded.current, "address": insert.excluded.address},
        where=c.erased_at.is_(None),
    )
    connection.execute(
        statement,
        [
            {
                "customer_id": id_,
                "channel": point.channel,
                "address": point.address,
                "address_hash": point.address_hash,
                "current": point.address is not None,
                "erased_at": at if point.address is None else None,
            }
            for id_, point in points
        ],
    )
