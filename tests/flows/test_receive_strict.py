"""With send.strict: a provider's news of a wish waits for the call to that person, and nobody waits for each other."""

import pytest

from outreach.flows.app import App
from outreach.flows.receive import receive
from outreach.providers.sendgrid_events import events
from outreach.store import address_locks
from tests.fake import posting
from tests.flows import arrivals as a
from tests.flows import outgoing as o
from tests.flows.outgoing import Vendor
from tests.flows.test_strict import app, while_a_call_is_under_way

__all__ = ["app"]  # a fixture, found by its name


def test_a_complaint_about_the_message_that_is_on_its_way(
    app: App,
    vendor: Vendor,
    monkeypatch: pytest.MonkeyPatch,
):
    """What came of the call is written down while the wish waits: were its row locked already, both would wait."""
    monkeypatch.setattr(address_locks, "_PATIENCE_MS", 600_000)
    (i,) = o.queue(app.engine)

    def told() -> None:
        said = posting.event("spamreport", vendor.journal[0].to, vendor.journal[0].reference)
        assert receive(app, events(posting.batch([said]))).new == 1

    assert while_a_call_is_under_way(app, vendor, told) == ["answered", "opted out"]
    ((state, fate),) = a.fates(app).values()
    assert (state, fate) == ("accepted", "complained")
    assert {reason for _, _, _, reason in a.closed(app)} == {"complained"}
    assert o.message(app.engine, i).provider == "vendor"
