"""How does a batch of product records become the catalogue, and which rows would go round in a ring?"""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from outreach.core.lineage import cycles
from outreach.records.fields import RecordKind
from outreach.records.reading import Reader, Record, Wrong
from outreach.records.taking import Intake, Taken, day, pick
from outreach.store.intake import Row
from outreach.store.intake_products import put_products, sort_products

_COLUMNS = {
    "name": "name",
    "successor": "successor_key",
    "in_stock": "in_stock",
    "what_changed": "what_changed",
    "not_changed": "not_changed",
    "keep_if": "keep_if",
    "link": "link",
    "care_title": "care_title",
    "care_text": "care_text",
    "care_link": "care_link",
}
_DAYS = ("released_on", "discontinued_on", "supported_until")


@dataclass(frozen=True, slots=True)
class Chains:
    """What the successors of a whole file come to: lines of rows in a ring, and of rows that name nobody we have."""

    rings: dict[int, str]
    unknown: frozenset[int]


def look_at_chains(reader: Reader, catalogue: dict[str, str | None]) -> Chains:
    """Read the file once for its successors. A row in a ring is refused, and the ring looked for again without it."""
    rows = {r.values["product"]: (r.line, r.values.get("successor")) for r in reader if isinstance(r, Record)}
    after = {**catalogue, **{key: next_ for key, (_, next_) in rows.items()}}
    unknown = frozenset(line for line, next_ in rows.values() if next_ is not None and next_ not in after)
    rings: dict[int, str] = {}
    while found := cycles(after):
        for ring in found:
            said = "goes round in a ring: " + " → ".join([*ring, ring[0]])
            for key in ring:
                if key in rows:
                    rings[rows.pop(key)[0]] = said
                    after[key] = catalogue.get(key)
    return Chains(rings, unknown)


def take_products(connection: sa.Connection, batch: Sequence[Record], intake: Intake, chains: Chains) -> Taken:
    """Refuse what goes round in a ring; sort and write the rest."""
    rejects = [intake.reject(r, "successor", chains.rings[r.line]) for r in batch if r.line in chains.rings]
    good = [record for record in batch if record.line not in chains.rings]
    found = sort_products(connection, [_row(record) for record in good])
    for record in good:
        intake.accept(RecordKind.PRODUCTS, record.values["product"])
    if not intake.check:
        put_products(connection, found, on=intake.today)
    return Taken(found.new, found.changed, found.unchanged, rejects)


def unknown_successor(record: Record, reader: Reader, chains: Chains) -> tuple[Wrong, ...]:
    """The warning of a row whose successor is not in the catalogue."""
    if record.line not in chains.unknown:
        return ()
    return (reader.wrong("successor", f'"{record.values["successor"]}" is not in the catalogue; the line ends here'),)


def _row(record: Record) -> Row:
    values = record.values
    row = {"key": values["product"], "record_sha": record.sha, **pick(values, _COLUMNS)}
    row.update({name: day(values[name]) for name in _DAYS if name in values})
    if "price" in values:
        price = values["price"]
        row.update(price_minor=price.minor if price else None, currency=price.currency if price else None)
    return row
