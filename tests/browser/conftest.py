"""A real Chromium at a real `outreach serve pages`. Collected only when this folder is named: dev.py test --browser."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from outreach.store.engine import writing
from tests.browser.chromium import NoBrowser, chromium
from tests.browser.serving import Served
from tests.flows.fixtures import *  # noqa: F403 - fixtures are found by their names here
from tests.flows.stage import Stage
from tests.web.visits import ANA_EMAIL, fill


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """These need a Chromium: `python3 dev.py test --browser` names this folder."""
    return None if any("tests/browser" in argument for argument in config.args) else True


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all. Not there: the test fails, it is never skipped."""
    try:
        path = chromium()
    except NoBrowser as problem:
        pytest.fail(str(problem), pytrace=False)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield opened
        opened.close()


@dataclass
class Site:
    """A shop whose pages answer in a process of their own, after one night."""

    stage: Stage
    served: Served

    def at(self, url: str) -> str:
        """Where a link of a message leads, on this machine."""
        return self.served.at + url.removeprefix(self.stage.app.links.base_url)

    @property
    def choose(self) -> str:
        return self.at(self.stage.app.links.choose(ANA_EMAIL))

    @property
    def ask(self) -> str:
        return self.at(self.stage.app.links.answer(ANA_EMAIL, "delivery_check", "O-1", "late"))


@pytest.fixture
def url(sqlite_url: str) -> str:
    """One database is enough here: what the pages do is tried on both in tests/web."""
    return sqlite_url


@pytest.fixture
def site(bare: Stage) -> Iterator[Site]:
    """The small shop of tests/web after its night."""
    with writing(bare.app.engine) as c:
        fill(c)
    bare.night()
    served = Served(bare.project)
    yield Site(bare, served)
    served.kill()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A window without a history, 1024 wide."""
    context = browser.new_context(viewport={"width": 1024, "height": 900})
    yield context.new_page()
    context.close()
