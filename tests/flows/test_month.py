"""Thirty nights in a row: does anybody hear twice about one thing, twice in a night, or too soon?"""

import hashlib
from collections import Counter, defaultdict
from datetime import date, timedelta
from random import Random
from typing import Any

import sqlalchemy as sa

from outreach.core.terms import COUNTED_STATES, Kind
from outreach.flows.rehearse import rehearse
from outreach.flows.tonight import the_night
from outreach.records.invented import ShopFiles
from outreach.store.contacts import contact_points
from outreach.store.shop import products
from outreach.store.types import metadata
from tests.flows.stage import NIGHT, Stage, read_rows, take_in, write_back

#: Nights from two before NIGHT on: a month on a file; on a server until the rest of the first nights is over.
FIRST = NIGHT - timedelta(days=2)
SPAN = {"sqlite": 30, "postgresql": 17}
UNASKED = (Kind.OFFER.value, Kind.CHECK_IN.value, Kind.GIFT.value)


def test_thirty_nights_keep_every_rule_of_manners_and_a_rehearsal_says_the_same(stage: Stage):
    count = SPAN[stage.app.engine.dialect.name]
    before = everything(stage)
    rehearsed = rehearse(stage.app, first=FIRST, nights=count)
    assert everything(stage) == before
    really = []
    for night in (FIRST + timedelta(days=n) for n in range(count)):
        report = the_night(stage.app, stage.night(night).run_id)
        really.append((night, report.found, report.left_alone, report.queued))
        stage.hand_over()
    assert [(n.run.night, n.found, n.left_alone, n.queued) for n in rehearsed.nights] == really
    assert all(found == left_alone + queued for _, found, left_alone, queued in really)
    rows = [m for m in stage.messages() if m.state in COUNTED_STATES]
    assert rehearsed.per_campaign == Counter(m.campaign for m in rows)
    assert len(rehearsed.per_campaign) == 5, "every campaign wrote to somebody"
    assert rehearsed.heard[0][1] == max(Counter(m.customer_id for m in rows).values())
    nothing_is_told_twice(rows)
    one_voice_a_night(rows)
    rest_is_kept(stage, rows)


def nothing_is_told_twice(rows: list[Any]) -> None:
    for whose in ("customer_id", "contact_hash"):
        about = Counter((m.campaign, getattr(m, whose), s) for m in rows for s in m.subjects)
        assert [key for key, count in about.items() if count > 1] == []


def one_voice_a_night(rows: list[Any]) -> None:
    for whose in ("customer_id", "contact_hash"):
        voices = Counter((m.night, getattr(m, whose)) for m in rows)
        assert [key for key, count in voices.items() if count > 1] == []


def rest_is_kept(stage: Stage, rows: list[Any]) -> None:
    """Offers and check-ins: not within `rest` nights after any message to any address this customer has."""
    addresses = defaultdict(set)
    for point in stage.rows(sa.select(contact_points)):
        addresses[point.customer_id].add(point.address_hash)
    asked = [m for m in rows if m.kind in UNASKED]
    assert asked
    for m in asked:
        rest = stage.app.campaigns[m.campaign].rest_days
        assert rest == 14
        near = [o for o in rows if o.contact_hash in addresses[m.customer_id] and 0 < (m.night - o.night).days < rest]
        assert near == []


def everything(stage: Stage) -> str:
    """Every row of every table, as one hash."""
    found = hashlib.sha256()
    for name, table in sorted(metadata.tables.items()):
        rows = stage.rows(sa.select(table).order_by(*table.primary_key.columns))
        found.update(f"{name} {len(rows)}\n".encode() + "\n".join(map(repr, map(tuple, rows))).encode())
    return found.hexdigest()


def test_catalogue_prices_decide_nothing(sqlite_stage: Stage, postgres_stage: Stage):
    """The same shop on the other database, every price another: decision for decision the same."""
    draw = Random(11)
    priced = sqlite_stage.rows(sa.select(products.c.id, products.c.price_minor).where(products.c.in_stock.is_(True)))
    sqlite_stage.change(
        *(
            sa.update(products).where(products.c.id == id_).values(price_minor=int(price * draw.uniform(0.01, 300)) + 1)
            for id_, price in priced
        )
    )
    for night in (NIGHT, NIGHT + timedelta(days=1)):
        sqlite_stage.night(night)
        postgres_stage.night(night)
    assert len(priced) > 5
    assert sqlite_stage.decisions() == postgres_stage.decisions()


def test_what_a_customer_paid_decides_nothing(sqlite_stage: Stage, bare: Stage, shop_files: ShopFiles, tmp_path: Any):
    """Every price multiplied by a random factor of its customer's own, then really imported."""
    draw = Random(12)
    factors: dict[str, float] = defaultdict(lambda: draw.uniform(0.01, 300))
    whose = {row["order"]: row["customer"] for row in read_rows(shop_files.orders)}
    lines = read_rows(shop_files.order_lines)
    for row in lines:
        row["price"] = f"{float(row['price']) * factors[whose[row['order']]]:.2f}"
    dear = tmp_path / "order_lines.csv"
    write_back(dear, lines)
    take_in(bare.app, [shop_files.customers, shop_files.products, shop_files.orders, dear])
    nights: tuple[date, ...] = (NIGHT, NIGHT + timedelta(days=1))
    for night in nights:
        sqlite_stage.night(night)
        bare.night(night)
    assert bare.decisions() == sqlite_stage.decisions()
