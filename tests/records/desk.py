"""How does a test import a few rows and look at what became of them?"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from outreach.core.shop import House
from outreach.flows.import_records import ImportOptions, import_files
from outreach.records.choosing import guess_files, sources_from_files
from outreach.records.mapping import Mapping
from outreach.records.summary import FileSummary, ImportSummary
from outreach.records.table import Source
from outreach.store import contacts, shop
from tests.builders import SECRETS

CUSTOMERS = "customer,first_name,email,phone,country\nC-1,Ana,ana@shop.example,,GB\n"
PRODUCTS = "product,name\nP-1,Mill\n"


@dataclass
class Desk:
    """One engine, one project, one shop; `take` writes text as files and imports them by their own guess."""

    engine: sa.Engine
    project: Path
    house: House

    def placed(self, **shop_values: Any) -> "Desk":
        """The same desk in another zone, country or currency."""
        return replace(self, house=replace(self.house, shop=replace(self.house.shop, **shop_values)))

    def write(self, name: str, text: str | bytes) -> Path:
        path = self.project / "in" / f"{name}.csv"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def paths(self, files: dict[str, str | bytes]) -> list[Path]:
        return [self.write(name, text) for name, text in files.items()]

    def take(
        self, *, mappings: Sequence[Mapping] = (), check: bool = False, yes: bool = False, **files: Any
    ) -> ImportSummary:
        paths = self.paths(files)
        found = list(mappings) or [guess.mapping for guess in guess_files(paths)]
        return self.sources(sources_from_files(self.project, paths, mappings=found), check=check, yes=yes)

    def sources(
        self, sources: Sequence[Source], *, check: bool = False, yes: bool = False, batch: int = 2
    ) -> ImportSummary:
        options = ImportOptions(self.project, check=check, yes=yes, batch=batch)
        return import_files(self.engine, sources, house=self.house, secrets=SECRETS, options=options)

    def one(self, **files: Any) -> FileSummary:
        """Import; the summary of the last file."""
        return self.take(**files).files[-1]

    def rows(self, table: sa.Table) -> list[Any]:
        with self.engine.connect() as c:
            return list(c.execute(sa.select(table).order_by(*table.primary_key.columns)).all())

    def order(self, key: str = "O-1") -> Any:
        return next(row for row in self.rows(shop.orders) if row.key == key)

    def customer(self, key: str = "C-1") -> Any:
        return next(row for row in self.rows(shop.customers) if row.key == key)

    def events(self) -> list[tuple[str, str, str]]:
        """(channel, level, action) of the ledger, in order."""
        return [(row.channel, row.level, row.action) for row in self.rows(contacts.consent_events)]

    def everything(self) -> dict[str, list[Any]]:
        tables = [shop.customers, shop.products, shop.product_prices, shop.orders, shop.order_lines, shop.promises]
        tables += [contacts.contact_points, contacts.consent_events]
        return {table.name: self.rows(table) for table in tables}


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type]


def said(file: FileSummary) -> list[str]:
    return [f"{finding.place}: {finding.message}" for finding in file.findings]


def noticed(file: FileSummary) -> list[str]:
    return [f"{finding.place}: {finding.message}" for finding in file.notices]
