"""How does a batch of order records become orders, each with the promise that was made first?"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from outreach.core.promise_record import Named, Promise, promise
from outreach.records.fields import RecordKind
from outreach.records.forgotten import as_remembered
from outreach.records.reading import Record
from outreach.records.taking import Intake, Taken, day, pick
from outreach.records.words import is_cancelled
from outreach.store.intake import Row, Sorted, ids_by_key
from outreach.store.intake_orders import complete_orders, put_orders, put_plain_promises, put_promises, sort_orders
from outreach.store.shop import customers

_COLUMNS = {name: name for name in ("status", "carrier", "late_reason", "remedy_text")}
_TIMES = (("placed_at", "placed_on"), ("shipped_at", "shipped_on"), ("delivered_at", "delivered_on"))
_PROMISE_FIELDS = {"promised_on", "new_date", "customer_moved_to"}


def take_orders(connection: sa.Connection, batch: Sequence[Record], intake: Intake) -> Taken:
    """Refuse orders of unknown customers; sort and write the rest, and their first promises."""
    batch = as_remembered(connection, batch, intake.pepper)
    ids = ids_by_key(connection, customers, {record.values["customer"] for record in batch})
    taken = Taken()
    good = []
    for record in batch:
        key = record.values["customer"]
        if key in ids or intake.has_accepted(RecordKind.CUSTOMERS, key):
            good.append(record)
            intake.accept(RecordKind.ORDERS, record.values["order"])
        else:
            taken.rejects.append(intake.reject(record, "customer", f'"{key}" is not a customer we know'))
    found = sort_orders(connection, [_row(record, ids) for record in good])
    taken.new, taken.changed, taken.unchanged = found.new, found.changed, found.unchanged
    if not intake.check and found.write:
        _write(connection, found, {record.values["order"]: record for record in good}, intake)
    return taken


def _write(connection: sa.Connection, found: Sorted, records: dict[str, Record], intake: Intake) -> None:
    for row in found.write:
        row.update(_promise(records[row["key"]], found.stored.get(row["key"])))
    put_orders(connection, found.write)
    written = [row["key"] for row in found.write if row["key"] in found.stored]
    complete_orders(connection, [found.stored[key].id for key in written])
    plain, told = [], []
    for row in found.write:
        named, before = records[row["key"]].values.get("promised_on"), found.stored.get(row["key"])
        if named is not None and before is None and named.at is None:
            plain.append(row["key"])
        elif named is not None and (before is None or before.promised_on is None):
            made_on = row["placed_on"] if before is None else intake.today
            told.append((row["key"], named.on, named.at, made_on))
    source = intake.source.table.name
    put_plain_promises(connection, plain, source=source)
    put_promises(connection, told, source=source)


def _promise(record: Record, before: Any) -> Row:
    """The promise columns; none of them when the file names no such dates."""
    values = record.values
    if not _PROMISE_FIELDS & values.keys():
        return {}
    named = Named(
        promised_on=day(values.get("promised_on")),
        new_date=day(values.get("new_date")),
        moved_to=day(values.get("customer_moved_to")),
        says_new_date="new_date" in values,
        says_moved_to="customer_moved_to" in values,
    )
    old = Promise() if before is None else Promise(before.promised_on, before.due_on, before.new_date)
    new = promise(old, named)
    return {"promised_on": new.promised_on, "due_on": new.due_on, "new_date": new.new_date}


def _row(record: Record, ids: dict[str, int]) -> Row:
    values = record.values
    row = {
        "key": values["order"],
        "customer_id": ids.get(values["customer"]),
        "record_sha": record.sha,
        **pick(values, _COLUMNS),
    }
    for at, on in _TIMES:
        if at in values:
            moment = values[at]
            row[at], row[on] = (moment.at, moment.on) if moment else (None, None)
    if "delivered_at" in values:
        row["complete_on"] = row["delivered_on"]  # an order without lines; `complete_orders` asks the lines
    if "returned_on" in values:
        row["returned_on"] = day(values["returned_on"])
    if "remedy_amount" in values:
        remedy = values["remedy_amount"]
        row["remedy_minor"], row["remedy_currency"] = (remedy.minor, remedy.currency) if remedy else (None, None)
    row.update(_cancelled(values))
    return row


def _cancelled(values: dict[str, Any]) -> Row:
    """A word or a day that says so; without a day it counts as cancelled always (settled 2)."""
    if not {"status", "cancelled", "cancelled_on"} & values.keys():
        return {}
    on = day(values.get("cancelled_on"))
    return {
        "cancelled": bool(values.get("cancelled")) or on is not None or is_cancelled(values.get("status")),
        "cancelled_on": on,
    }
