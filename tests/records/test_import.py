"""Do records come in so that facts are updated, the first promise stands, and the same file twice changes nothing?"""

from datetime import date

import pytest
import sqlalchemy as sa

from outreach.core.errors import Misuse
from outreach.records.fields import RecordKind
from outreach.records.mapping import Mapping
from outreach.store import shop
from tests.records.desk import CUSTOMERS, PRODUCTS, Desk, said, utc

ORDER_COLUMNS = "order,customer,placed_at,shipped_on,delivered_at,promised_on,status\n"
ORDERS = ORDER_COLUMNS + (
    "O-1,C-1,2026-03-01 23:30:00,2026-03-02,2026-03-04 09:00:00,2026-03-05 00:00:00,delivered\n"
    "O-2,C-1,2026-03-03,,,2026-03-09,cancelled\n"
    "O-3,C-1,2026-03-03,,,,open\n"
)
LINES = "order,line,product,name,quantity,price,delivered_on\nO-1,1,P-1,,2,9.99,\nO-1,2,,Gift wrap,1,1.00,2026-03-06\n"
PRICED = "product,name,price,currency,in_stock,what_changed\n"


def test_a_whole_shop_comes_in_whatever_the_order_of_the_files(desk: Desk) -> None:
    summary = desk.take(lines=LINES, orders=ORDERS, products=PRODUCTS, customers=CUSTOMERS)
    assert [(f.kind.value, f.read, f.new, f.rejected) for f in summary.files] == [
        ("customers", 1, 1, 0),
        ("products", 1, 1, 0),
        ("orders", 3, 3, 0),
        ("order_lines", 2, 2, 0),
    ]
    order = desk.order()
    assert (order.placed_at, order.placed_on) == (utc(2026, 3, 1, 23, 30), date(2026, 3, 1))
    assert (order.shipped_at, order.shipped_on) == (None, date(2026, 3, 2))
    assert (order.promised_on, order.due_on, order.new_date) == (date(2026, 3, 5), date(2026, 3, 5), None)
    assert (order.delivered_on, order.complete_on) == (date(2026, 3, 4), date(2026, 3, 6))
    cancelled = desk.order("O-2")
    assert (cancelled.cancelled, cancelled.cancelled_on, cancelled.delivered_on) == (True, None, None)
    assert desk.order("O-3").promised_on is None
    first, second = desk.rows(shop.order_lines)
    assert (first.number, first.name, first.quantity, first.product_id) == ("1", None, 2, 1)
    assert (second.name, second.product_id, second.delivered_on) == ("Gift wrap", None, date(2026, 3, 6))
    promised, other = desk.rows(shop.promises)
    assert (promised.promised_on, promised.made_on, promised.source) == (
        date(2026, 3, 5),
        date(2026, 3, 1),
        "orders.csv",
    )
    assert other.promised_on == date(2026, 3, 9)


def test_the_same_files_twice_change_nothing(desk: Desk) -> None:
    files = {"customers": CUSTOMERS, "products": PRODUCTS, "orders": ORDERS, "lines": LINES}
    desk.take(**files)
    before = desk.everything()
    again = desk.take(**files)
    assert desk.everything() == before
    assert [(f.new, f.changed, f.unchanged) for f in again.files] == [(0, 0, 1), (0, 0, 1), (0, 0, 3), (0, 0, 2)]


def test_another_way_to_write_the_same_is_no_change(desk: Desk) -> None:
    desk.take(customers=CUSTOMERS, orders=ORDER_COLUMNS + "O-1,C-1,2026-03-15,,,2026-03-31,open\n")
    same = "STATUS;Promised on;Delivered-At;Shipped On;Order ID;Customer ID;Order date;colour\n"
    again = desk.one(orders=same + "open; 31/03/2026;NULL;0000-00-00 00:00:00;O-1;C-1;15/3/2026;red\n")
    assert (again.changed, again.unchanged) == (0, 1)


def test_the_first_promise_never_changes(desk: Desk) -> None:
    desk.take(customers=CUSTOMERS, orders=ORDER_COLUMNS + "O-1,C-1,2026-03-01,,,,open\n")
    for promised, new_date in (
        ("2026-03-05", None),
        ("2026-03-09", date(2026, 3, 9)),
        ("2026-03-02", date(2026, 3, 2)),
        ("", date(2026, 3, 2)),
        ("2026-03-05", None),
    ):
        desk.take(orders=ORDER_COLUMNS + f"O-1,C-1,2026-03-01,2026-03-02,,{promised},open\n")
        order = desk.order()
        assert (order.promised_on, order.due_on, order.new_date) == (date(2026, 3, 5), date(2026, 3, 5), new_date)
        assert order.shipped_on == date(2026, 3, 2)
    assert [row.promised_on for row in desk.rows(shop.promises)] == [date(2026, 3, 5)]


def test_a_later_day_the_customer_chose_is_due_and_is_kept(desk: Desk) -> None:
    head = "order,customer,placed_on,promised_on,customer_moved_to,new_date\n"
    desk.take(customers=CUSTOMERS, orders=head + "O-1,C-1,2026-03-01,2026-03-05,2026-03-20,2026-03-07\n")
    order = desk.order()
    assert (order.promised_on, order.due_on, order.new_date) == (
        date(2026, 3, 5),
        date(2026, 3, 20),
        date(2026, 3, 7),
    )
    desk.take(orders="order,customer,placed_on,promised_on\nO-1,C-1,2026-03-01,2026-03-05\n")
    assert desk.order().due_on == date(2026, 3, 20)
    desk.take(orders=head + "O-1,C-1,2026-03-01,2026-03-05,2026-03-02,\n")
    assert desk.order().due_on == date(2026, 3, 5)


def test_columns_a_file_does_not_have_are_left_alone(desk: Desk) -> None:
    desk.take(customers=CUSTOMERS, orders=ORDERS)
    desk.take(orders="order,customer,placed_at,carrier\nO-1,C-1,2026-03-01 23:30:00,Swift\n")
    order = desk.order()
    assert (order.carrier, order.delivered_on, order.promised_on) == ("Swift", date(2026, 3, 4), date(2026, 3, 5))


def test_an_order_is_complete_when_its_last_line_arrived(desk: Desk) -> None:
    head = "order,line,name,delivered_on\n"
    desk.take(customers=CUSTOMERS, orders=ORDER_COLUMNS + "O-1,C-1,2026-03-01,,,,open\n")
    for lines, complete in (
        ("O-1,1,Cup,2026-03-04\n", date(2026, 3, 4)),
        ("O-1,1,Cup,2026-03-04\nO-1,2,Pot,\n", None),
        ("O-1,1,Cup,2026-03-04\nO-1,2,Pot,2026-03-08\n", date(2026, 3, 8)),
    ):
        desk.take(lines=head + lines)
        assert desk.order().complete_on == complete
    desk.take(lines=head + "O-1,2,Pot,\n")
    assert desk.order().complete_on is None
    desk.take(orders=ORDER_COLUMNS + "O-1,C-1,2026-03-01,,2026-03-10,,open\n")
    assert desk.order().complete_on == date(2026, 3, 10)
    desk.take(orders=ORDER_COLUMNS + "O-1,C-1,2026-03-01,,,,open\n")
    assert desk.order().complete_on is None


def test_lines_without_numbers_go_by_their_product(desk: Desk) -> None:
    files = {"customers": CUSTOMERS, "products": PRODUCTS, "orders": ORDERS}
    desk.take(**files, lines="order,sku,quantity\nO-1,P-1,1\nO-1,P-1,3\n")
    assert desk.one(lines="order,sku,quantity\nO-2,P-1,5\nO-1,P-1,1\nO-1,P-1,3\n").new == 1
    found = [(row.number, row.quantity) for row in desk.rows(shop.order_lines)]
    assert found == [("P-1", 1), ("P-1#2", 3), ("P-1", 5)]


def test_a_line_finds_its_product_once_the_catalogue_has_it(desk: Desk) -> None:
    lines = "order,line,sku,name\nO-1,1,P-1,Mill\nO-1,2,P-9,\n"
    summary = desk.take(customers=CUSTOMERS, orders=ORDERS, lines=lines)
    assert said(summary.files[-1]) == [
        'lines.csv:3:3: sku: "P-9" is not in the catalogue, and the row has no name for it'
    ]
    assert desk.rows(shop.order_lines)[0].name == "Mill"
    desk.take(products=PRODUCTS, lines=lines)
    assert [(row.product_id, row.name) for row in desk.rows(shop.order_lines)] == [(1, None)]


def test_unknown_customers_and_orders_are_named(desk: Desk) -> None:
    summary = desk.take(
        customers=CUSTOMERS,
        orders=ORDERS + "O-4,C-999,2026-03-01,,,,open\n",
        lines="order,line,name\nO-4,1,Cup\nO-1,1,Cup\n",
    )
    assert said(summary.files[1]) == ['orders.csv:5:2: customer: "C-999" is not a customer we know']
    assert said(summary.files[2]) == ['lines.csv:2:1: order: "O-4" is not an order we know']
    assert (summary.files[1].new, summary.rejected) == (3, 2)


def test_prices_are_kept_over_time_and_what_was_paid_is_not(desk: Desk) -> None:
    desk.take(products=PRICED + 'P-1,Mill,10.00,JPY,3,"Quieter; lighter ;"\nP-2,Hob,5,EUR,0,\n')
    one, two = desk.rows(shop.products)
    assert (one.price_minor, one.currency, one.in_stock, one.what_changed) == (10, "JPY", True, ["Quieter", "lighter"])
    assert (two.price_minor, two.in_stock, two.what_changed, two.generation) == (500, False, None, 1)
    with desk.engine.begin() as c:
        c.execute(sa.update(shop.product_prices).values(since_on=date(2020, 1, 1)))
    for price in ("7.00", "6.50", "8"):
        desk.take(products=PRICED + f"P-2,Hob,{price},EUR,0,\n")
    found = [(row.product_id, row.price_minor) for row in desk.rows(shop.product_prices)]
    assert found == [(1, 10), (2, 500), (2, 650)]  # of several prices on one day the lowest
    assert desk.rows(shop.products)[1].price_minor == 800


def test_check_writes_nothing_and_tells_the_same(desk: Desk) -> None:
    files = {
        "customers": CUSTOMERS,
        "products": PRODUCTS,
        "orders": ORDERS + "O-4,C-9,2026-03-01,,,,\n",
        "lines": LINES,
    }
    looked = desk.take(**files, check=True)
    assert not any(desk.everything().values())
    assert not (desk.project / "rejected").exists()
    taken = desk.take(**files)
    counts = [[(f.new, f.changed, f.unchanged, f.rejected) for f in s.files] for s in (looked, taken)]
    assert counts[0] == counts[1] == [(1, 0, 0, 0), (1, 0, 0, 0), (3, 0, 0, 1), (2, 0, 0, 0)]


def test_ambiguous_dates_stop_all_before_anything_is_written(desk: Desk) -> None:
    orders = "order,customer,placed_on\nO-1,C-1,03/04/2026\n"
    with pytest.raises(Misuse) as problem:
        desk.take(customers=CUSTOMERS, orders=orders)
    assert (problem.value.code, str(problem.value.place)) == ("OUT-205", "orders.csv:2:3")
    assert not desk.rows(shop.customers)
    summary = desk.take(customers=CUSTOMERS, orders=orders, yes=True)
    assert "read day-first" in summary.files[1].said[0]
    assert desk.order().placed_on == date(2026, 4, 3)


def test_the_mapping_the_data_or_the_country_say_how_dates_go(desk: Desk) -> None:
    columns = {"order": "order", "customer": "customer", "placed_at": "placed_on"}
    head = "order,customer,placed_on\n"
    mapping = Mapping(RecordKind.ORDERS, columns, date_order="month-first")
    desk.take(customers=CUSTOMERS)
    desk.take(orders=head + "O-1,C-1,03/04/2026\n", mappings=[mapping])
    assert desk.order().placed_on == date(2026, 3, 4)
    desk.take(orders=head + "O-2,C-1,03/04/2026\nO-3,C-1,31/04/2026\nO-4,C-1,30/04/2026\n")
    assert desk.order("O-2").placed_on == date(2026, 4, 3)
    assert len(desk.rows(shop.orders)) == 3  # 31 April is refused
    desk.placed(country="US").take(orders=head + "O-5,C-1,03/04/2026\n", yes=True)
    assert desk.order("O-5").placed_on == date(2026, 3, 4)
    with pytest.raises(Misuse, match="written both ways"):
        desk.take(orders=head + "O-6,C-1,30/04/2026\nO-7,C-1,04/30/2026\n")


def test_ambiguous_amounts_must_be_mapped(desk: Desk) -> None:
    with pytest.raises(Misuse) as problem:
        desk.take(products="sku,name,price\nP-1,Mill,1.234\n")
    assert problem.value.code == "OUT-205"
    desk.take(products='sku,name,price\nP-1,Mill,1.234\nP-2,Hob,"2,50"\n')
    assert [row.price_minor for row in desk.rows(shop.products)] == [123400, 250]
