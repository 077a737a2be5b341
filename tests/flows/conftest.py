"""The invented shop on both databases, and a shop that is live with a provider that keeps a journal."""

import pytest

from outreach.flows.app import App
from tests.flows import outgoing
from tests.flows.fixtures import *  # noqa: F403 - fixtures are found by their names here
from tests.flows.outgoing import Vendor
from tests.flows.stage import Stage


@pytest.fixture
def vendor() -> Vendor:
    return Vendor()


@pytest.fixture
def app(bare: Stage, vendor: Vendor) -> App:
    """A live shop without records, which `vendor` knows; files that need another say so."""
    return outgoing.trusted(bare.app, vendor)
