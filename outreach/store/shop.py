"""What do the purchase records look like? The tables a scan may read.

Days are the shop's local days (`shop.zone`), computed at import beside each instant; scans use days only.
Nothing a customer paid is stored: what is not there cannot be asked.
"""

from enum import StrEnum

import sqlalchemy as sa

from outreach.store.types import Json, Key, Utc, days_between, metadata, plus_days, whole

__all__ = [
    "Need",
    "customers",
    "days_between",
    "order_lines",
    "orders",
    "plus_days",
    "product_prices",
    "products",
    "promises",
    "whole",
]


class Need(StrEnum):
    """What a scan asks of the records before it may run; `store.gaps` looks, and names gap and mend."""

    DELIVERED = "delivered"  # orders say on which day they arrived
    PROMISED = "promised"  # orders say for when they were promised
    TRACKED = "tracked"  # nearly every order shipped two weeks ago says when it arrived, and the news is fresh
    SUCCESSORS = "successors"  # products say which newer model replaces them
    REPEATS = "repeats"  # some people ordered more than once
    BOUGHT = "bought"  # orders say which product of the catalogue was bought
    CARE_TIPS = "care_tips"  # products say how to look after them
    SUPPORT = "support"  # discontinued products say since when, and until when they are supported
    PLACES = "places"  # customers say in which country they live


customers = sa.Table(
    "customer",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("key", sa.Text, nullable=False, unique=True),  # the shop's own word for this person
    sa.Column("household_id", Key, nullable=False, index=True),  # smallest customer id reachable by shared addresses
    sa.Column("first_name", sa.Text),
    sa.Column("last_name", sa.Text),
    sa.Column("language", sa.Text),  # BCP 47, as written in the record
    sa.Column("country", sa.Text),  # ISO 3166-1 alpha-2
    sa.Column("state", sa.Text),  # the country's own code, without the country
    sa.Column("city", sa.Text),
    sa.Column("zone", sa.Text),  # IANA, when the record names one
    sa.Column("since_on", sa.Date),
    sa.Column("record_sha", sa.Text, nullable=False, server_default=""),
    sa.Column("erased_at", Utc),
)

products = sa.Table(
    "product",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("successor_key", sa.Text),
    sa.Column("line", sa.Text, index=True),  # key of the line's first model; from the successor chain
    sa.Column("generation", sa.Integer),  # 1 for the line's first model
    sa.Column("released_on", sa.Date),
    sa.Column("discontinued_on", sa.Date),
    sa.Column("supported_until", sa.Date),
    sa.Column("in_stock", sa.Boolean),
    sa.Column("price_minor", sa.BigInteger),  # integer smallest units of `currency`
    sa.Column("currency", sa.Text),
    sa.Column("what_changed", Json),  # list of sentences
    sa.Column("not_changed", Json),
    sa.Column("keep_if", sa.Text),
    sa.Column("link", sa.Text),
    sa.Column("care_title", sa.Text),
    sa.Column("care_text", sa.Text),
    sa.Column("care_link", sa.Text),
    sa.Column("record_sha", sa.Text, nullable=False, server_default=""),
)

#: What a model's price was, from which day on: a struck price is the lowest of the last 30 days, or is not shown.
product_prices = sa.Table(
    "product_price",
    metadata,
    sa.Column("product_id", Key, sa.ForeignKey("product.id"), primary_key=True),
    sa.Column("since_on", sa.Date, primary_key=True),
    sa.Column("price_minor", sa.BigInteger, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
)

orders = sa.Table(
    "purchase",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    sa.Column("customer_id", Key, sa.ForeignKey("customer.id"), nullable=False),
    sa.Column("placed_at", Utc),
    sa.Column("placed_on", sa.Date, nullable=False),
    sa.Column("shipped_at", Utc),
    sa.Column("shipped_on", sa.Date),
    sa.Column("delivered_at", Utc),
    sa.Column("delivered_on", sa.Date),
    sa.Column("complete_on", sa.Date),  # the day the last line arrived; NULL while any line is out
    sa.Column("promised_on", sa.Date),  # the first promise: never changes once known
    sa.Column("due_on", sa.Date),  # the day lateness is judged by: the promise, or a later day the customer chose
    sa.Column("new_date", sa.Date),  # a newer date the shop or carrier recorded after the first promise
    sa.Column("status", sa.Text),
    sa.Column("cancelled", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("cancelled_on", sa.Date),  # NULL with cancelled = true: cancelled always
    sa.Column("returned_on", sa.Date),
    sa.Column("carrier", sa.Text),
    sa.Column("late_reason", sa.Text),
    sa.Column("remedy_text", sa.Text),
    sa.Column("remedy_minor", sa.BigInteger),
    sa.Column("remedy_currency", sa.Text),
    sa.Column("record_sha", sa.Text, nullable=False, server_default=""),
    sa.Index("ix_purchase_customer_id_placed_on_cancelled", "customer_id", "placed_on", "cancelled"),
    sa.Index("ix_purchase_complete_on", "complete_on"),
    sa.Index("ix_purchase_due_on", "due_on"),
    sa.Index("ix_purchase_shipped_on", "shipped_on"),
)

order_lines = sa.Table(
    "order_line",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("order_id", Key, sa.ForeignKey("purchase.id"), nullable=False),
    sa.Column("number", sa.Text, nullable=False),
    sa.Column("product_id", Key, sa.ForeignKey("product.id")),
    sa.Column("name", sa.Text),  # as sold, when the catalogue has no such product
    sa.Column("quantity", sa.Integer, nullable=False, server_default="1"),
    sa.Column("delivered_on", sa.Date),  # own day; NULL: the order's
    sa.Column("returned_on", sa.Date),
    sa.Column("record_sha", sa.Text, nullable=False, server_default=""),
    sa.UniqueConstraint("order_id", "number"),
    sa.Index("ix_order_line_product_id", "product_id"),
)

#: What the customer was first told, for when, and by what record. Written once.
promises = sa.Table(
    "promise",
    metadata,
    sa.Column("order_id", Key, sa.ForeignKey("purchase.id"), primary_key=True),
    sa.Column("promised_on", sa.Date, nullable=False),
    sa.Column("promised_at", Utc),
    sa.Column("made_on", sa.Date, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
)
