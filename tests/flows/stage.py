"""What do the tests of nights stand on? An invented shop, imported once per database and copied for each test."""

import csv
import functools
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from outreach.bootstrap import build
from outreach.core.terms import Mode
from outreach.core.wording import Words
from outreach.flows.answer_words import AnswerWords
from outreach.flows.app import App
from outreach.flows.import_records import ImportOptions, import_files
from outreach.flows.plan import Planned, Request, plan
from outreach.flows.send import Handed, hand_over
from outreach.records.choosing import guess_files, sources_from_files
from outreach.render.catalogue import Catalogue
from outreach.store.engine import reading, writing
from outreach.store.schema import outbox
from outreach.store.shop import customers
from outreach.store.types import metadata
from outreach.wishes_words import load_words
from tests.builders import SECRETS

ROOT = Path(__file__).resolve().parents[2]
#: The night the invented shop is written for.
NIGHT = date(2026, 11, 14)


@functools.cache
def shipped_words() -> Words:
    """The words as they are shipped, read once: no test that edits them asks for these."""
    return load_words(ROOT)


def new_project(folder: Path, url: str | None = None) -> Path:
    """A project folder with the shipped config, templates and jobs, and fixed keys."""
    folder.mkdir(parents=True)
    for name in ("config", "templates", "jobs"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    keys = (
        f"OUTREACH_PEPPER={SECRETS.pepper.decode()}\n"
        f"OUTREACH_TOKEN_KEYS={b','.join(SECRETS.token_keys).decode()}\n"
        f"OUTREACH_HOLDOUT_SALT={SECRETS.holdout_salt.decode()}\n"
    )
    (folder / ".env").write_text(keys + (f"OUTREACH_DATABASE_URL={url}\n" if url else ""), encoding="utf-8")
    return folder


def take_in(app: App, paths: Iterable[Path]) -> None:
    """A real import of CSV files, by the guess."""
    files = list(paths)
    sources = sources_from_files(app.project, files, map_file=None, mappings=[g.mapping for g in guess_files(files)])
    options = ImportOptions(project=app.project, check=False, yes=True)
    import_files(app.engine, sources, house=app.house, secrets=app.secrets, options=options)


@dataclass
class Stage:
    """A project over its own database. `app` is built anew after files were changed; shipped templates compile once."""

    project: Path
    url: str
    shipped: Callable[[], Catalogue]
    _app: App | None = None

    @property
    def app(self) -> App:
        if self._app is None:
            built = build(self.project)
            self._app = replace(
                built,
                load_catalogue=self.shipped,
                answer_words=AnswerWords(lambda _: self.shipped()),
                load_words=shipped_words,
            )
        return self._app

    def rebuilt(self) -> App:
        """The program as its files say now, templates included."""
        self.close()
        self._app = build(self.project)
        return self._app

    def live(self) -> App:
        """The same shop in live mode, which no file can choose in this version."""
        self._app = replace(self.app, house=replace(self.app.house, mode=Mode.LIVE))
        return self._app

    def close(self) -> None:
        if self._app is not None:
            self._app.engine.dispose()
            self._app = None

    def night(self, night: date = NIGHT, **how: Any) -> Planned:
        """One night on its own clock, in the shop's mode."""
        return plan(self.app, Request(night, self.app.house.mode, **{"past": True, **how}))

    def hand_over(self) -> Handed:
        return hand_over(self.app)

    def rows(self, query: Any) -> list[Any]:
        with reading(self.app.engine) as c:
            return list(c.execute(query))

    def change(self, *statements: Any) -> None:
        with writing(self.app.engine) as c:
            for statement in statements:
                c.execute(statement)

    def messages(self, **where: Any) -> list[Any]:
        """Messages with their customer's key, by id."""
        query = sa.select(outbox, customers.c.key).join(customers, customers.c.id == outbox.c.customer_id)
        asked = [outbox.c[name] == value for name, value in where.items()]
        return self.rows(query.where(*asked).order_by(outbox.c.id))

    def counts(self) -> dict[str, int]:
        """Rows of every table."""
        with reading(self.app.engine) as c:
            return {
                name: c.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
                for name, table in metadata.tables.items()
            }

    def decisions(self) -> list[tuple[Any, ...]]:
        """What was decided about whom, in a form two databases can be compared by."""
        d, k = metadata.tables["decision"].c, customers.c.key
        query = sa.select(d.night, k, d.campaign, d.subject_key, d.outcome, d.reason, d.channel, d.next_eligible_on)
        rows = self.rows(query.join(customers, customers.c.id == d.customer_id))
        return sorted((tuple(row) for row in rows), key=str)


def read_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_back(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
