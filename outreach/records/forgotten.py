"""Is this the record of somebody we were asked to forget? Then it goes in as it stands here: a key, hashes, no name.

The same key is known as it is, or by its hash where the key was their address or name. Under another key they are known
by their addresses: a new record all of whose addresses were erased is theirs. One that has another address as well may
be somebody who shares theirs: it goes in with its name, without the erased address, and is left alone by their wish.
"""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from outreach.core.proofs import is_their_address, key_hashed
from outreach.records.reading import Record
from outreach.records.taking import Intake
from outreach.store import audits
from outreach.store.forgetting_proofs import RENAMED
from outreach.store.intake import Row, ids_by_key
from outreach.store.intake_customers import Point
from outreach.store.shop import customers

_KEPT = frozenset({"key", "record_sha"})


def as_remembered(connection: sa.Connection, batch: Sequence[Record], pepper: bytes) -> Sequence[Record]:
    """The same records; those of people whose key was hashed, under that hash. One look-up where nobody's was."""
    if audits.declared(connection, RENAMED) is None:
        return batch
    hashed = {key: key_hashed(pepper, key) for key in {record.values["customer"] for record in batch}}
    known = ids_by_key(connection, customers, set(hashed.values()))
    return [
        record._replace(values={**record.values, "customer": new})
        if (new := hashed[record.values["customer"]]) in known
        else record
        for record in batch
    ]


def forgotten(records: Sequence[Record], points: Sequence[Point]) -> dict[str, list[str]]:
    """Of these new customers those all of whose addresses were erased, with the addresses as the record has them."""
    living = {point.customer_key for point in points if point.address is not None}
    theirs = {point.customer_key for point in points} - living
    said = {record.values["customer"]: record.values for record in records}
    return {key: [said[key][name] for name in ("email", "phone") if said[key].get(name)] for key in theirs}


def nameless(
    connection: sa.Connection, rows: Sequence[Row], erased: Mapping[str, list[str]], intake: Intake
) -> dict[str, str]:
    """Empty the rows of these new customers before they are written; a key that is an address becomes its hash.

    Returns {key: the key it is written under} of those.
    """
    names: dict[str, str] = {}
    if not erased:
        return names
    for row in rows:
        key = row["key"]
        row["erased_at"] = intake.now if key in erased else None
        if key in erased:
            row.update(dict.fromkeys(row.keys() - _KEPT - {"erased_at"}))
            if is_their_address(key, erased[key]):
                row["key"] = names[key] = key_hashed(intake.pepper, key)
                audits.declare(connection, RENAMED, "yes")
    return names
