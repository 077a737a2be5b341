"""Which files does an invented shop hand over, with which columns?"""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

CUSTOMER_COLUMNS = (
    "customer",
    "first_name",
    "last_name",
    "email",
    "phone",
    "country",
    "state",
    "city",
    "language",
    "time_zone",
    "email_marketing",
    "text_service",
    "text_marketing",
    "consent_at",
    "consent_source",
)
PRODUCT_COLUMNS = (
    "product",
    "name",
    "released_on",
    "successor",
    "in_stock",
    "price",
    "currency",
    "what_changed",
    "not_changed",
    "keep_if",
    "link",
    "care_title",
    "care_text",
    "care_link",
    "supported_until",
)
ORDER_COLUMNS = (
    "order",
    "customer",
    "placed_at",
    "promised_on",
    "shipped_on",
    "delivered_at",
    "status",
    "returned_on",
    "carrier",
    "late_reason",
)
LINE_COLUMNS = ("order", "line", "product", "quantity", "price", "currency")


@dataclass(frozen=True, slots=True)
class ShopFiles:
    """Where the files are, and how much is in them."""

    customers: Path
    products: Path
    orders: Path
    order_lines: Path
    customer_count: int
    country_count: int
    order_count: int
    newer_models: int

    @property
    def paths(self) -> tuple[Path, ...]:
        """All four, in the order of an import."""
        return (self.customers, self.products, self.orders, self.order_lines)


def write_rows(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Path:
    """One CSV file, UTF-8, written row by row: `rows` may be a stream."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
    return path
