"""The invented shop on both databases; and planned shops whose messages are due, with a crew and a fake provider."""

import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fake.conftest import fake  # noqa: F401 - fixtures are found by their names here
from tests.fake.running import Running, start
from tests.faults.hands import Crew
from tests.faults.scene import Scene, copied, plan_night, settle_in
from tests.faults.stand import Stand
from tests.flows.fixtures import *  # noqa: F403
from tests.flows.fixtures import address, administer
from tests.services import Postgres

#: Enough for several campaigns and both channels.
CUSTOMERS = 150


@pytest.fixture(scope="session")
def fake_provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One that does not judge requests: a story of deadlines must not wait for that."""
    running = start(tmp_path_factory.mktemp("fake") / "journal.jsonl", "--fast")
    yield running
    running.stop()


@pytest.fixture(scope="session")
def planned_sqlite(tmp_path_factory: pytest.TempPathFactory, fake_provider: Running) -> Path:
    """A project whose night is planned, over SQLite."""
    project = settle_in(tmp_path_factory.mktemp("planned") / "shop", None, fake_provider.environment)
    assert plan_night(project, CUSTOMERS) > 30
    return project


@pytest.fixture(scope="session")
def planned_postgres(
    tmp_path_factory: pytest.TempPathFactory,
    fake_provider: Running,
    postgres: Postgres,
    postgres_template: str,
) -> Iterator[tuple[Path, str]]:
    """The same over PostgreSQL, and the name of its database."""
    name = f"outreach_planned_{uuid.uuid4().hex[:12]}"
    administer(postgres, f"CREATE DATABASE {name} TEMPLATE {postgres_template}")
    folder = tmp_path_factory.mktemp("planned-pg") / "shop"
    project = settle_in(folder, address(postgres, name), fake_provider.environment)
    plan_night(project, CUSTOMERS)
    yield project, name
    administer(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def sqlite_scene(tmp_path: Path, planned_sqlite: Path) -> Iterator[Scene]:
    project = copied(planned_sqlite, tmp_path / "faulty")
    scene = Scene(project, f"sqlite:///{project / '.outreach' / 'outreach.db'}")
    yield scene
    scene.close()
    shutil.rmtree(project)


@pytest.fixture
def postgres_scene(tmp_path: Path, postgres: Postgres, planned_postgres: tuple[Path, str]) -> Iterator[Scene]:
    template, before = planned_postgres
    name = f"outreach_test_{uuid.uuid4().hex[:12]}"
    administer(postgres, f"CREATE DATABASE {name} TEMPLATE {before} STRATEGY file_copy")
    url = address(postgres, name)
    scene = Scene(copied(template, tmp_path / "faulty-pg", changed={address(postgres, before): url}), url)
    yield scene
    scene.close()
    administer(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def scene(request: pytest.FixtureRequest) -> Scene:
    """A shop whose messages are due; each test that asks runs on both databases."""
    found: Scene = request.getfixturevalue("sqlite_scene" if request.param == "sqlite" else "postgres_scene")
    return found


@pytest.fixture(scope="session")
def company() -> Iterator[Crew]:
    """A crew that serves one project after the other."""
    crew = Crew()
    yield crew
    crew.close()


@pytest.fixture
def stand(scene: Scene, fake: Running, company: Crew) -> Iterator[Stand]:  # noqa: F811
    """Everything a story of faults is told with."""
    yield Stand(scene, company.serve(scene.project), fake)
    company.dismiss()
