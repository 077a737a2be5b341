"""How does a batch of order lines become what was bought, and which orders are complete by it?"""

from collections.abc import Sequence

import sqlalchemy as sa

from outreach.records.fields import RecordKind
from outreach.records.reading import Record, Reject
from outreach.records.taking import Intake, Taken, day
from outreach.store.intake import Row, ids_by_key
from outreach.store.intake_lines import put_lines, sort_lines
from outreach.store.intake_orders import complete_orders
from outreach.store.shop import orders, products


def take_lines(connection: sa.Connection, batch: Sequence[Record], intake: Intake) -> Taken:
    """Refuse lines of unknown orders, and of unknown products without a name; write the rest; complete their orders."""
    order_ids = ids_by_key(connection, orders, {record.values["order"] for record in batch})
    named = {record.values.get("product") for record in batch} - {None}
    product_ids = ids_by_key(connection, products, {str(key) for key in named})
    taken = Taken()
    rows = []
    for record in batch:
        reject = _refused(record, order_ids, product_ids, intake)
        if reject is not None:
            taken.rejects.append(reject)
        elif record.values["order"] in order_ids:
            rows.append(_row(record, order_ids, product_ids))
        else:
            taken.new += 1  # a check: its order would be new
    found = sort_lines(connection, rows)
    taken.new, taken.changed, taken.unchanged = taken.new + found.new, found.changed, found.unchanged
    if not intake.check:
        put_lines(connection, found.write)
        complete_orders(connection, {row["order_id"] for row in found.write})
    return taken


def _refused(record: Record, order_ids: dict[str, int], product_ids: dict[str, int], intake: Intake) -> Reject | None:
    order, product = record.values["order"], record.values.get("product")
    if order not in order_ids and not intake.has_accepted(RecordKind.ORDERS, order):
        return intake.reject(record, "order", f'"{order}" is not an order we know')
    known = product is None or product in product_ids or intake.has_accepted(RecordKind.PRODUCTS, product)
    if not known and not record.values.get("name"):
        return intake.reject(record, "product", f'"{product}" is not in the catalogue, and the row has no name for it')
    return None


def _row(record: Record, order_ids: dict[str, int], product_ids: dict[str, int]) -> Row:
    values = record.values
    product_id = product_ids.get(values.get("product") or "")
    row: Row = {
        "order_id": order_ids[values["order"]],
        "number": values["number"],
        "product_id": product_id,
        # a line whose product was unknown is looked at again once the catalogue has it
        "record_sha": record.sha if product_id else f"{record.sha}?",
    }
    if "name" in values:
        row["name"] = None if product_id else values["name"]
    if "quantity" in values:
        row["quantity"] = 1 if values["quantity"] is None else values["quantity"]
    for name in ("delivered_on", "returned_on"):
        if name in values:
            row[name] = day(values[name])
    return row
