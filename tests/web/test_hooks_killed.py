"""The receiver is killed between keeping a post and answering it: does the provider's retry lose or double anything?"""

import http.client
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from outreach.bootstrap import build
from outreach.flows.app import App
from outreach.render.catalogue import Catalogue
from tests.bench._receiver import Receiver, free_port
from tests.fake import posting
from tests.fake.posting import Signer
from tests.flows import arrivals as a
from tests.flows import outgoing as o
from tests.flows.stage import new_project

SIGNER = Signer()


@pytest.fixture
def app(tmp_path: Path, postgres_url: str, shipped_catalogue: Callable[[], Catalogue]) -> Iterator[App]:
    project = new_project(tmp_path / "killed", postgres_url)
    with (project / ".env").open("a", encoding="utf-8") as env:
        env.write(f"SENDGRID_WEBHOOK_KEY={SIGNER.public}\n")
    app = build(project)
    yield app
    app.engine.dispose()


@pytest.fixture
def receiver(app: App) -> Iterator[Receiver]:
    found = Receiver(app.project, free_port())
    yield found
    if found.process is not None and found.process.poll() is None:
        found.end(signal.SIGKILL)


def posted(receiver: Receiver, body: bytes) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", receiver.port, timeout=30)
    try:
        connection.request("POST", "/sendgrid/events", body, SIGNER.headers(body))
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.parametrize(("point", "kept"), [("before_heard", 0), ("after_heard", 3)])
def test_rule_21_kill_9_before_and_after_the_commit(app: App, receiver: Receiver, point: str, kept: int):
    messages = a.sent(app, 3)
    said = [posting.event("bounce", o.email(i), reference, type="bounce") for i, reference in messages]
    body = posting.batch(said)
    receiver.start(OUTREACH_FAIL_AT=f"{point}:kill:1")
    with pytest.raises((OSError, http.client.HTTPException)):
        posted(receiver, body)
    assert receiver.process is not None
    assert receiver.process.wait(30) == -signal.SIGKILL
    assert len(a.inbox(app)) == len(a.closed(app)) == kept
    receiver.start()
    assert posted(receiver, body) == 200
    assert len(a.inbox(app)) == len(a.closed(app)) == len(a.ledger(app)) == 3
    receiver.end(signal.SIGTERM)
    log = (app.project / "serve.log").read_text(encoding="utf-8")
    assert "hook open at=/sendgrid/events" in log
    assert "hook shut at=/twilio/inbound lacks=TWILIO_ACCOUNT_SID,TWILIO_AUTH_TOKEN" in log
    assert "customer1@" not in log
