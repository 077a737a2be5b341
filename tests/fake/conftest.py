"""A fake provider that judges every request, one per test process."""

from collections.abc import Iterator

import pytest

from tests.fake.running import Running, start


@pytest.fixture(scope="session")
def fake_provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Up for the whole session."""
    running = start(tmp_path_factory.mktemp("fake") / "journal.jsonl")
    yield running
    running.stop()


@pytest.fixture
def fake(fake_provider: Running) -> Running:
    """With an empty journal and in a good mood."""
    fake_provider.forget()
    return fake_provider
