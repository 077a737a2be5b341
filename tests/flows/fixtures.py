"""The databases of an imported invented shop, made once and cloned; used by the tests of flows, screens and faults."""

import shutil
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from outreach.bootstrap import build
from outreach.records.invented import ShopFiles, write_shop
from outreach.render import catalogue
from outreach.render.catalogue import Catalogue
from tests.flows.stage import NIGHT, Stage, new_project, take_in
from tests.services import Postgres

__all__ = [
    "bare",
    "postgres_stage",
    "shipped_catalogue",
    "shop_files",
    "sqlite_stage",
    "stage",
    "stocked_postgres",
    "stocked_sqlite",
]


@pytest.fixture(scope="session")
def shop_files(tmp_path_factory: pytest.TempPathFactory) -> ShopFiles:
    """The invented shop's four files."""
    return write_shop(tmp_path_factory.mktemp("records"), as_of=NIGHT)


@pytest.fixture(scope="session")
def shipped_catalogue(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Catalogue]:
    """The shipped templates, compiled once; those of campaigns that ship switched off, too."""
    project = new_project(tmp_path_factory.mktemp("catalogue") / "shop")

    @cache
    def load() -> Catalogue:
        app = build(project)
        app.engine.dispose()
        every = {name: replace(campaign, on=True) for name, campaign in app.campaigns.items()}
        return catalogue.load(project, every, app.house.shop)

    return load


@pytest.fixture(scope="session")
def stocked_sqlite(tmp_path_factory: pytest.TempPathFactory, shop_files: ShopFiles) -> Path:
    """An SQLite file with the shop's records."""
    project = new_project(tmp_path_factory.mktemp("stocked") / "shop")
    app = build(project)
    take_in(app, shop_files.paths)
    with app.engine.connect() as c:
        c.rollback()
        raw = c.connection.dbapi_connection
        assert raw is not None
        raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
    app.engine.dispose()
    return project / ".outreach" / "outreach.db"


@pytest.fixture(scope="session")
def stocked_postgres(
    tmp_path_factory: pytest.TempPathFactory, shop_files: ShopFiles, postgres: Postgres, postgres_template: str
) -> Iterator[str]:
    """The name of a PostgreSQL database with the shop's records."""
    name = f"outreach_stocked_{uuid.uuid4().hex[:12]}"
    administer(postgres, f"CREATE DATABASE {name} TEMPLATE {postgres_template}")
    app = build(new_project(tmp_path_factory.mktemp("stocked-pg") / "shop", address(postgres, name)))
    take_in(app, shop_files.paths)
    app.engine.dispose()
    yield name
    administer(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def sqlite_stage(tmp_path: Path, stocked_sqlite: Path, shipped_catalogue: Callable[[], Catalogue]) -> Iterator[Stage]:
    """The stocked shop on SQLite."""
    project = new_project(tmp_path / "stocked")
    (project / ".outreach").mkdir()
    shutil.copyfile(stocked_sqlite, project / ".outreach" / "outreach.db")
    stage = Stage(project, f"sqlite:///{project / '.outreach' / 'outreach.db'}", shipped_catalogue)
    yield stage
    stage.close()


@pytest.fixture
def postgres_stage(
    tmp_path: Path, postgres: Postgres, stocked_postgres: str, shipped_catalogue: Callable[[], Catalogue]
) -> Iterator[Stage]:
    """The stocked shop on PostgreSQL."""
    name = f"outreach_test_{uuid.uuid4().hex[:12]}"
    administer(postgres, f"CREATE DATABASE {name} TEMPLATE {stocked_postgres} STRATEGY file_copy")
    stage = Stage(
        new_project(tmp_path / "stocked-pg", address(postgres, name)), address(postgres, name), shipped_catalogue
    )
    yield stage
    stage.close()
    administer(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def stage(request: pytest.FixtureRequest) -> Stage:
    """The stocked shop; each test that asks runs on both databases."""
    found: Stage = request.getfixturevalue("sqlite_stage" if request.param == "sqlite" else "postgres_stage")
    return found


@pytest.fixture
def bare(project: Path, url: str, shipped_catalogue: Callable[[], Catalogue]) -> Iterator[Stage]:
    """A shop without records, on both databases; fill it with tests.builders."""
    with (project / ".env").open("a", encoding="utf-8") as env:
        env.write(f"OUTREACH_DATABASE_URL={url}\n")
    stage = Stage(project, url, shipped_catalogue)
    yield stage
    stage.close()


def administer(server: Postgres, statement: str) -> None:
    with psycopg.connect(server.url, autocommit=True) as c:
        c.execute(statement.encode())


def address(server: Postgres, name: str) -> str:
    return sa.make_url(server.url).set(database=name).render_as_string(hide_password=False)
