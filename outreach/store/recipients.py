"""To whom is a message addressed? Names, language, zone and address of customers, for rendering and handing over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from outreach.core.zones import zones_for
from outreach.store.among import among
from outreach.store.contacts import contact_points
from outreach.store.shop import customers


@dataclass(frozen=True, slots=True)
class Addressee:
    """One customer as a message greets them. `zones`: candidates, the main one first."""

    id: int
    key: str
    first_name: str | None
    last_name: str | None
    language: str | None
    country: str | None
    state: str | None
    zone: str | None
    since_on: date | None

    def zones(self, shop_country: str) -> tuple[str, ...]:
        return zones_for(self.zone, self.country, self.state, shop_country)


def load(c: sa.Connection, ids: Sequence[int]) -> dict[int, Addressee]:
    """Customers by id; primary key."""
    names = ("id", "key", "first_name", "last_name", "language", "country", "state", "zone", "since_on")
    query = sa.select(*(customers.c[name] for name in names)).where(among(customers.c.id, sorted(set(ids))))
    return {row[0]: Addressee(*row) for row in c.execute(query).all()}


def addresses(c: sa.Connection, contact_point_ids: Sequence[int]) -> dict[int, str | None]:
    """{contact point id: canonical address; None once erased, or when the record names another by now}."""
    p = contact_points.c
    rows = c.execute(sa.select(p.id, p.address, p.current).where(among(p.id, sorted(set(contact_point_ids))))).all()
    return {row.id: row.address if row.current else None for row in rows}
