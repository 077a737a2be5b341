"""The invented shop on both databases, and worker programs that end with the test."""

from collections.abc import Iterator

import pytest

from tests.flows.fixtures import *  # noqa: F403 - fixtures are found by their names here
from tests.worker.running import Started, Starter


@pytest.fixture
def start() -> Iterator[Starter]:
    """Start `outreach worker` over a project; whatever still runs at the end is killed."""
    running: list[Started] = []
    yield Starter(running)
    for one in running:
        one.end()
