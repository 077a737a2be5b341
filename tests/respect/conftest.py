"""What do the tests of respect.md stand on? On what the tests of rendering, of the pages and of providers' posts do."""

from tests.flows.fixtures import *  # noqa: F403 - fixtures are found by their names here
from tests.render.conftest import campaigns, everyone
from tests.web.conftest import asked, visit
from tests.web.test_hooks import app, client

__all__ = ["app", "asked", "campaigns", "client", "everyone", "visit"]
