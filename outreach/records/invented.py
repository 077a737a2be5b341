"""What would a shop's records look like, so that the demo finds something in every campaign?

Two hundred invented customers, 260 orders, a dozen products, as the four CSV files a real shop would hand over. The
same seed and night make the same files, byte for byte. Addresses are example.com and example.org.
"""

from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random

from outreach.records.invented_big import write_big_shop
from outreach.records.invented_catalogue import NEWER, PRICES, product_rows
from outreach.records.invented_files import (
    CUSTOMER_COLUMNS,
    LINE_COLUMNS,
    ORDER_COLUMNS,
    PRODUCT_COLUMNS,
    ShopFiles,
    write_rows,
)
from outreach.records.invented_orders import Sale, sales
from outreach.records.invented_people import customer_row, people

__all__ = ["ShopFiles", "write_big_shop", "write_shop"]


def write_shop(folder: Path, *, as_of: date, seed: int = 7) -> ShopFiles:
    """Write customers.csv, products.csv, orders.csv and order_lines.csv for the night of `as_of`.

    `folder` is made if need be; files of these names in it are replaced.
    """
    draw = Random(seed)
    everyone = people(draw)
    sold = sales(draw)
    who = list(range(len(everyone)))
    draw.shuffle(who)  # which part a person plays has nothing to do with where they live
    first = {who[sale.person]: _day(as_of, sale.placed) for sale in reversed(sold)}
    rows = [(f"O-{1000 + n}", everyone[who[sale.person]].key, sale) for n, sale in enumerate(sold, 1)]
    lines = [line for key, _, sale in rows for line in _lines(key, sale)]
    folder.mkdir(parents=True, exist_ok=True)
    return ShopFiles(
        customers=write_rows(
            folder / "customers.csv",
            CUSTOMER_COLUMNS,
            (customer_row(person, first[place]) for place, person in enumerate(everyone)),
        ),
        products=write_rows(folder / "products.csv", PRODUCT_COLUMNS, product_rows(as_of)),
        orders=write_rows(
            folder / "orders.csv", ORDER_COLUMNS, (_order(key, whose, sale, as_of) for key, whose, sale in rows)
        ),
        order_lines=write_rows(folder / "order_lines.csv", LINE_COLUMNS, lines),
        customer_count=len(everyone),
        country_count=len({person.country for person in everyone}),
        order_count=len(rows),
        newer_models=len(NEWER),
    )


def _order(key: str, whose: str, sale: Sale, as_of: date) -> tuple[str, ...]:
    hour = int(key[2:]) % 12 + 8  # some hour of the day, the same for the same order
    return (
        key,
        whose,
        _moment(as_of, sale.placed, hour),
        _day(as_of, sale.promised),
        _day(as_of, sale.shipped),
        _moment(as_of, sale.delivered, 20 - hour // 2),
        sale.status,
        _day(as_of, sale.returned),
        "Parcelway" if sale.shipped is not None else "",
        sale.late_reason,
    )


def _lines(key: str, sale: Sale) -> list[tuple[str, ...]]:
    return [(key, str(n), thing, "1", PRICES[thing], "GBP") for n, thing in enumerate(sale.things, 1)]


def _day(as_of: date, before: int | None) -> str:
    return "" if before is None else (as_of - timedelta(days=before)).isoformat()


def _moment(as_of: date, before: int | None, hour: int) -> str:
    """A time of day as a shop writes it: on its own wall, without a zone."""
    if before is None:
        return ""
    return datetime.combine(as_of - timedelta(days=before), time(hour, 15)).isoformat(" ", "minutes")
