"""Whatever door a wish comes by: is it written down whole, does it withdraw what waits, and does nothing lift it?

Each door as people and providers use it, to the row that proves it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from outreach.core.addresses import address_hash
from outreach.core.terms import Channel, Scope
from outreach.flows import opt_out, opt_out_lists
from outreach.flows.app import App
from outreach.store.contacts import contact_points, suppression_events
from outreach.store.engine import now, reading, writing
from tests import builders
from tests.fake import posting
from tests.flows import arrivals as a
from tests.flows import outgoing as o
from tests.web.test_hooks import NUMBER, SID, customer, events, raw_mail, rows, twilio
from tests.web.visits import visiting

EMAIL = "ana@example.com"
WORDS = "Please take me off your list."


@dataclass
class Scene:
    """A customer who was written to, and every way in."""

    app: App
    client: TestClient
    folder: Path
    point: int
    reference: str
    waiting: int

    def page(self) -> None:
        with visiting(self.app) as browser:
            assert browser.post(browser.page(self.point), do="stop").status_code == 200

    def button(self) -> None:
        with visiting(self.app) as browser:
            assert browser.client.post(browser.button(self.point)).status_code == 200

    def stop(self) -> None:
        assert twilio(self.client, posting.text("STOP", SID, NUMBER), "/twilio/inbound").status_code == 200

    def reply(self) -> None:
        raw = f"From: {EMAIL}\r\nTo: hello@alder.example\r\nMessage-ID: <1@x>\r\n\r\n{WORDS}\r\n"
        assert raw_mail(self.client, raw.encode()) == 200

    def complaint(self) -> None:
        raw = (
            "From: fbl@isp.example\r\nContent-Type: multipart/report; boundary=x\r\n\r\n--x\r\n\r\nhello\r\n--x\r\n"
            "Content-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nUser-Agent: x\r\n"
            f"Original-Rcpt-To: <{EMAIL}>\r\n--x--\r\n"
        )
        assert raw_mail(self.client, raw.encode()) == 200

    def provider(self) -> None:
        assert events(self.client, posting.event("unsubscribe", EMAIL, self.reference)) == 200

    def staff(self) -> None:
        asked = opt_out.Asked(Scope.EVERYTHING, "asked on the phone", "staff", "to Lee", None, o.LONG_AGO)
        opt_out.add(self.app, EMAIL, asked)

    def listed(self) -> None:
        path = self.folder / "old.txt"
        path.write_text(f"{EMAIL}\n", encoding="utf-8")
        asked = opt_out.Asked(Scope.EVERYTHING, "asked", "import", None, None, o.LONG_AGO)
        opt_out_lists.read_list(self.app, path, asked, write=True)


@pytest.fixture
def scene(app: App, client: TestClient, tmp_path: Path) -> Scene:
    ((_, reference),) = a.sent(app, contact_hash=hashed(EMAIL))
    [waiting] = o.queue(app.engine, contact_hash=hashed(EMAIL))
    customer(app, key="ANA")
    (point,) = rows(app, sa.select(contact_points.c.id).where(contact_points.c.address == EMAIL))
    return Scene(app, client, tmp_path, point.id, reference, waiting)


def hashed(address: str) -> str:
    return address_hash(builders.PEPPER, Channel.EMAIL if "@" in address else Channel.TEXT, address)


#: Door -> how it is used, and what its proof begins with.
DOORS: dict[str, tuple[Callable[[Scene], None], str]] = {
    "page": (Scene.page, ""),
    "header": (Scene.button, ""),
    "stop": (Scene.stop, "STOP"),
    "reply": (Scene.reply, WORDS),
    "complaint": (Scene.complaint, "inbox "),
    "provider": (Scene.provider, "inbox "),
    "staff": (Scene.staff, "to Lee"),
    "import": (Scene.listed, "old.txt"),
}


def ledger(app: App) -> list[Any]:
    return rows(app, sa.select(suppression_events).order_by(suppression_events.c.id))


@pytest.mark.parametrize("door", DOORS)
def test_rule_35_each_door_keeps_time_channel_scope_door_proof_and_hash(scene: Scene, door: str):
    """Rules 7 and 35: and what waits is withdrawn in the same transaction."""
    use, proof = DOORS[door]
    with reading(scene.app.engine) as c:
        before = now(c)
    use(scene)
    with reading(scene.app.engine) as c:
        after = now(c)
    kept = [row for row in ledger(scene.app) if row.contact_hash == hashed(EMAIL)]
    (row,) = kept
    assert (row.action, row.channel, row.scope, row.door) == ("add", "email", "everything", door)
    assert before - timedelta(seconds=1) <= row.at <= after
    assert (row.evidence or "").startswith(proof)
    assert row.evidence or door in ("page", "header"), "raw text or id"
    assert row.reason
    assert o.message(scene.app.engine, scene.waiting).state == "suppressed"


@pytest.mark.parametrize("door", DOORS)
def test_rule_3_said_again_by_the_same_door_there_is_no_second_record(scene: Scene, door: str):
    use, _ = DOORS[door]
    use(scene)
    before = ledger(scene.app)
    use(scene)
    assert ledger(scene.app) == before


@pytest.mark.parametrize("door", DOORS)
def test_rule_36_a_new_record_of_the_same_person_lifts_nothing(scene: Scene, door: str):
    """Rules 35 and 36: another key, a yes with every proof; they are still left alone."""
    use, _ = DOORS[door]
    use(scene)
    with writing(scene.app.engine) as c:
        builders.customer(c, "ANA-2", EMAIL, consent=("email",))
    assert opt_out.standing(scene.app, "ANA-2")[1]
    o.change(scene.app.engine, [scene.waiting], state="ready")  # as if a night had queued it for the new record
    o.send(scene.app)
    assert o.message(scene.app.engine, scene.waiting).state == "suppressed"
