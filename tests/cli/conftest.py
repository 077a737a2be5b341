"""The invented shop on both databases, and a keyboard."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from outreach.flows.send import hand_over
from outreach.render.catalogue import Catalogue
from tests.cli.screens import Type, typed
from tests.flows.fixtures import *  # noqa: F403 - fixtures are found by their names here
from tests.flows.stage import NIGHT, Stage, new_project


@pytest.fixture
def o(capsys: pytest.CaptureFixture[str]) -> Type:
    """Type a command outside any project."""
    return typed(capsys, None)


@pytest.fixture
def here(capsys: pytest.CaptureFixture[str], sqlite_stage: Stage) -> Type:
    """Type a command in a project of one's own with the invented shop's records, before any night."""
    return typed(capsys, sqlite_stage.project)


@pytest.fixture
def both(capsys: pytest.CaptureFixture[str], stage: Stage) -> Type:
    """The same, on both databases."""
    return typed(capsys, stage.project)


@pytest.fixture(scope="module")
def played_project(
    tmp_path_factory: pytest.TempPathFactory, stocked_sqlite: Path, shipped_catalogue: Callable[[], Catalogue]
) -> Path:
    """A project in which one night ran and was handed over; to be looked at, not changed."""
    project = new_project(tmp_path_factory.mktemp("played") / "shop")
    (project / ".outreach").mkdir()
    shutil.copyfile(stocked_sqlite, project / ".outreach" / "outreach.db")
    shop = Stage(project, "", shipped_catalogue)
    shop.night(NIGHT)
    hand_over(shop.app)
    shop.close()
    return project


@pytest.fixture
def played(capsys: pytest.CaptureFixture[str], played_project: Path) -> Type:
    """Type a command in that project."""
    return typed(capsys, played_project)


@pytest.fixture
def empty(capsys: pytest.CaptureFixture[str], project: Path) -> Type:
    """Type a command in a new project without records."""
    return typed(capsys, project)
