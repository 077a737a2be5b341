"""Do providers' posts come in whole, and nobody else's at all? Through the whole program, on both databases."""

import base64
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.testclient import TestClient

from outreach.core.addresses import address_hash
from outreach.core.keywords import Wish
from outreach.core.terms import Channel
from outreach.flows.app import App
from outreach.store.contacts import contact_points
from outreach.store.engine import reading, writing
from outreach.store.inbox import unpacked
from outreach.store.inbox_schema import conversations, inbox_events
from outreach.store.schema import outbox
from outreach.web import hooks
from tests import builders
from tests.fake import posting
from tests.fake.posting import ACCOUNT, TOKEN, Headers, Signer
from tests.flows import arrivals as a
from tests.flows import outgoing as o
from tests.flows.outgoing import Vendor
from tests.flows.stage import Stage

SIGNER, SECRET = Signer(), "s" * 24
INBOUND = f"/sendgrid/inbound/{SECRET}"
PAYLOADS = Path(__file__).parents[1] / "payloads" / "mail"
NUMBER = "+447400123456"
SID = "SM" + "2" * 32
PATHS = ("/sendgrid/events", "/twilio/status", "/twilio/inbound", "/sendgrid/inbound/no")


@pytest.fixture
def app(bare: Stage) -> App:
    """A live shop whose pages stand on https, with every key set."""
    config = bare.project / "config" / "outreach.yaml"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("http://127.0.0.1:8076", posting.PAGES), encoding="utf-8")
    with (bare.project / ".env").open("a", encoding="utf-8") as env:
        env.write(
            f"SENDGRID_WEBHOOK_KEY={SIGNER.public}\nSENDGRID_INBOUND_SECRET={SECRET}\n"
            f"TWILIO_ACCOUNT_SID={ACCOUNT}\nTWILIO_AUTH_TOKEN={TOKEN}\n"
        )
    return o.going(bare.app, Vendor())


@contextmanager
def listening(app: App) -> Iterator[TestClient]:
    with TestClient(Starlette(routes=hooks.routes(app, app.load_doors())), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def client(app: App) -> Iterator[TestClient]:
    with listening(app) as found:
        yield found


def events(client: TestClient, *said: dict[str, Any]) -> int:
    body = posting.batch(said)
    return client.post("/sendgrid/events", content=body, headers=SIGNER.headers(body)).status_code


def twilio(client: TestClient, fields: dict[str, str], target: str) -> Any:
    body, headers = posting.form(fields, target)
    return client.post(target, content=body, headers=headers)


def mail(client: TestClient, fields: dict[str, bytes | str], files: Any = (), path: str = INBOUND) -> int:
    body, headers = posting.mail(fields, files)
    return client.post(path, content=body, headers=headers).status_code


def raw_mail(client: TestClient, raw: bytes, to: str = "hello@alder.example") -> int:
    return mail(client, {"email": raw, "envelope": f'{{"to":["{to}"],"from":"x@example.com"}}', "to": to})


def customer(app: App, **more: Any) -> int:
    with writing(app.engine) as c:
        return builders.customer(c, **{"phone": NUMBER, "consent": ("email", "text"), **more})


def rows(app: App, query: Any) -> list[Any]:
    with reading(app.engine) as c:
        return list(c.execute(query))


# --- who posts


def test_rule_20_a_batch_is_kept_before_it_is_answered(app: App, client: TestClient):
    ((i, reference),) = a.sent(app)
    said = posting.event("bounce", o.email(i), reference, type="bounce")
    assert events(client, said) == 200
    assert a.fates(app)[i] == ("accepted", "bounced")
    assert events(client, said) == 200
    assert len(a.inbox(app)) == 1


Forgery = tuple[str, str, bytes, Headers]


def forgeries() -> Iterator[Forgery]:
    """24 posts that are not what they claim: (how, path, body, headers)."""
    body = posting.batch([posting.event("spamreport", "ana@example.com")])
    right = SIGNER.headers(body)
    signature, timestamp = list(right)[1:]
    at = "/sendgrid/events"
    yield "no headers", at, body, {}
    yield "no signature", at, body, {timestamp: right[timestamp]}
    yield "no timestamp", at, body, {signature: right[signature]}
    yield "an empty signature", at, body, {**right, signature: ""}
    yield "not base64", at, body, {**right, signature: "&&&"}
    yield "another's key", at, body, Signer().headers(body)
    yield "another body", at, body.replace(b"ana", b"bob"), right
    yield "without the line end", at, body.rstrip(), right
    yield "another time", at, body, {**right, timestamp: str(int(right[timestamp]) + 1)}
    yield "the time in words", at, body, {**right, timestamp: "now"}
    yield "long ago", at, body, SIGNER.headers(body, at=time.time() - 30 * 3600)
    yield "tomorrow", at, body, SIGNER.headers(body, at=time.time() + 3600)
    yield "a short signature", at, body, {**right, signature: base64.b64encode(b"\x30\x06").decode()}
    form, headers = posting.mail({"from": "ana@example.com", "subject": "stop", "text": "stop"})
    yield "no secret", "/sendgrid/inbound/x", form, headers
    yield "nearly the secret", INBOUND[:-1], form, headers
    yield "a longer secret", INBOUND + "s", form, headers
    status, signed = posting.form(posting.status("failed", SID, NUMBER, ErrorCode="21610"), "/twilio/status?r=a")
    yield "another message", "/twilio/status?r=b", status, signed
    yield "no query", "/twilio/status", status, signed
    text, heard = posting.form(posting.text("STOP", SID, NUMBER), "/twilio/inbound")
    mark = "X-Twilio-Signature"
    yield "no Twilio signature", "/twilio/inbound", text, {"Content-Type": heard["Content-Type"]}
    yield "an empty Twilio signature", "/twilio/inbound", text, {**heard, mark: ""}
    yield "another's text", "/twilio/inbound", text.replace(b"STOP", b"START"), heard
    yield "a text to another door", "/twilio/status", text, heard
    other, theirs = posting.form(posting.text("STOP", SID, NUMBER, AccountSid="AC" + "1" * 32), "/twilio/inbound")
    yield "another account", "/twilio/inbound", other, theirs
    here, local = posting.form(posting.text("STOP", SID, NUMBER), "/twilio/inbound", pages="http://testserver")
    yield "signed for the Host it names", "/twilio/inbound", here, local


def test_rules_20_and_24_twenty_four_forgeries(app: App, client: TestClient):
    """24 x 403: nothing is kept, nothing follows, and none is told why."""
    said = list(forgeries())
    assert len(said) == 24
    for how, path, body, headers in said:
        answer = client.post(path, content=body, headers=headers)
        assert (answer.status_code, answer.content) == (403, b""), how
    assert a.inbox(app) == []
    assert a.closed(app) == set()


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.sampled_from(PATHS), body=st.binary())
def test_rule_20_garbage_gives_403_and_never_500(client: TestClient, path: str, body: bytes):
    signature = base64.b64encode(body).decode()
    for headers in (
        {},
        {"X-Twilio-Signature": signature, "Content-Type": "application/json"},
        {"X-Twilio-Email-Event-Webhook-Signature": signature, "X-Twilio-Email-Event-Webhook-Timestamp": "1"},
    ):
        assert client.post(path, content=body, headers=headers).status_code == 403


def test_rule_4_looking_at_a_door_changes_nothing(app: App, client: TestClient):
    for path in ("/sendgrid/events", INBOUND, "/twilio/status", "/twilio/inbound"):
        assert {client.request(method, path).status_code for method in ("GET", "HEAD", "PUT", "DELETE")} == {405}
    assert a.inbox(app) == []


def test_without_keys_there_is_no_door(bare: Stage):
    with listening(bare.app) as client:
        for path in ("/sendgrid/events", INBOUND, "/twilio/status", "/twilio/inbound"):
            assert client.post(path, content=b"[]").status_code == 404


# --- how much


def test_what_is_too_big_is_refused(client: TestClient):
    """By what it announces before it is read, and by what it is when it announces nothing."""
    body = b"[" + b" " * (3 << 20) + b"]"
    assert client.post("/sendgrid/events", content=body, headers=SIGNER.headers(body)).status_code == 413
    assert client.post("/sendgrid/events", content=iter([body]), headers=SIGNER.headers(body)).status_code == 413
    many = posting.batch([{"event": "open"}] * 5_001)
    assert client.post("/sendgrid/events", content=many, headers=SIGNER.headers(many)).status_code == 413


@pytest.mark.parametrize(("name", "most"), [("MOST_POSTS", 0), ("MOST_BYTES", 10)])
def test_too_much_at_once_is_told_to_come_again(app: App, monkeypatch: pytest.MonkeyPatch, name: str, most: int):
    monkeypatch.setattr(hooks, name, most)
    with listening(app) as client:
        body = posting.batch([posting.event("delivered", "ana@example.com")])
        answer = client.post("/sendgrid/events", content=body, headers=SIGNER.headers(body))
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert a.inbox(app) == []
        monkeypatch.setattr(hooks, name, 10_000)
        assert client.post("/sendgrid/events", content=body, headers=SIGNER.headers(body)).status_code == 200


def test_a_database_that_is_away_is_said_so(app: App, client: TestClient):
    """Nothing is answered with 200 that is not kept."""

    def away(*_: Any) -> None:
        raise sa.exc.OperationalError("INSERT", None, Exception("gone"))

    sa.event.listen(app.engine, "before_cursor_execute", away)
    assert events(client, posting.event("spamreport", "ana@example.com")) == 503
    sa.event.remove(app.engine, "before_cursor_execute", away)
    assert a.inbox(app) == []


# --- texts


def test_rules_11_and_12_stop_by_text(app: App, client: TestClient):
    """Whatever the body says; kept, closed, and answered with nothing at all."""
    customer(app)
    answer = twilio(client, posting.text("Arrivederci!", SID, NUMBER, OptOutType="STOP"), "/twilio/inbound")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/xml; charset=utf-8")
    assert answer.text == '<?xml version="1.0" encoding="UTF-8"?><Response/>'
    assert {(scope, reason) for _, _, scope, reason in a.closed(app)} == {("everything", "asked")}
    assert rows(app, sa.select(outbox)) == []  # the carrier answers it


@pytest.mark.parametrize("word", ["STOP", "START", "HELP"])
def test_rule_12_words_that_carriers_answer_are_answered_with_nothing(app: App, client: TestClient, word: str):
    customer(app)
    answer = twilio(client, posting.text(word, SID, NUMBER, OptOutType=word), "/twilio/inbound")
    assert answer.text.endswith("<Response/>")
    assert rows(app, sa.select(outbox)) == []
    assert bool(a.closed(app)) is (Wish(word.lower()) is Wish.STOP)


def test_rule_13_start_lifts_only_what_a_text_closed(app: App, client: TestClient):
    customer(app)
    with writing(app.engine) as c:
        builders.suppress(c, "ana@example.com", "email", door="page")
    twilio(client, posting.text("STOP", SID, NUMBER), "/twilio/inbound")
    assert twilio(client, posting.text("START", SID + "a", NUMBER), "/twilio/inbound").status_code == 200
    assert ("email", "email") in {(channel, scope) for _, channel, scope, _ in a.closed(app)}
    assert not [row for row in a.closed(app) if row[1] == "text" and row[2] == "everything"]


def test_rule_14_stop_from_an_unknown_number_blocks_a_customer_created_later(app: App, client: TestClient):
    assert twilio(client, posting.text("Stop!", SID, NUMBER), "/twilio/inbound").status_code == 200
    customer(app)
    points = contact_points.c
    (contact,) = rows(app, sa.select(points.address_hash).where(points.channel == "text"))
    assert contact.address_hash in {row[0] for row in a.closed(app)}


def test_rule_28_a_text_that_is_told_twice_is_heard_once(app: App, client: TestClient):
    customer(app)
    for _ in range(3):
        assert twilio(client, posting.text("is this a person?", SID, NUMBER), "/twilio/inbound").status_code == 200
    assert len(a.inbox(app)) == 1
    assert len(rows(app, sa.select(conversations))) == 1


def test_rule_25_a_status_comes_in_by_the_address_we_gave(app: App, client: TestClient):
    ((i, reference),) = a.sent(app, channel="text")
    target = f"/twilio/status?r={reference}"
    assert twilio(client, posting.status("delivered", SID, NUMBER), target).status_code == 200
    assert a.fates(app)[i] == ("accepted", "delivered")


# --- mail


def test_rule_29_a_stop_mail_by_its_address_or_its_subject(app: App, client: TestClient):
    """Apple Mail's says that a machine sent it, and is an opt-out all the same (rule 8)."""
    who = customer(app)
    (point,) = rows(app, sa.select(contact_points.c.id).where(sa.text("channel = 'email'")))
    whole = app.links.stop_mail(point.id).removeprefix("mailto:")
    to, _, subject = whole.partition("?subject=")
    raw = (
        f"From: Ana <ana.private@example.org>\r\nTo: {to}\r\nSubject: {subject or 'unsubscribe'}\r\n"
        "Auto-Submitted: auto-replied\r\nX-Apple-Unsubscribe: true\r\nMessage-ID: <1@x>\r\n\r\nunsubscribe\r\n"
    ).encode()
    assert who
    assert raw_mail(client, raw, to) == 200
    assert len(a.closed(app)) == 3  # their email, their number, and the address it came from
    assert {(scope, reason) for _, _, scope, reason in a.closed(app)} == {("everything", "asked")}
    assert {row.door for row in a.ledger(app)} == {"header"}
    assert raw_mail(client, raw, to) == 200
    assert len(a.ledger(app)) == 3


@pytest.mark.parametrize(
    ("file", "kind", "reason"),
    [
        ("bounce/rfc3464-26.eml", "bounce", "bounced"),
        ("bounce/rfc3464-01.eml", "bounce", None),
        ("bounce/rfc3464-28.eml", "bounce", None),
        ("arf/arf-01.eml", "complaint", "complained"),
        ("autoreply/rfc3834-01.eml", "auto", None),
        ("autoreply/rfc3834-03.eml", "auto", None),
    ],
)
def test_rules_29_to_31_each_kind_of_mail(app: App, client: TestClient, file: str, kind: str, reason: str | None):
    """A success report and a machine's answer are kept, and nothing follows; a complaint closes the right address."""
    raw = (PAYLOADS / "sisimai" / file).read_bytes()
    _write_to_all_in(app, raw)
    assert raw_mail(client, raw) == 200
    (row,) = a.inbox(app)
    assert row.kind == kind
    assert {found[3] for found in a.closed(app)} == ({reason} if reason else set())
    assert rows(app, sa.select(conversations)) == []
    assert unpacked(row.raw) == raw


def _write_to_all_in(app: App, raw: bytes) -> None:
    """As if a message of ours had gone to each address that stands in a mail."""
    words = raw.decode("latin-1").replace(";", " ").lower().split()
    for address in sorted({word.strip("<>,;\"'()") for word in words if "@" in word}):
        with_hash = address_hash(builders.PEPPER, Channel.EMAIL, address)
        o.queue(app.engine, state="accepted", contact_hash=with_hash)


def test_rule_30_a_report_about_somebody_we_never_wrote_to_closes_nobody(app: App, client: TestClient):
    """Anybody can write a report about anybody."""
    assert raw_mail(client, (PAYLOADS / "sisimai" / "bounce" / "rfc3464-26.eml").read_bytes()) == 200
    assert a.closed(app) == set()


@pytest.mark.parametrize("mode", ["default", "raw"])
def test_rule_23_a_person_is_heard_once_in_both_modes(app: App, client: TestClient, mode: str):
    customer(app)
    head = "From: Ana <ana@example.com>\r\nTo: hello@alder.example\r\nSubject: My grinder\r\nMessage-ID: <2@x>\r\n"
    words = "It arrived, but the lid is cracked. Müßte es nicht halten?"
    if mode == "raw":
        raw = f"{head}Content-Type: text/plain; charset=utf-8\r\n\r\n{words}".encode()
        fields: dict[str, bytes | str] = {"email": raw}
    else:
        charsets = '{"to":"UTF-8","subject":"UTF-8","from":"UTF-8","text":"windows-1252"}'
        fields = {"headers": head, "from": "Ana <ana@example.com>", "charsets": charsets}
        fields["text"] = words.encode("cp1252")
    picture = [("lid.jpg", "image/jpeg", b"\xff\xd8" * (1 << 20))] if mode == "default" else []
    for _ in range(2):
        assert mail(client, {**fields, "to": "hello@alder.example", "subject": "My grinder"}, picture) == 200
    (row,) = a.inbox(app)
    assert row.kind == "human"
    (conversation,) = rows(app, sa.select(conversations))
    assert conversation.channel == "email"
    (reply,) = rows(app, sa.text("SELECT words FROM reply WHERE inbox_id IS NOT NULL"))
    assert "Müßte" in reply.words
    kept = message_from_bytes(unpacked(row.raw))
    assert kept["Message-ID"] == "<2@x>"
    assert [part.get_filename() for part in kept.walk() if part.get_filename()] == [name for name, _, _ in picture]


def test_rule_23_what_is_no_form_is_kept_for_a_person(app: App, client: TestClient):
    assert client.post(INBOUND, content=b"what?", headers={"Content-Type": "text/plain"}).status_code == 200
    (row,) = a.inbox(app)
    assert (row.kind, unpacked(row.raw)) == ("unread", b"what?")
    assert row.problem


def test_a_mistake_of_ours_keeps_what_a_person_wrote(app: App, client: TestClient):
    """Set aside and answered with 500: it is taken up as new when it comes again."""
    customer(app)

    def broken(*said: Any) -> None:
        if "INTO suppression" in said[2] or "INTO conversation" in said[2]:
            raise RuntimeError("a mistake")

    sa.event.listen(app.engine, "before_cursor_execute", broken)
    assert twilio(client, posting.text("please stop writing", SID, NUMBER), "/twilio/inbound").status_code == 500
    sa.event.remove(app.engine, "before_cursor_execute", broken)
    (aside,) = rows(app, sa.select(inbox_events))
    assert aside.problem == "the program stumbled over it"
    assert twilio(client, posting.text("please stop writing", SID, NUMBER), "/twilio/inbound").status_code == 200
    assert a.closed(app)


def test_strangers_words_never_reach_a_log(app: App, client: TestClient, caplog: pytest.LogCaptureFixture):
    posted: Callable[[], Any] = lambda: client.post("/twilio/inbound", content=b"Body=secret&From=%2B447400123456")  # noqa: E731
    assert posted().status_code == 403
    assert "secret" not in caplog.text
    assert "447400123456" not in caplog.text
    assert "Twilio inbound" in caplog.text
