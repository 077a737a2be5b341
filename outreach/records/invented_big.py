"""What does a shop of any size look like, so that speed can be measured on it?

Device lines with three generations, customers with a rhythm of their own, and two to three orders of a hundred inside
tonight's windows. Written as a stream: memory does not grow with the number of orders.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

from outreach.records.invented_files import (
    CUSTOMER_COLUMNS,
    LINE_COLUMNS,
    ORDER_COLUMNS,
    PRODUCT_COLUMNS,
    ShopFiles,
    write_rows,
)

_LINES, _SUNDRIES = 40, 80
_RELEASED = (2000, 300, 90)  # days before the night, by generation
_YEAR = 400  # days over which first visits and lost customers are spread
_PLACES = (
    ("BR", "SP", "pt-BR"),
    ("US", "TX", "en"),
    ("GB", "", "en"),
    ("BR", "BA", "pt-BR"),
    ("DE", "", "de"),
    ("US", "CA", "en"),
    ("US", "FL", "en"),
    ("BR", "AM", "pt-BR"),
    ("GB", "", "en"),
    ("PT", "", "pt"),
)


@dataclass(frozen=True, slots=True)
class _Sale:
    number: int
    customer: int
    placed: int
    promised: int
    delivered: int | None
    things: tuple[str, ...]


def write_big_shop(folder: Path, *, customers: int, orders: int, as_of: date, seed: int = 7) -> ShopFiles:
    """Write the four CSV files of a shop of this size. Raises ValueError for fewer orders than customers."""
    if not 0 < customers <= orders:
        raise ValueError("every customer of a shop has an order")
    folder.mkdir(parents=True, exist_ok=True)
    days = [(as_of - timedelta(days=before)).isoformat() for before in range(8000)]
    lines_path = folder / "order_lines.csv"
    orders_path = write_rows(
        folder / "orders.csv", ORDER_COLUMNS, (_order(s, days) for s in _sales(customers, orders, seed))
    )
    sold_again = _sales(customers, orders, seed)  # the same draw: lines need no memory of the orders
    write_rows(lines_path, LINE_COLUMNS, (line for sale in sold_again for line in _lines(sale)))
    return ShopFiles(
        customers=write_rows(
            folder / "customers.csv", CUSTOMER_COLUMNS, _customers(customers, seed, days[_YEAR + 300])
        ),
        products=write_rows(folder / "products.csv", PRODUCT_COLUMNS, _products(days)),
        orders=orders_path,
        order_lines=lines_path,
        customer_count=customers,
        country_count=len({place[0] for place in _PLACES}),
        order_count=orders,
        newer_models=_LINES * (len(_RELEASED) - 1),
    )


def _customers(count: int, seed: int, since: str) -> Iterator[tuple[str, ...]]:
    draw = Random(seed)
    for n in range(count):
        country, state, language = _PLACES[n % len(_PLACES)]
        phone = f"+55119{80_000_000 + n:08}" if country == "BR" and draw.random() < 0.5 else ""
        agrees = "yes" if draw.random() < 0.85 else "no"
        texts = "yes" if phone else ""
        yield (
            f"C{n}",
            f"First{n % 977}",
            f"Last{n % 1471}",
            f"c{n}@example.com",
            phone,
            country,
            state,
            "",
            language,
            "",
            agrees,
            texts,
            "",
            since,
            "checkout",
        )


def _products(days: list[str]) -> Iterator[tuple[str, ...]]:
    for line in range(_LINES):
        for generation, released in enumerate(_RELEASED, 1):
            newest = generation == len(_RELEASED)
            yield (
                f"M{line}-{generation}",
                f"Model {line} {generation}",
                days[released],
                "" if newest else f"M{line}-{generation + 1}",
                "yes" if newest else "no",
                f"{99 + line}.00",
                "GBP",
                "It is quieter; It is lighter",
                "It takes the same parts",
                "yours does what you need",
                f"https://shop.alder.example/m{line}-{generation}",
                "",
                "",
                "",
                "",
            )
    for n in range(_SUNDRIES):
        yield (f"S{n}", f"Sundry {n}", days[2000], "", "yes", f"{5 + n % 30}.50", "GBP", *[""] * 8)


def _sales(customers: int, orders: int, seed: int) -> Iterator[_Sale]:
    """Every order, customer by customer, oldest first. Six of ten customers share the orders beyond the first."""
    draw = Random(seed + 1)
    more = _shared_out(orders - customers, max(1, customers * 6 // 10), draw)
    number = 0
    for customer in range(customers):
        count = 1 + (more[customer] if customer < len(more) else 0)
        gap = 15 + int(draw.random() * 75)
        stays = count > 1 and draw.random() < 0.85
        last = 1 + int(draw.random() * (2 * gap if stays else _YEAR))
        for turn in range(count - 1, -1, -1):
            number += 1
            placed = last + turn * gap + (int(draw.random() * 5) if turn else 0)
            yield _sale(number, customer, placed, turn == count - 1, draw)


def _shared_out(count: int, among: int, draw: Random) -> list[int]:
    shares = [count // among] * among
    for _ in range(count % among):
        shares[int(draw.random() * among)] += 1
    for _ in range(among // 2):  # some come often, others hardly ever
        giver, taker = int(draw.random() * among), int(draw.random() * among)
        if shares[giver]:
            shares[giver] -= 1
            shares[taker] += 1
    return shares


def _sale(number: int, customer: int, placed: int, first: bool, draw: Random) -> _Sale:
    luck = draw.random()
    promised = placed - 6
    delivered = promised - 1 - int(luck * 70) if luck < 0.06 else placed - 2 - int(luck * 4)
    if first and customer % 2:
        generation = sum(released > placed for released in _RELEASED) or 1
        things: tuple[str, ...] = (f"M{customer % _LINES}-{generation}",)
    else:
        things = (f"S{number % _SUNDRIES}",)
    if luck > 0.7:
        things += (f"S{(number + 7) % _SUNDRIES}",)
    lost = placed < 25 and 0.06 <= luck < 0.075
    return _Sale(number, customer, placed, promised, None if lost or delivered < 1 else delivered, things)


def _order(sale: _Sale, days: list[str]) -> tuple[str, ...]:
    shipped = sale.placed > 1
    return (
        f"O{sale.number}",
        f"C{sale.customer}",
        f"{days[sale.placed]} 10:{sale.number % 60:02}",
        days[sale.promised] if sale.promised >= 0 else _ahead(days[0], -sale.promised),
        days[sale.placed - 1] if shipped else "",
        "" if sale.delivered is None else f"{days[sale.delivered]} 15:{sale.number % 60:02}",
        "shipped" if sale.delivered is None else "delivered",
        "",
        "Parcelway" if shipped else "",
        "",
    )


def _ahead(night: str, count: int) -> str:
    return (date.fromisoformat(night) + timedelta(days=count)).isoformat()


def _lines(sale: _Sale) -> Iterator[tuple[str, ...]]:
    for n, thing in enumerate(sale.things, 1):
        yield (f"O{sale.number}", str(n), thing, "1", "19.50", "GBP")
