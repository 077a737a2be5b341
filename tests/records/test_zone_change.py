"""When the shop names another zone, do the days of its orders move with it?"""

from datetime import date

from outreach.store import shop
from outreach.store.intake import stored_zone
from tests.records.desk import CUSTOMERS, Desk

HEAD = "order,customer,placed_at,shipped_at,delivered_at,promised_on\n"
ORDERS = HEAD + (
    "O-1,C-1,2026-03-08T04:30:00Z,2026-03-08T08:00:00Z,2026-07-02T03:59:00Z,2026-07-02T03:30:00Z\n"
    "O-2,C-1,2026-03-08,2026-03-09,2026-03-10,2026-03-11 00:00:00\n"
    "O-3,C-1,2026-01-02T04:59:00Z,,2026-01-02T05:01:00Z,\n"
)


def _days(desk: Desk, key: str) -> tuple[date | None, ...]:
    row = desk.order(key)
    return (row.placed_on, row.shipped_on, row.delivered_on, row.complete_on, row.promised_on, row.due_on)


def test_days_follow_the_zone_across_summer_time(desk: Desk) -> None:
    desk.take(customers=CUSTOMERS, orders=ORDERS)
    july = date(2026, 7, 2)
    assert _days(desk, "O-1") == (date(2026, 3, 8), date(2026, 3, 8), july, july, july, july)
    written = _days(desk, "O-2")
    moved = desk.placed(zone="America/New_York").take(products="sku,name\nP-1,Mill\n")
    assert moved.days_moved == 2
    first = date(2026, 7, 1)
    assert _days(desk, "O-1") == (date(2026, 3, 7), date(2026, 3, 8), first, first, first, first)
    assert _days(desk, "O-2") == written
    assert _days(desk, "O-3")[:3] == (date(2026, 1, 1), None, date(2026, 1, 2))
    promised = {row.order_id: row.promised_on for row in desk.rows(shop.promises)}
    assert promised == {1: first, 2: date(2026, 3, 11)}
    with desk.engine.connect() as c:
        assert stored_zone(c) == "America/New_York"
    assert desk.placed(zone="America/New_York").take(products="sku,name\nP-1,Mill\n").days_moved == 0
    desk.take(orders=ORDERS)
    assert _days(desk, "O-1") == (date(2026, 3, 8), date(2026, 3, 8), july, july, july, july)


def test_naive_times_are_read_again_in_the_new_zone(desk: Desk) -> None:
    orders = HEAD + "O-1,C-1,2026-03-08 00:30:00,,,\n"
    desk.take(customers=CUSTOMERS, orders=orders)
    there = desk.placed(zone="America/New_York")
    again = there.take(orders=orders)
    assert again.files[0].changed == 1
    assert desk.order().placed_on == date(2026, 3, 8)
