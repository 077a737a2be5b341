"""The customer pages over a real database, asked without a network."""

from collections.abc import Iterator

import pytest

from outreach.store.engine import writing
from tests.flows.fixtures import *  # noqa: F403 - fixtures are found by their names here
from tests.flows.stage import Stage
from tests.web.visits import ANA_EMAIL, Visit, fill, visiting


@pytest.fixture
def visit(bare: Stage) -> Iterator[Visit]:
    """A browser at the pages of a small shop, on both databases."""
    with writing(bare.app.engine) as c:
        fill(c)
    with visiting(bare.app) as visit:
        yield visit


@pytest.fixture
def asked(bare: Stage, visit: Visit) -> str:
    """The link by which Ana was asked, in a real night's message, how her delivery went."""
    bare.night()
    bare.hand_over()
    link = bare.app.links.answer(ANA_EMAIL, "delivery_check", "O-1", "fine")
    return visit.path(link).partition("?")[0]
