"""Which fields can a purchase record have, and by what other names do shops know them?

A field's own name comes first; the other names are compared without case, spaces and punctuation.
"""

import re
from dataclasses import dataclass
from enum import StrEnum


class RecordKind(StrEnum):
    """What one row of a file is, in the order in which files are imported."""

    CUSTOMERS = "customers"
    PRODUCTS = "products"
    ORDERS = "orders"
    ORDER_LINES = "order_lines"


class FieldType(StrEnum):
    """How a cell is read."""

    KEY = "key"
    TEXT = "text"
    MOMENT = "moment"  # a day, or a time on a day
    PROMISE = "promise"  # as a moment, but midnight means the day as written
    MONEY = "money"
    CURRENCY = "currency"
    YES_NO = "yes or no"
    STOCK = "stock"
    COUNT = "count"
    EMAIL = "email"
    PHONE = "phone"
    COUNTRY = "country"
    STATE = "state"
    LANGUAGE = "language"
    ZONE = "zone"
    SENTENCES = "sentences"


@dataclass(frozen=True, slots=True)
class Field:
    """One field: our name, how it is read, whether a file must have it, other names (most telling first)."""

    name: str
    type: FieldType
    names: tuple[str, ...] = ()
    required: bool = False


def _field(name: str, type_: FieldType, names: str = "", *, required: bool = False) -> Field:
    return Field(name, type_, (name, *names.split()), required)


_T = FieldType
# Country and currency stand before the phones and amounts that are read by them.
CUSTOMERS = (
    _field(
        "customer", _T.KEY, "customer_key customer_unique_id customer_id customer_number client_id id", required=True
    ),
    _field("first_name", _T.TEXT, "firstname given_name forename billing_first_name first_name_billing"),
    _field("last_name", _T.TEXT, "lastname surname family_name billing_last_name last_name_billing"),
    _field("country", _T.COUNTRY, "country_code default_address_country_code billing_country country_code_billing"),
    _field("state", _T.STATE, "state_code province_code default_address_province_code province region billing_state"),
    _field("city", _T.TEXT, "town default_address_city billing_city city_billing"),
    _field("language", _T.LANGUAGE, "lang locale language_code"),
    _field("zone", _T.ZONE, "time_zone timezone tz"),
    _field("since_on", _T.MOMENT, "since customer_since created_at created_on date_created registered_at signup_date"),
    _field("email", _T.EMAIL, "email_address e_mail mail customer_email billing_email email_billing"),
    _field("phone", _T.PHONE, "phone_number mobile mobile_phone telephone tel cell billing_phone phone_billing"),
    _field("email_service", _T.YES_NO, "email_order_news"),
    _field(
        "email_marketing",
        _T.YES_NO,
        "email_consent accepts_marketing accepts_email_marketing newsletter marketing_opt_in email_opt_in",
    ),
    _field("text_service", _T.YES_NO, "sms_consent text_consent sms_service sms_opt_in accepts_sms"),
    _field("text_marketing", _T.YES_NO, "sms_marketing accepts_sms_marketing"),
    _field("consent_at", _T.MOMENT, "consent_on consent_date opt_in_at opted_in_at marketing_opt_in_at"),
    _field("consent_source", _T.TEXT, "consent_evidence opt_in_source"),
)
PRODUCTS = (
    _field("product", _T.KEY, "product_key sku product_id product_sku variant_sku item_id id", required=True),
    _field("name", _T.TEXT, "product_name title product_title model", required=True),
    _field("successor", _T.KEY, "successor_sku successor_key successor_id successor_product replaced_by superseded_by"),
    _field("released_on", _T.MOMENT, "released release_date launched_on launch_date available_from"),
    _field("discontinued_on", _T.MOMENT, "discontinued_at discontinued_date end_of_sale"),
    _field("supported_until", _T.MOMENT, "support_until end_of_support supported_to"),
    _field("in_stock", _T.STOCK, "stock available stock_count stock_quantity inventory units_in_stock"),
    _field("currency", _T.CURRENCY, "price_currency currency_code"),
    _field("price", _T.MONEY, "unit_price list_price regular_price variant_price amount"),
    _field("what_changed", _T.SENTENCES, "whats_new changes changed"),
    _field("not_changed", _T.SENTENCES, "what_did_not_change unchanged what_stays"),
    _field("keep_if", _T.TEXT, "keep_yours_if keep_old_if"),
    _field("link", _T.TEXT, "url product_url permalink"),
    _field("care_title", _T.TEXT, "care_tip_title"),
    _field("care_text", _T.TEXT, "care_tip"),
    _field("care_link", _T.TEXT, "care_url"),
)
ORDERS = (
    _field("order", _T.KEY, "order_key order_id order_number order_no purchase_id id", required=True),
    _field(
        "customer",
        _T.KEY,
        "customer_key customer_unique_id customer_id customer_number client_id customer_user",
        required=True,
    ),
    _field(
        "placed_at",
        _T.MOMENT,
        "placed_on order_purchase_timestamp order_date ordered_at ordered_on purchased_at purchase_date "
        "purchase_timestamp created_at created_on date_created date",
        required=True,
    ),
    _field(
        "shipped_at",
        _T.MOMENT,
        "shipped_on order_delivered_carrier_date shipped_date ship_date shipped dispatched_at dispatched_on "
        "fulfilled_at fulfilled_on",
    ),
    _field(
        "delivered_at",
        _T.MOMENT,
        "delivered_on order_delivered_customer_date delivered_date delivery_date delivered arrived_at arrived_on",
    ),
    _field(
        "promised_on",
        _T.PROMISE,
        "promised_at order_estimated_delivery_date estimated_delivery_date estimated_delivery promised_date promised "
        "required_date due_date",
    ),
    _field("new_date", _T.MOMENT, "new_promised_on new_delivery_date revised_date"),
    _field("customer_moved_to", _T.MOMENT, "customer_chose_on moved_to"),
    _field("status", _T.TEXT, "order_status"),
    _field("cancelled", _T.YES_NO, "canceled is_cancelled is_canceled"),
    _field("cancelled_on", _T.MOMENT, "cancelled_at canceled_at canceled_on cancelled_date canceled_date"),
    _field("returned_on", _T.MOMENT, "returned_at refunded_at refunded_on return_date"),
    _field("carrier", _T.TEXT, "shipping_company shipper courier"),
    _field("late_reason", _T.TEXT, "delay_reason"),
    _field("currency", _T.CURRENCY, "order_currency currency_code"),
    _field("remedy_text", _T.TEXT, "remedy"),
    _field("remedy_amount", _T.MONEY, "remedy_value"),
    _field("amount", _T.MONEY, "total order_total price total_price order_total_amount"),
)
ORDER_LINES = (
    _field("order", _T.KEY, "order_key order_id order_number order_no purchase_id", required=True),
    _field("number", _T.KEY, "line line_number line_no order_item_id item_number item_id position"),
    _field("product", _T.KEY, "product_key sku product_id product_sku", required=True),
    _field("name", _T.TEXT, "product_name item_name title description"),
    _field("quantity", _T.COUNT, "qty count units quantity_purchased"),
    _field("delivered_on", _T.MOMENT, "delivered_at delivered_date delivery_date"),
    _field("returned_on", _T.MOMENT, "returned_at return_date"),
    _field("currency", _T.CURRENCY, "currency_code"),
    _field("price", _T.MONEY, "amount unit_price item_price list_price line_total"),
    _field("freight", _T.MONEY, "freight_value shipping shipping_cost"),
)
FIELDS: dict[RecordKind, tuple[Field, ...]] = {
    RecordKind.CUSTOMERS: CUSTOMERS,
    RecordKind.PRODUCTS: PRODUCTS,
    RecordKind.ORDERS: ORDERS,
    RecordKind.ORDER_LINES: ORDER_LINES,
}
#: The field that is the record's own key.
KEY_FIELD: dict[RecordKind, str] = {
    RecordKind.CUSTOMERS: "customer",
    RecordKind.PRODUCTS: "product",
    RecordKind.ORDERS: "order",
    RecordKind.ORDER_LINES: "number",
}
#: One of these is enough where the first is named as required: a line may be known by its product or by its words.
INSTEAD: dict[tuple[RecordKind, str], str] = {(RecordKind.ORDER_LINES, "product"): "name"}


def plain(name: str) -> str:
    """`Order Date`, `order-date`, `ORDER_DATE` -> `order_date`."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.strip())
    return re.sub(r"[^a-z0-9]+", "_", spaced.lower()).strip("_")


def field_names(kind: RecordKind) -> list[str]:
    """Our names of every field of a kind."""
    return [field.name for field in FIELDS[kind]]


def missing_fields(kind: RecordKind, present: set[str]) -> tuple[str, ...]:
    """The required fields of `kind` that `present` lacks."""
    return tuple(
        field.name
        for field in FIELDS[kind]
        if field.required and field.name not in present and INSTEAD.get((kind, field.name)) not in present
    )
