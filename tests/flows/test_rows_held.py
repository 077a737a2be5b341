"""Does one message that another transaction is changing hold up the others, or wait for its lease to run out?"""

from dataclasses import dataclass, field

import pytest
import sqlalchemy as sa

from outreach.core.terms import Scope
from outreach.flows import opt_out
from outreach.flows.app import App
from outreach.providers.base import Envelope
from outreach.store.engine import now, open_engine, reading
from outreach.store.schema import outbox
from tests.flows import outgoing as o
from tests.flows.outgoing import Vendor


@dataclass
class Held:
    """A row that somebody else changes from just before the first hand-off until `until` others left."""

    vendor: Vendor
    url: str
    row: int
    until: int
    _session: sa.Connection | None = None
    freed_after: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.vendor.wait = self.gone_by
        self.vendor.ready = self.lock  # type: ignore[method-assign]

    async def lock(self, _: int) -> None:
        if self._session is None:
            self._session = open_engine(self.url).connect()
            self._session.execute(sa.select(outbox.c.id).where(outbox.c.id == self.row).with_for_update())

    async def gone_by(self, _: Envelope) -> None:
        if len(self.vendor.journal) == self.until:
            self.free()

    def free(self) -> None:
        assert self._session is not None
        self.freed_after.append(len(self.vendor.journal))
        self._session.rollback()
        self._session.close()
        self._session.engine.dispose()


@pytest.fixture
def url(postgres_url: str) -> str:
    """SQLite has one writer: nobody else changes a row meanwhile."""
    return postgres_url


@pytest.mark.parametrize("held", [0, 11, 29])
def test_all_others_leave_meanwhile_and_it_leaves_soon_after(app: App, vendor: Vendor, url: str, held: int):
    ids = o.queue(app.engine, 30)
    lock = Held(vendor, url, ids[held], until=29)
    assert o.send(app).states == {"accepted": 30}
    assert lock.freed_after == [29]
    assert vendor.names[-1] == f"m-{ids[held]}"
    assert len(set(vendor.names)) == 30
    assert o.message(app.engine, ids[held]).attempt == 1, "its lease was not waited for"


def test_whoever_said_no_meanwhile_is_not_written_to(app: App, vendor: Vendor, url: str):
    ids = o.queue(app.engine, 30)
    lock = Held(vendor, url, ids[0], until=29)
    free = lock.free

    def says_no() -> None:
        free()
        with reading(app.engine) as c:
            asked = opt_out.Asked(Scope.EVERYTHING, "asked", "staff", "said so", None, now(c))
        opt_out.add(app, f"C-{ids[0]}", asked)

    lock.free = says_no  # type: ignore[method-assign]
    assert o.send(app).states["accepted"] == 29
    assert f"m-{ids[0]}" not in vendor.names
    assert o.states(app.engine)[ids[0]] == "suppressed"
