"""What do the tests of imports share? A desk: an engine, a project and a shop."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from outreach.settings import read_house
from outreach.store.engine import open_engine
from tests.records.desk import Desk


@pytest.fixture
def desk(engine: sa.Engine, project: Path) -> Desk:
    """On both databases."""
    return Desk(engine, project, read_house(project))


@pytest.fixture
def quick(sqlite_url: str, project: Path) -> Desk:
    """On SQLite alone, where only reading is asked about."""
    return Desk(open_engine(sqlite_url), project, read_house(project))
