"""What does the invented shop sell? Twelve things for a kitchen; three of them have a newer version."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

SHOP = "https://shop.alder.example"


@dataclass(frozen=True, slots=True)
class Article:
    """One product. `released`: days before the demo's night; `price`: GBP as written in the file."""

    key: str
    name: str
    price: str
    released: int = 2400
    successor: str = ""
    what_changed: tuple[str, ...] = ()
    not_changed: tuple[str, ...] = ()
    keep_if: str = ""
    care: tuple[str, str] = ("", "")


ARTICLES = (
    Article(
        "mill-2",
        "Mill 2",
        "139.00",
        successor="mill-3",
        care=("Keeping the burrs sharp", "Grind a handful of dry rice once a season, then brush the burrs."),
    ),
    Article(
        "mill-3",
        "Mill 3",
        "149.00",
        released=75,
        what_changed=(
            "The burrs come out without tools",
            "It is 6 decibels quieter at the same speed",
            "The hopper closes with a seal",
        ),
        not_changed=("It grinds exactly as fine as before", "It takes the same filters and the same lid"),
        keep_if="yours grinds as you like it and the noise does not trouble you",
        care=("The first week", "Run it empty for ten seconds before the first grind, then brush the burrs."),
    ),
    Article(
        "kettle-1",
        "Kettle 1",
        "64.00",
        successor="kettle-2",
        care=("Hard water", "Boil a litre with two spoons of citric acid once a month."),
    ),
    Article(
        "kettle-2",
        "Kettle 2",
        "72.00",
        released=40,
        what_changed=("The handle stays cool", "It keeps a temperature you choose for half an hour"),
        not_changed=("It holds the same litre", "It boils no faster"),
        keep_if="you only ever boil water and do not need a chosen temperature",
        care=("Hard water", "Boil a litre with two spoons of citric acid once a month."),
    ),
    Article("scale-1", "Scale 1", "38.00", successor="scale-2"),
    Article(
        "scale-2",
        "Scale 2",
        "45.00",
        released=150,
        what_changed=("It weighs to a tenth of a gram", "It charges by cable instead of taking batteries"),
        not_changed=("It carries the same 2 kg",),
        keep_if="whole grams are enough for what you weigh",
    ),
    Article("press-1", "Press 1", "31.00", care=("The mesh", "Take the mesh apart once a week and rinse it hot.")),
    Article("filters", "Paper filters, 100", "6.50"),
    Article("descaler", "Descaler", "8.00"),
    Article("tin", "Coffee tin", "14.00"),
    Article("brush", "Burr brush", "5.00"),
    Article("jug", "Milk jug", "17.00"),
)
NEWER = {a.key: a.successor for a in ARTICLES if a.successor}
OLDER_MODELS = tuple(NEWER)
SUNDRIES = tuple(a.key for a in ARTICLES if not a.successor and a.key not in NEWER.values())
PRICES = {a.key: a.price for a in ARTICLES}


def product_rows(as_of: date) -> Iterator[tuple[str, ...]]:
    """products.csv, released days counted back from `as_of`. Older models are out of stock and supported for years."""
    for a in ARTICLES:
        yield (
            a.key,
            a.name,
            (as_of - timedelta(days=a.released)).isoformat(),
            a.successor,
            "no" if a.successor else "yes",
            a.price,
            "GBP",
            "; ".join(a.what_changed),
            "; ".join(a.not_changed),
            a.keep_if,
            f"{SHOP}/{a.key}",
            *a.care,
            f"{SHOP}/care/{a.key}" if a.care[0] else "",
            (as_of + timedelta(days=1500)).isoformat() if a.successor else "",
        )
