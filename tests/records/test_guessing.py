"""Is a file known by its columns, whatever the shop calls them?"""

from pathlib import Path

import pytest

from outreach.core.errors import Misuse
from outreach.records.choosing import guess_files, sources_from_files
from outreach.records.fields import RecordKind
from outreach.records.guessing import guess
from outreach.records.mapping import Mapping, read_mappings, save_mapping

SHOPS = {
    "customer_unique_id,first_name,email,phone,city,state,zip_prefix,country,language,email_consent,sms_consent": {
        "customer": "customer_unique_id",
        "email_marketing": "email_consent",
        "text_service": "sms_consent",
    },
    "order_id,customer_unique_id,order_status,order_purchase_timestamp,order_delivered_carrier_date,"
    "order_delivered_customer_date,order_estimated_delivery_date": {
        "order": "order_id",
        "customer": "customer_unique_id",
        "placed_at": "order_purchase_timestamp",
        "shipped_at": "order_delivered_carrier_date",
        "delivered_at": "order_delivered_customer_date",
        "promised_on": "order_estimated_delivery_date",
        "status": "order_status",
    },
    "order_id,line,product_id,price,freight_value,currency": {
        "order": "order_id",
        "number": "line",
        "product": "product_id",
        "freight": "freight_value",
    },
    "order,product,quantity,amount_usd": {"order": "order", "product": "product", "price": "amount_usd"},
    "sku,name,line,released_on,successor_sku,in_stock,price,currency,what_changed,keep_if": {
        "product": "sku",
        "successor": "successor_sku",
        "keep_if": "keep_if",
    },
    "Order ID,Customer ID,Order Date,Delivery Date,Status": {"order": "Order ID", "delivered_at": "Delivery Date"},
    "order_id,order_number,order_date,paid_date,status,order_total,customer_id,customer_email": {
        "order": "order_id",
        "amount": "order_total",
        "customer": "customer_id",
    },
    "Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Default Address Country Code,Phone": {
        "email_marketing": "Accepts Email Marketing",
        "country": "Default Address Country Code",
    },
}


@pytest.mark.parametrize("header", SHOPS)
def test_the_columns_of_real_shops(header: str) -> None:
    found = guess(header.split(","))
    assert not found.missing
    assert {field: found.mapping.columns.get(field) for field in SHOPS[header]} == SHOPS[header]


def test_kinds_and_what_is_ignored() -> None:
    product = guess(["sku", "name", "line", "colour"])
    assert (product.kind, product.ignored) == (RecordKind.PRODUCTS, ("line", "colour"))
    assert "successors" in product.notes[0]
    assert guess(["order", "product", "amount_usd"]).mapping.currency == "USD"
    assert guess(["customer", "sms_consent"]).notes == (
        "sms_consent: a bare yes is taken as texts about orders, never as offers by text",
    )
    assert guess(["id", "name"], file="products.csv").kind is RecordKind.PRODUCTS
    assert guess(["order", "customer", "placed_on", "problem"]).ignored == ()


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("order,customer,status\n", "OUT-203", "placed_at"),
        ("Name,Email,Lineitem quantity,Lineitem name\n", "OUT-210", "row per item"),
        ("", "OUT-204", "empty"),
    ],
)
def test_a_file_that_cannot_be_imported_is_refused_by_name(tmp_path: Path, text: str, code: str, words: str) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(text)
    with pytest.raises(Misuse) as problem:
        guess_files([path])
    assert problem.value.code == code
    assert words in problem.value.message
    assert "orders.csv" in problem.value.message


def test_a_saved_mapping_is_found_again_and_the_rest_of_the_file_stays(tmp_path: Path) -> None:
    first = Mapping(RecordKind.ORDERS, {"order": "nr", "customer": "who", "placed_at": "tag"}, date_order="day-first")
    path = save_mapping(tmp_path, [first])
    path.write_text(path.read_text() + "# ours\nsql: {sqlite: shop.db, queries: {orders: SELECT 1}}\n")
    save_mapping(tmp_path, [Mapping(RecordKind.PRODUCTS, {"product": "sku", "name": "name"}, currency="EUR")])
    saved = read_mappings(tmp_path)
    assert saved.mappings[RecordKind.ORDERS] == first
    assert saved.mappings[RecordKind.PRODUCTS].currency == "EUR"
    assert saved.sql is not None
    assert "# ours" in path.read_text()
    orders = tmp_path / "export.csv"
    orders.write_text("who,nr,tag\n")
    assert sources_from_files(tmp_path, [orders])[0].mapping == first


def test_a_mapping_whose_column_is_gone_does_not_fit(tmp_path: Path) -> None:
    save_mapping(tmp_path, [Mapping(RecordKind.CUSTOMERS, {"customer": "id", "phone": "phone"})])
    path = tmp_path / "customers.csv"
    path.write_text("id,telephone\n")
    with pytest.raises(Misuse) as problem:
        sources_from_files(tmp_path, [path])
    assert problem.value.code == "OUT-202"
    assert "no column phone" in problem.value.facts[0]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("customers:\n  columns: {customer: id}\n  date_ordr: day-first\n", 3, "date_ordr"),
        ("orders:\n  columns: {order: id, customer: c}\n", 0, "placed_at must have a column"),
        ("orders:\n  columns: {order: id, customer: c, placed_at: p, delivred_at: d}\n", 0, "delivered_at"),
        ("sql:\n  url: postgresql://a:b@c/d\n  queries: {orders: SELECT 1}\n", 0, "url_env"),
        ("sql:\n  sqlite: a.db\n  queries: {orders: 'SELECT 1 WHERE t > :since'}\n", 2, "watermark"),
    ],
)
def test_a_wrong_records_file_names_its_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config/records.yaml").write_text(text)
    with pytest.raises(Misuse) as problem:
        read_mappings(tmp_path)
    findings = problem.value.findings or (problem.value,)
    everything = " ".join(f"{f.message} {f.facts}" for f in findings)
    assert problem.value.code == "OUT-206"
    assert words in everything
    assert problem.value.place is not None
    assert not line or problem.value.place.line == line
