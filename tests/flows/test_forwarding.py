"""Does all that people write reach the shop's own mailbox, once, and never come back to us?"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa

from outreach.core.addresses import address_hash
from outreach.core.conversation import Label, Line, Matter
from outreach.core.lifecycle import Fault
from outreach.core.reference import parse
from outreach.core.terms import Channel, Mode
from outreach.flows import forwarding
from outreach.flows.app import App
from outreach.flows.forwarded_mail import MOST_ATTACHED, mark
from outreach.flows.forwarding import MOST_TRIES, PUT_OFF, WHOLE_TRIES, Forwarded, forward
from outreach.inbound.letter import read_letter
from outreach.providers.base import Envelope, Receipt
from outreach.store import conversations, forwards, inbox
from outreach.store import inbox_schema as tables
from outreach.store.engine import now, writing
from outreach.store.inbox import Came
from tests import builders as b
from tests.flows import outgoing as o
from tests.flows.stage import Stage

MOBILE, DESK = "+447700900123", "desk@alder.example"
MAIL = (
    b"From: Ana Reed <ana@example.com>\r\nTo: hello+abc@reply.alder.example\r\nSubject: Re: Order 88121\r\n"
    b"Message-ID: <1@mail.example>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nThe lid is broken.\r\n"
)
TEXT = b"ToCountry=GB&MessageSid=SM00000000000000000000000000000001&From=%2B447700900123&Body=The+lid+is+broken"


@pytest.fixture
def app(bare: Stage, vendor: o.Vendor) -> App:
    with writing(bare.app.engine) as c:
        b.customer(c, phone=MOBILE)
    live = o.going(bare.app, vendor)
    return replace(live, house=replace(live.house, replies=replace(live.house.replies, forward_to=DESK)))


def came_in(app: App, raw: bytes = MAIL, *, words: str | None = "The lid is broken.", **matter: Any) -> int:
    """Something a customer wrote, with its conversation when it says something. Returns its number in the inbox."""
    channel = Channel.TEXT if raw == TEXT else Channel.EMAIL
    whose = address_hash(b.PEPPER, channel, MOBILE if raw == TEXT else "ana@example.com")
    with writing(app.engine) as c:
        at = now(c)
        event_id = f"e-{at.isoformat()}"
        came = Came("vendor", event_id, "written", whose, None, None, at, raw)
        inbox_id = inbox.keep(c, [came])["vendor", event_id]
        talk = None
        if words is not None:
            about = Matter(1, whose, channel, Label.REPLY, at, at + timedelta(days=1), **matter)
            talk = conversations.open_or_add(c, about)
            subject = read_letter(raw).subject or None
            conversations.say(c, talk, Line(channel, at, words, subject=subject, inbox_id=inbox_id))
        forwarding.wait(c, inbox_id, talk, at)
    return inbox_id


def row(app: App) -> Any:
    with writing(app.engine) as c:
        return c.execute(sa.select(tables.forwards)).one()


def due_again(app: App) -> None:
    """As time would."""
    with writing(app.engine) as c:
        at = now(c) - timedelta(seconds=1)
        c.execute(sa.update(tables.forwards).values(not_before=at).where(tables.forwards.c.state == "waiting"))


def headers(envelope: Envelope) -> dict[str, str]:
    return dict(envelope.headers)


def test_a_mail_goes_on_with_who_wrote_and_what_to_do(app: App, vendor: o.Vendor) -> None:
    came_in(app, answer="wrong")
    assert forward(app) == Forwarded(sent=1)
    [sent] = vendor.journal
    assert (sent.to, sent.subject) == (DESK, "Ana Reed wrote: Re: Order 88121")
    assert str(sent.text).startswith("Ana Reed (C-1, ana@example.com) wrote by email, ")
    for said in ("The lid is broken.", "they say: wrong", "We promised an answer by", "outreach replies reply r-1"):
        assert said in str(sent.text)
    assert sent.html is None
    assert row(app).state == "sent"
    assert forward(app) == Forwarded()


def test_whoever_answers_it_answers_the_customer(app: App, vendor: o.Vendor) -> None:
    came_in(app)
    forward(app)
    assert headers(vendor.journal[0])["Reply-To"] == "ana@example.com"


def test_a_text_goes_on_too_and_is_answered_by_command(app: App, vendor: o.Vendor) -> None:
    came_in(app, TEXT)
    forward(app)
    [sent] = vendor.journal
    assert sent.channel is Channel.EMAIL
    assert sent.subject == "Ana Reed wrote by text"
    assert MOBILE in str(sent.text)
    assert "Reply-To" not in headers(sent)
    assert sent.attached == ()


def test_what_opened_no_conversation_goes_on_as_it_came(app: App, vendor: o.Vendor) -> None:
    """A wish in words: nobody has to answer, and somebody should read it."""
    came_in(app, words=None)
    came_in(app, TEXT, words=None)
    forward(app)
    mail, text = vendor.journal
    assert mail.subject == "Ana Reed wrote: Re: Order 88121"
    for sent in (mail, text):
        assert "The lid is broken" in str(sent.text)
        assert "Nobody waits for an answer." in str(sent.text)


def test_a_stranger_is_named_by_what_he_says_of_himself(app: App, vendor: o.Vendor) -> None:
    raw = MAIL.replace(b"Ana Reed <ana@example.com>", b'"Eve, =?utf-8?q?x?= <b>" <eve@example.com>')
    with writing(app.engine) as c:
        at = now(c)
        came = Came(
            "vendor", "e-1", "written", address_hash(b.PEPPER, Channel.EMAIL, "eve@example.com"), None, None, at, raw
        )
        inbox_id = inbox.keep(c, [came])["vendor", "e-1"]
        forwarding.wait(c, inbox_id, None, at)
    assert forward(app).sent == 1
    assert headers(vendor.journal[0])["Reply-To"] == "eve@example.com"


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (MAIL, "message/rfc822"),
        (MAIL.replace(b"broken", "zerbrochen ä".encode()), "application/octet-stream"),
        (MAIL + b"x" * 1000, "application/octet-stream"),
        (MAIL + b"x\r\n" * (MOST_ATTACHED // 3), None),
    ],
    ids=["plain", "8-bit", "a long line", "big"],
)
def test_the_mail_itself_is_attached_when_it_is_small(app: App, vendor: o.Vendor, raw: bytes, kind: str | None) -> None:
    """RFC 2046, 5.2.1: a mail inside a mail may not be encoded."""
    came_in(app, raw)
    forward(app)
    [sent] = vendor.journal
    assert [(file.kind, file.data) for file in sent.attached] == ([(kind, raw)] if kind else [])
    assert ("is not attached" in str(sent.text)) is (kind is None)


def test_rule_34_no_machine_answers_it_and_no_event_of_it_is_a_messages(app: App, vendor: o.Vendor) -> None:
    came_in(app)
    forward(app)
    [sent] = vendor.journal
    assert headers(sent)["Auto-Submitted"] == "auto-generated"
    assert headers(sent)["X-Auto-Response-Suppress"] == "All"
    assert headers(sent)["X-Loop"] == mark(app)
    assert sent.reference == "f-1"
    assert parse(sent.reference) is None
    assert not {name for name, _ in sent.headers} & {"List-Unsubscribe", "List-Unsubscribe-Post"}


LOOPS = {
    "ours, sent back": MAIL.replace(b"Subject:", b"X-Loop: outreach hello@alder.example\r\nSubject:"),
    "from the desk itself": MAIL.replace(b"ana@example.com", b"Desk@alder.example"),
    "from our sender": MAIL.replace(b"ana@example.com", b"hello@alder.example"),
    "from our replies": MAIL.replace(b"ana@example.com", b"box+token@reply.alder.example"),
}


@pytest.mark.parametrize("raw", LOOPS.values(), ids=LOOPS.keys())
def test_what_would_come_back_does_not_go(app: App, vendor: o.Vendor, raw: bytes) -> None:
    house = replace(app.house, replies=replace(app.house.replies, address="box@reply.alder.example"))
    app = replace(app, house=house)
    assert mark(app) == "outreach hello@alder.example"
    came_in(app, raw)
    assert forward(app) == Forwarded(refused=1)
    assert vendor.journal == []
    assert row(app).state == "refused"


def test_nothing_goes_on_to_the_mailbox_we_read(app: App, vendor: o.Vendor) -> None:
    replies = replace(app.house.replies, address="hello@reply.alder.example", forward_to="Hello+x@reply.alder.example")
    came_in(app)
    assert forward(replace(app, house=replace(app.house, replies=replies))) == Forwarded(refused=1)
    assert vendor.journal == []


def test_a_worker_that_serves_texts_alone_leaves_it_to_another(app: App, vendor: o.Vendor) -> None:
    came_in(app)
    assert forward(replace(app, providers={Channel.TEXT: vendor})) == Forwarded()
    assert row(app).tries == 0
    assert forward(app) == Forwarded(sent=1)


def answers(vendor: o.Vendor, fault: Fault | None, wait: timedelta | None = None) -> None:
    vendor.answer = lambda envelope: Receipt(fault, said="550 no", wait=wait)


@pytest.mark.parametrize("fault", [Fault.NOT_REACHED, Fault.KEY, Fault.DOUBT, Fault.REFUSED])
def test_a_provider_that_fails_is_asked_again_for_ever(app: App, vendor: o.Vendor, fault: Fault) -> None:
    came_in(app)
    answers(vendor, fault)
    waits: list[timedelta] = []
    for _ in range(MOST_TRIES + 2):
        due_again(app)
        before = _moment(app)
        assert forward(app) == Forwarded(waiting=1)
        waits.append(row(app).not_before - before)
    for found, wanted in zip(waits, (*PUT_OFF, *PUT_OFF[-1:] * 2), strict=True):
        assert wanted <= found < wanted + timedelta(minutes=1)
    answers(vendor, None)
    due_again(app)
    assert forward(app) == Forwarded(sent=1)
    assert row(app).last_error is None


def test_one_fault_of_the_provider_ends_the_look(app: App, vendor: o.Vendor) -> None:
    came_in(app)
    came_in(app)
    answers(vendor, Fault.NOT_REACHED)
    assert forward(app) == Forwarded(waiting=1)
    assert len(vendor.journal) == 1


def test_the_provider_says_how_long_to_stay_away(app: App, vendor: o.Vendor) -> None:
    came_in(app)
    answers(vendor, Fault.REFUSED, timedelta(hours=5))
    before = _moment(app)
    forward(app)
    assert row(app).not_before - before >= timedelta(hours=5)


def test_what_is_refused_for_itself_goes_without_its_attachment_and_is_given_up(app: App, vendor: o.Vendor) -> None:
    came_in(app)
    answers(vendor, Fault.INVALID)
    for _ in range(MOST_TRIES):
        due_again(app)
        forward(app)
    assert [bool(sent.attached) for sent in vendor.journal] == [n < WHOLE_TRIES for n in range(MOST_TRIES)]
    assert (row(app).state, row(app).last_error) == ("refused", "550 no")


def test_a_provider_that_raises_is_a_doubt(app: App, vendor: o.Vendor) -> None:
    def broken(envelope: Envelope) -> Receipt:
        raise ValueError(str(envelope.text))

    came_in(app)
    vendor.answer = broken
    assert forward(app) == Forwarded(waiting=1)
    assert row(app).last_error == "a fault in the program: ValueError"


def test_what_cannot_be_read_holds_up_no_other(app: App, vendor: o.Vendor) -> None:
    came_in(app)
    with writing(app.engine) as c:
        c.execute(sa.update(tables.inbox_events).values(raw=b"not zlib"))
    came_in(app)
    assert forward(app) == Forwarded(sent=1, refused=1)


def test_what_was_forgotten_is_not_sent(app: App, vendor: o.Vendor) -> None:
    came_in(app)
    with writing(app.engine) as c:
        c.execute(sa.update(tables.inbox_events).values(raw=None))
        c.execute(sa.update(tables.replies).values(words=None, subject=None))
    assert forward(app) == Forwarded(refused=1)
    assert vendor.journal == []


def test_asked_twice_it_goes_once(app: App, vendor: o.Vendor) -> None:
    inbox_id = came_in(app)
    with writing(app.engine) as c:
        forwarding.wait(c, inbox_id, None, now(c))
    assert forward(app) == Forwarded(sent=1)


def test_two_workers_never_send_the_same_at_once(app: App, vendor: o.Vendor) -> None:
    """Both saw it waiting; the claim is a conditional UPDATE."""
    came_in(app)
    both = Barrier(2)

    def claim(_: int) -> forwards.Ours | None:
        with app.engine.connect() as c, c.begin():
            seen = forwards.due(c, now(c))
        assert seen is not None
        both.wait()
        with writing(app.engine) as c:
            at = now(c)
            return forwards.claim(c, seen, at=at, until=at + timedelta(minutes=1))

    if app.engine.dialect.name == "sqlite":  # its one writer at a time looks and claims after the other looked
        app.engine.dispose()
    with ThreadPoolExecutor(2) as pool:
        got = list(pool.map(claim, range(2)))
    assert sum(each is not None for each in got) == 1


def test_who_dies_with_it_leaves_it_to_be_sent_again(app: App, vendor: o.Vendor) -> None:
    came_in(app)

    async def killed(envelope: Envelope) -> None:
        raise asyncio.CancelledError

    vendor.wait = killed
    with pytest.raises(asyncio.CancelledError):
        forward(app)
    vendor.wait = None
    assert forward(app) == Forwarded(), "it is held for a while"
    due_again(app)
    assert forward(app) == Forwarded(sent=1)


def test_a_late_word_of_an_earlier_try_changes_nothing(app: App) -> None:
    came_in(app)
    with writing(app.engine) as c:
        at = now(c)
        seen = forwards.due(c, at)
        assert seen is not None
        first = forwards.claim(c, seen, at=at, until=at)
        assert first is not None
        second = forwards.claim(c, first, at=at, until=at + timedelta(minutes=1))
        assert second is not None
        assert not forwards.settle(c, first, forwards.Forward.SENT, at=at)
        assert forwards.settle(c, second, forwards.Forward.SENT, at=at)


def test_in_outbox_mode_it_is_a_file_on_this_machine(app: App, bare: Stage) -> None:
    here = replace(bare.app, house=replace(app.house, mode=Mode.OUTBOX))
    came_in(here)
    assert forward(here) == Forwarded(sent=1)
    [file] = (here.project / ".outreach" / "outbox").glob("*/f-1.eml")
    mail = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert mail["To"] == DESK
    [inner] = [part for part in mail.walk() if part.get_content_type() == "message/rfc822"]
    assert inner.get_content()["Subject"] == "Re: Order 88121"


def _moment(app: App) -> datetime:
    with writing(app.engine) as c:
        return now(c)
