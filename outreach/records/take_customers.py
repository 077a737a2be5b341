"""How does a batch of customer records become customers, addresses and words of consent?"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from outreach.core.addresses import address_hash
from outreach.core.consent_record import Before, Effect, Said, effect, said_at
from outreach.core.terms import Channel, LegalClass
from outreach.records.fields import RecordKind
from outreach.records.forgotten import as_remembered, forgotten, nameless
from outreach.records.reading import Record
from outreach.records.taking import Intake, Taken, day, pick
from outreach.store.intake import Row
from outreach.store.intake_consent import LedgerKey, Withdrawn, add_events, ledger, suppressed, withdrawn
from outreach.store.intake_customers import (
    Point,
    erased_hashes,
    known_hashes,
    living_at,
    put_customers,
    put_points,
    sort_customers,
)
from outreach.store.wishes import withdraw

_COLUMNS = {name: name for name in ("first_name", "last_name", "country", "state", "city", "language", "zone")}
_ADDRESSES = {"email": Channel.EMAIL, "phone": Channel.TEXT}
_CONSENT = {
    "email_service": (Channel.EMAIL, LegalClass.SERVICE),
    "email_marketing": (Channel.EMAIL, LegalClass.MARKETING),
    "text_service": (Channel.TEXT, LegalClass.SERVICE),
    "text_marketing": (Channel.TEXT, LegalClass.MARKETING),
}


def take_customers(connection: sa.Connection, batch: Sequence[Record], intake: Intake) -> Taken:
    """Sort, write, and add to the ledger. Unchanged customers cost two look-ups and no write."""
    batch = as_remembered(connection, batch, intake.pepper)
    found = sort_customers(connection, [_row(record) for record in batch])
    taken = Taken(found.new, found.changed, found.unchanged)
    writing = {row["key"] for row in found.write}
    records = [record for record in batch if record.values["customer"] in writing]
    points = _points(connection, records, intake)
    stored_ids = {key: row.id for key, row in found.stored.items()}
    living = [point for point in points if point.address is not None]
    events = _Ledger(connection, intake, stored_ids).events(records, living, taken)
    for record in batch:
        intake.accept(RecordKind.CUSTOMERS, record.values["customer"])
    if intake.check:
        return taken
    erased = forgotten(records, [point for point in points if point.customer_key not in stored_ids])
    names = nameless(connection, found.write, erased, intake)
    ids = put_customers(connection, found.write)
    channels = [channel.value for name, channel in _ADDRESSES.items() if name in intake.source.mapping.columns]
    pairs = [(ids[names.get(point.customer_key, point.customer_key)], point) for point in points]
    put_points(connection, list(ids.values()), channels, pairs, at=intake.now)
    add_events(connection, events)
    withdraw(connection, [e["contact_hash"] for e in events if e["action"] == "withdraw"], at=intake.now)
    return taken


def _row(record: Record) -> Row:
    row = {"key": record.values["customer"], "record_sha": record.sha, **pick(record.values, _COLUMNS)}
    if "since_on" in record.values:
        row["since_on"] = day(record.values["since_on"])
    return row


def _points(connection: sa.Connection, records: Sequence[Record], intake: Intake) -> list[Point]:
    """The addresses of these records; of those that somebody asked us to erase, the hash alone.

    Whoever shares such an address keeps it.
    """
    points = []
    for record in records:
        for name, channel in _ADDRESSES.items():
            address = record.values.get(name)
            if address is not None:
                hashed = address_hash(intake.pepper, channel, address)
                points.append(Point(record.values["customer"], channel.value, address, hashed))
    erased = erased_hashes(connection, {point.address_hash for point in points})
    if not erased:
        return points
    keep = living_at(connection, {point.customer_key for point in points}, erased)
    return [
        replace(point, address=None)
        if point.address_hash in erased and (point.customer_key, point.address_hash) not in keep
        else point
        for point in points
    ]


class _Ledger:
    """What these records add to the ledger, each seeing what the one before it added."""

    def __init__(self, connection: sa.Connection, intake: Intake, stored_ids: dict[str, int]) -> None:
        self._connection = connection
        self._intake = intake
        self._ids = stored_ids
        self._before: dict[LedgerKey, Before] = {}
        self._known: set[str] = set()
        self._suppressed: set[tuple[str, str]] = set()
        self._withdrawn: set[Withdrawn] = set()

    def events(self, records: Sequence[Record], points: Sequence[Point], taken: Taken) -> list[Row]:
        """The new rows; counts them in `taken`."""
        if not any(name in self._intake.source.mapping.columns for name in _CONSENT):
            return []
        hashes = {point.address_hash for point in points}
        self._before = ledger(self._connection, hashes)
        self._known = known_hashes(self._connection, hashes)
        self._suppressed = suppressed(self._connection, hashes)
        self._withdrawn = withdrawn(self._connection, set(self._ids.values()))
        by_key = {record.values["customer"]: record for record in records}
        rows = []
        for point in points:
            record = by_key[point.customer_key]
            for name, (channel, level) in _CONSENT.items():
                yes = record.values.get(name)
                if yes is not None and channel == point.channel:
                    rows.extend(self._said(record, point, (level, yes), taken))
        return rows

    def _said(self, record: Record, point: Point, word: tuple[LegalClass, bool], taken: Taken) -> list[Row]:
        level, yes = word
        values = record.values
        said = Said(yes, self._intake.instant(values.get("consent_at")), values.get("consent_source"))
        key = (point.channel, level.value, point.address_hash)
        before = self._before.get(key) or Before(closed=self._is_closed(point, level))
        came_to = effect(said, before, now=self._intake.now)
        taken.grants += came_to is Effect.GRANT
        taken.withdrawals += came_to is Effect.WITHDRAW
        taken.without_evidence += came_to is Effect.NO_EVIDENCE
        taken.not_widened += came_to is Effect.NOT_WIDENED
        if came_to not in {Effect.GRANT, Effect.WITHDRAW}:
            return []
        at = said_at(said, before, self._intake.now)
        self._before[key] = Before(came_to is Effect.GRANT, at)
        row: dict[str, Any] = {
            "contact_hash": point.address_hash,
            "channel": point.channel,
            "level": level.value,
            "action": came_to.value,
            "source": said.source or "import",
            "evidence": f"{self._intake.source.table.name}:{record.line}",
            "at": at,
            "recorded_at": self._intake.now,
        }
        return [row]

    def _is_closed(self, point: Point, level: LegalClass) -> bool:
        """Only an unknown contact's first record may grant; a later import may only narrow (settled 20)."""
        id_ = self._ids.get(point.customer_key)
        gone = id_ is not None and Withdrawn(id_, point.channel, level.value) in self._withdrawn
        return gone or point.address_hash in self._known or (point.channel, point.address_hash) in self._suppressed
