"""How does a test open the customer pages, and who are the customers?"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa
from starlette.testclient import TestClient

from outreach.flows.app import App
from outreach.render.pages_words import load_pages
from outreach.store.engine import reading, writing
from outreach.store.types import metadata
from outreach.web.program import pages
from tests import builders

#: Contact points of the shop that `fill` makes.
ANA_EMAIL, ANA_PHONE, BEN_EMAIL, CY_EMAIL = 1, 2, 3, 4


def fill(c: sa.Connection) -> None:
    """Ana has an email and a phone, said yes to both, and got an order; Ben shares her email; Cy said no yes."""
    ana = builders.customer(c, "C-1", "ana@example.com", "+5511912345601", consent=("email", "text"))
    builders.customer(c, "C-2", "ana@example.com", consent=("email",), first_name="Ben", household=ana)
    cy = builders.customer(c, "C-3", "cy@example.org", consent=(), first_name="Cy")
    care = ("Clean the burrs", "Once a month, with a dry brush.", "https://shop.alder.example/care")
    mill = builders.product(c, "mill-3", "Mill 3", care=care)
    placed, came = date(2026, 11, 1), date(2026, 11, 8)
    builders.order(c, "O-1", ana, placed_on=placed, promised_on=came, delivered_on=came, lines=[mill])
    builders.order(c, "O-3", cy, placed_on=date(2020, 1, 1), lines=[mill])


@dataclass
class Visit:
    """A browser at the pages of a shop, and what the database holds."""

    app: App
    client: TestClient
    faults: list[Exception] = field(default_factory=list)

    def path(self, url: str) -> str:
        return url.removeprefix(self.app.links.base_url)

    def page(self, point: int) -> str:
        return self.path(self.app.links.choose(point))

    def button(self, point: int) -> str:
        return self.path(self.app.links.one_click(point))

    def get(self, path: str, **how: Any) -> Any:
        return self.client.get(path, **how)

    def post(self, path: str, **data: Any) -> Any:
        return self.client.post(path, data=data)

    def rows(self, table: sa.Table) -> list[Any]:
        with reading(self.app.engine) as c:
            return list(c.execute(sa.select(table).order_by(*table.primary_key.columns)))

    def dump(self) -> dict[str, list[Any]]:
        """Every row of every table."""
        return {name: self.rows(table) for name, table in sorted(metadata.tables.items())}

    def change(self, *statements: Any) -> None:
        with writing(self.app.engine) as c:
            for statement in statements:
                c.execute(statement)


@contextmanager
def visiting(app: App) -> Iterator[Visit]:
    """A browser at this shop's pages."""
    languages = load_pages(app.project, app.house.shop.language, app.house.shop.country)
    faults: list[Exception] = []
    made = pages(app, languages, on_fault=faults.append)
    with TestClient(made, base_url="https://hello.alder.example", raise_server_exceptions=False) as client:
        client.headers.pop("accept-language", None)
        yield Visit(app, client, faults)
