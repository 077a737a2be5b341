"""Does the invented shop give every campaign something to do, and every kind of person to be careful with?"""

import csv
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path
from statistics import median

import phonenumbers
import pytest

from outreach.records.invented import ShopFiles, write_big_shop, write_shop

NIGHT = date(2026, 11, 14)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def ago(text: str, night: date = NIGHT) -> int:
    """Days from a date or time in a file to the night."""
    return (night - date.fromisoformat(text[:10])).days


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> ShopFiles:
    return write_shop(tmp_path_factory.mktemp("invented"), as_of=NIGHT)


def test_it_is_as_big_as_the_demo_says(shop: ShopFiles):
    assert (shop.customer_count, shop.country_count, shop.order_count, shop.newer_models) == (200, 7, 260, 3)
    assert len({r["customer"] for r in rows(shop.customers)}) == 200
    assert len({r["country"] for r in rows(shop.customers)}) == 7
    assert len({r["order"] for r in rows(shop.orders)}) == 260
    assert len(rows(shop.products)) == 12
    assert sum(bool(r["successor"]) for r in rows(shop.products)) == 3


def test_the_files_belong_together(shop: ShopFiles):
    orders, products = {r["order"] for r in rows(shop.orders)}, {r["product"] for r in rows(shop.products)}
    assert {r["customer"] for r in rows(shop.orders)} == {r["customer"] for r in rows(shop.customers)}
    assert {r["order"] for r in rows(shop.order_lines)} == orders
    assert {r["product"] for r in rows(shop.order_lines)} <= products
    assert {r["successor"] for r in rows(shop.products)} - {""} <= products


@pytest.mark.parametrize("seed", [7, 8, 9])
@pytest.mark.parametrize("night", [NIGHT, date(2028, 2, 29), date(2027, 1, 1)])
def test_every_campaign_finds_somebody_whatever_the_seed(tmp_path: Path, night: date, seed: int):
    """Counted here by hand from the files, not with the scans."""
    files = write_shop(tmp_path, as_of=night, seed=seed)
    found: Counter[str] = Counter()
    for r in rows(files.orders):
        came, due = (ago(r[name], night) if r[name] else None for name in ("delivered_at", "promised_on"))
        assert due is not None
        if r["status"] == "cancelled":
            continue
        if came is None:
            found["running_late"] += 1 <= due <= 14
        elif came >= due:
            found["delivery_check"] += 3 <= came <= 10
        else:
            found["we_were_late"] += 1 <= came <= 10
    assert found["delivery_check"] >= 40
    assert found["we_were_late"] >= 12
    assert found["running_late"] == 10
    assert owners_of_older_models(files, night) >= 40
    assert 10 <= people_gone_quiet(files, night) <= 40


def owners_of_older_models(files: ShopFiles, night: date) -> int:
    newer = {r["product"]: r["successor"] for r in rows(files.products) if r["successor"]}
    by_order = {r["order"]: r for r in rows(files.orders)}
    owned: dict[str, set[str]] = defaultdict(set)
    long_owned: set[tuple[str, str]] = set()
    for line in rows(files.order_lines):
        order = by_order[line["order"]]
        if not order["returned_on"] and order["status"] != "cancelled":
            owned[order["customer"]].add(line["product"])
            if line["product"] in newer and ago(order["placed_at"], night) > 180:
                long_owned.add((order["customer"], line["product"]))
    return sum(newer[model] not in owned[who] for who, model in long_owned)


def people_gone_quiet(files: ShopFiles, night: date) -> int:
    """Who became quiet in the last thirty nights, by settled 15."""
    days: dict[str, set[int]] = defaultdict(set)
    for r in rows(files.orders):
        if r["status"] != "cancelled":
            days[r["customer"]].add(ago(r["placed_at"], night))
    gaps = {who: [a - b for b, a in zip(sorted(d), sorted(d)[1:], strict=False)] for who, d in days.items()}
    every = [gap for own in gaps.values() for gap in own]
    assert len(every) >= 30
    quiet = 0
    for who, own in gaps.items():
        typical = (len(own) * (median(own) if own else 0) + 2 * median(every)) / (len(own) + 2)
        limit = max(30.0, 2 * typical)
        quiet += limit < min(days[who]) <= limit + 30
    return quiet


def test_the_records_carry_every_scan(shop: ShopFiles):
    """The scan for late orders runs only when deliveries are recorded: 95 % of older parcels, the newest yesterday."""
    shipped = [r for r in rows(shop.orders) if r["shipped_on"] and ago(r["shipped_on"]) >= 14]
    assert sum(bool(r["delivered_at"]) for r in shipped) >= 0.95 * len(shipped)
    assert min(ago(r["delivered_at"]) for r in rows(shop.orders) if r["delivered_at"]) == 1
    for r in rows(shop.orders):
        steps = [ago(r[name]) for name in ("placed_at", "shipped_on", "delivered_at", "returned_on") if r[name]]
        assert steps == sorted(steps, reverse=True), r
        assert steps[-1] >= 1, r


def test_awkward_people_are_among_them(shop: ShopFiles):
    people = rows(shop.customers)
    assert sum(not r["first_name"] for r in people) >= 3
    assert sum(not r["email"] for r in people) >= 3
    assert any(not r["email"] and r["phone"] and r["text_service"] == "yes" for r in people)
    assert any(not r["email"] and not r["phone"] for r in people)
    assert any(r["email_marketing"] == "no" for r in people)
    assert any(r["email_marketing"] == "yes" and not r["consent_at"] for r in people)
    assert max(Counter(r["email"] for r in people if r["email"]).values()) == 2
    assert any(len(r["first_name"]) > 60 for r in people)
    assert any(any("֐" <= c <= "ۿ" for c in r["first_name"]) for r in people)
    assert any("{{" in r["last_name"] for r in people)


def test_nobody_real_can_be_reached(shop: ShopFiles):
    for r in rows(shop.customers):
        assert not r["email"] or r["email"].rpartition("@")[2] in ("example.com", "example.org")
        if r["phone"]:
            assert phonenumbers.is_valid_number(phonenumbers.parse(r["phone"]))
            assert r["country"] == "BR" or "555 01" in r["phone"] or "176 040690" in r["phone"]


def test_the_same_seed_writes_the_same_bytes(shop: ShopFiles, tmp_path: Path):
    again = write_shop(tmp_path / "again", as_of=NIGHT)
    other = write_shop(tmp_path / "other", as_of=NIGHT, seed=8)
    assert [p.read_bytes() for p in again.paths] == [p.read_bytes() for p in shop.paths]
    assert again.customers.read_bytes() != other.customers.read_bytes()


def test_a_big_shop_has_its_share_of_the_night(tmp_path: Path):
    files = write_big_shop(tmp_path, customers=4_000, orders=12_000, as_of=NIGHT, seed=3)
    orders = rows(files.orders)
    assert (len(rows(files.customers)), len(orders)) == (4_000, 12_000)
    assert len({r["order"] for r in orders}) == 12_000
    assert {r["customer"] for r in orders} == {r["customer"] for r in rows(files.customers)}
    lines = rows(files.order_lines)
    assert {r["order"] for r in lines} == {r["order"] for r in orders}
    assert {r["product"] for r in lines} <= {r["product"] for r in rows(files.products)}
    tonight = sum(
        (bool(r["delivered_at"]) and 1 <= ago(r["delivered_at"]) <= 10)
        or (not r["delivered_at"] and 1 <= ago(r["promised_on"]) <= 14)
        for r in orders
    )
    assert 0.015 <= tonight / len(orders) <= 0.035
    assert all(ago(r["placed_at"]) >= 1 for r in orders)


def test_a_shop_has_no_customer_without_an_order(tmp_path: Path):
    with pytest.raises(ValueError, match="order"):
        write_big_shop(tmp_path, customers=10, orders=9, as_of=NIGHT)
