"""Two imports at once: does the database itself keep the first promise and the erased?"""

from datetime import UTC, date, datetime

import sqlalchemy as sa

from outreach.store import shop
from outreach.store.intake_customers import put_customers
from outreach.store.intake_orders import put_orders
from tests import builders


def test_a_promise_written_in_between_stands(connection: sa.Connection) -> None:
    who = builders.customer(connection)
    row = {"key": "O-1", "customer_id": who, "placed_on": date(2026, 3, 1)}
    put_orders(connection, [{**row, "promised_on": date(2026, 3, 5), "record_sha": "a"}])
    put_orders(connection, [{**row, "promised_on": date(2026, 3, 9), "record_sha": "b"}])
    assert connection.execute(sa.select(shop.orders.c.promised_on)).scalar_one() == date(2026, 3, 5)


def test_a_customer_erased_in_between_stays_erased(connection: sa.Connection) -> None:
    builders.customer(connection)
    gone = {"erased_at": datetime(2026, 1, 1, tzinfo=UTC), "first_name": None}
    connection.execute(sa.update(shop.customers).values(gone))
    put_customers(connection, [{"key": "C-1", "first_name": "Ana", "record_sha": "b"}])
    assert connection.execute(sa.select(shop.customers.c.first_name)).scalar_one() is None
