"""Are the vendors' own lists told and read as they document, page by page, and what if they cannot be?"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from outreach.core.inbound import Because, Event, Told, Written
from outreach.core.lifecycle import Fault
from outreach.providers import sendgrid_lists, twilio_lists
from outreach.providers.base import Listing, Receipt
from outreach.providers.http import Wire
from outreach.providers.sendgrid_lists import SendGridLists
from outreach.providers.sendgrid_wiring import NEEDED
from outreach.providers.twilio import headers_of, messages
from outreach.providers.twilio_lists import TwilioLists
from tests.contracts.contract import breach
from tests.providers.envelopes import ACCOUNT, NUMBER
from tests.providers.scripted import Answer, Scripted, closes, says

SINCE = datetime(2026, 11, 14, 2, 30, tzinfo=UTC)
NOTHING = says(200, b"[]")


def sendgrid(answers: list[Answer], what: Callable[[SendGridLists], Awaitable[Any]]) -> tuple[Any, Scripted]:
    async def run() -> tuple[Any, Scripted]:
        async with Scripted(answers) as server:
            lists = SendGridLists(Wire(server.url, {"Authorization": "Bearer SG.x"}))
            try:
                return await what(lists), server
            finally:
                await lists.close()

    return asyncio.run(run())


def twilio(
    answers: list[Answer], what: Callable[[TwilioLists], Awaitable[Any]], sender: str = NUMBER
) -> tuple[Any, Scripted]:
    async def run() -> tuple[Any, Scripted]:
        async with Scripted(answers) as server:
            wire = Wire(server.url, headers_of(ACCOUNT, "secret"))
            lists = TwilioLists(wire, wire, ACCOUNT, sender)
            try:
                return await what(lists), server
            finally:
                await lists.close()

    return asyncio.run(run())


def holds(server: Scripted, name: str) -> None:
    for asked in server.asked:
        assert breach(name, asked.method, asked.target, asked.headers, asked.body) is None


def rows(*found: dict[str, Any]) -> Answer:
    return says(200, json.dumps(found).encode())


def test_sendgrid_is_told_by_its_own_description() -> None:
    """Rule 38."""
    told, server = sendgrid([says(201, b'{"recipient_emails": []}')], lambda s: s.add(["ana@example.com"], SINCE))
    assert told == Receipt(status=201)
    assert json.loads(server.asked[0].body) == {"recipient_emails": ["ana@example.com"]}
    holds(server, "sendgrid_suppressions")


def test_sendgrid_takes_people_off_again() -> None:
    """Rule 38."""
    gone, server = sendgrid([says(204), says(404)], lambda s: s.remove(["a+b@example.com", "c@example.com"], SINCE))
    assert gone.fault is None, "who is not on it need not be taken off"
    assert [a.target.rpartition("/")[2] for a in server.asked] == ["a%2Bb%40example.com", "c%40example.com"]
    holds(server, "sendgrid_suppressions")


@pytest.mark.parametrize(("status", "fault"), [(401, Fault.KEY), (429, Fault.REFUSED), (400, Fault.INVALID)])
def test_what_sendgrid_answers_is_a_value(status: int, fault: Fault) -> None:
    told, _ = sendgrid([says(status)], lambda s: s.add(["ana@example.com"], SINCE))
    assert told.fault is fault
    gone, _ = sendgrid([says(status)], lambda s: s.remove(["ana@example.com"], SINCE))
    assert gone.fault is fault


def test_all_of_sendgrids_lists_are_read() -> None:
    answers = [
        rows({"created": 1763000000, "email": "Una@Example.com"}),
        rows({"created": 1763000001, "email": "spam@example.com", "ip": "127.0.0.1"}),
        rows({"created": 1763000002, "email": "gone@example.com", "reason": "550", "status": "5.1.1"}),
        rows({"created": 1763000003, "email": "typo@example.com", "reason": "known bad domain"}),
        rows({"email": "group@example.com", "group_id": 1, "group_name": "News", "created_at": 1763000004}),
    ]
    listing, server = sendgrid(answers, lambda s: s.read(SINCE))
    assert listing.problem is None
    assert [(e.told, e.address, e.because) for e in listing.found] == [
        (Told.UNSUBSCRIBED, "Una@Example.com", None),
        (Told.COMPLAINED, "spam@example.com", None),
        (Told.BOUNCED, "gone@example.com", None),
        (Told.DROPPED, "typo@example.com", Because.BAD_ADDRESS),
        (Told.UNSUBSCRIBED, "group@example.com", None),
    ]
    assert [e.at.timestamp() for e in listing.found] == [1763000000 + i for i in range(5)]
    assert {parse_qs(urlsplit(a.target).query).get("start_time", [""])[0] for a in server.asked[:4]} == {
        str(int(SINCE.timestamp()))
    }
    holds(server, "sendgrid_suppressions")


def test_a_list_is_read_to_its_last_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sendgrid_lists, "PAGE", 2)
    pages = [rows(*({"created": 1, "email": f"p{n}{i}@example.com"} for i in range(2))) for n in range(2)]
    listing, server = sendgrid(
        [*pages, rows({"created": 1, "email": "last@example.com"}), NOTHING], lambda s: s.read(None)
    )
    assert len(listing.found) == 5
    assert [parse_qs(urlsplit(a.target).query)["offset"][0] for a in server.asked[:3]] == ["0", "2", "4"]
    assert "start_time" not in server.asked[0].target


def test_the_same_entry_has_the_same_name_whenever_it_is_read() -> None:
    entry = [rows({"created": 5, "email": "A@example.com"}), NOTHING]
    again = [rows({"created": 5, "email": "a@example.com"}), NOTHING]
    names = {sendgrid(list(a), lambda s: s.read(None))[0].found[0].event_id for a in (entry, again)}
    assert len(names) == 1


UNREADABLE = {
    "broken": [says(500)],
    "closed": [closes],
    "no list": [says(200, b"{}")],
    "no JSON": [says(200, b"nonsense")],
    "the second refused": [NOTHING, says(401)],
    "the last refused": [*[NOTHING] * 4, says(403)],
}


@pytest.mark.parametrize("answers", UNREADABLE.values(), ids=UNREADABLE)
def test_a_list_that_cannot_be_read_says_so(answers: list[Answer]) -> None:
    listing, _ = sendgrid(answers, lambda s: s.read(SINCE))
    assert listing.problem


def test_what_is_no_entry_is_passed_over() -> None:
    listing, _ = sendgrid([says(200, b'[1, null, {"email": 5}, {"email": "x"}, {}]'), NOTHING], lambda s: s.read(None))
    assert listing == Listing(())


# -- Twilio


def message(**changes: Any) -> dict[str, Any]:
    return {
        "sid": "SM" + "1" * 32,
        "direction": "inbound",
        "from": "+447700900456",
        "to": NUMBER,
        "body": "STOP",
        "date_sent": "Fri, 14 Nov 2026 09:00:00 +0000",
        **changes,
    }


def page(*found: dict[str, Any], following: str | None = None) -> Answer:
    return says(200, json.dumps({"messages": found, "next_page_uri": following}).encode())


def test_what_people_texted_is_read_oldest_first() -> None:
    more = f"{messages(ACCOUNT)}?Page=1"
    ours, older = message(sid="SM3", direction="outbound-api"), message(sid="SM1", body="where is it?")
    listing, server = twilio([page(message(sid="SM2"), ours, following=more), page(older)], lambda t: t.read(SINCE))
    assert listing.problem is None
    assert [(w.event_id, w.words, w.sender, w.at) for w in listing.found if isinstance(w, Written)] == [
        ("SM1", "where is it?", "+447700900456", datetime(2026, 11, 14, 9, tzinfo=UTC)),
        ("SM2", "STOP", "+447700900456", datetime(2026, 11, 14, 9, tzinfo=UTC)),
    ]
    assert parse_qs(urlsplit(server.asked[0].target).query) == {
        "DateSent>": ["2026-11-14T02:30:00Z"],
        "PageSize": ["1000"],
        "To": [NUMBER],
    }
    holds(server, "twilio_messages")


def test_a_service_has_no_number_to_ask_by() -> None:
    _, server = twilio([page()], lambda t: t.read(SINCE), sender="MG" + "a" * 32)
    assert "To" not in parse_qs(urlsplit(server.asked[0].target).query)


@pytest.mark.parametrize(
    "answer",
    [says(401), closes, says(200, b"[]"), page(following="/elsewhere")],
    ids=["refused", "closed", "no page", "elsewhere"],
)
def test_a_list_of_texts_that_cannot_be_read_says_so(answer: Answer) -> None:
    listing, _ = twilio([answer], lambda t: t.read(SINCE))
    assert listing.problem


def test_twilio_is_told() -> None:
    told, server = twilio([says(201, b'{"items": []}')], lambda t: t.add(["+447700900456", "+447700900457"], SINCE))
    assert told == Receipt()
    items = [json.loads(value) for name, value in parse_qsl(server.asked[0].body.decode()) if name == "Items"]
    assert [(i["contact_id"], i["status"], i["sender_id"]) for i in items] == [
        ("+447700900456", "opt-out", NUMBER),
        ("+447700900457", "opt-out", NUMBER),
    ]
    assert server.asked[0].target == twilio_lists.CONSENTS
    _, again = twilio([says(201, b"{}")], lambda t: t.remove(["+447700900456"], SINCE))
    assert b"opt-in" in again.asked[0].body


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (says(403), Fault.INVALID),
        (says(404), Fault.INVALID),
        (says(429), Fault.REFUSED),
        (says(200, b'{"items": [{"error_code": 20001}, {"error_code": 0}]}'), Fault.INVALID),
        (closes, Fault.DOUBT),
    ],
    ids=["no pilot", "no door", "too fast", "one refused", "closed"],
)
def test_what_twilio_answers_is_a_value(answer: Answer, fault: Fault) -> None:
    told, _ = twilio([answer], lambda t: t.add(["+447700900456"], SINCE))
    assert told.fault is fault


def test_events_and_texts_are_what_webhooks_give() -> None:
    """Rule 28. The same MessageSid is the same message, by whatever way it came (respect.md 28)."""
    listing, _ = twilio([page(message())], lambda t: t.read(SINCE))
    (written,) = listing.found
    assert (written.provider, written.event_id) == ("twilio", "SM" + "1" * 32)
    assert isinstance(written, Written)
    assert not isinstance(written, Event)


# -- whether they tell us

HOOK = {"enabled": True, "url": "https://hello.alder.example/sendgrid/events/", "public_key": "k"}
HOOK |= dict.fromkeys(NEEDED, True)
PARSE = {"hostname": "Reply.alder.example", "url": "https://hello.alder.example/sendgrid/inbound/secret"}
GOOD_PARSE = says(200, json.dumps({"result": [PARSE]}).encode())


def hooks(*found: dict[str, Any]) -> Answer:
    return says(200, json.dumps({"max_allowed": 5, "webhooks": found}).encode())


WIRING = {
    "all is well": ([hooks({}, HOOK), GOOD_PARSE], [True, True], "signed"),
    "no webhook": ([hooks({}), GOOD_PARSE], [False, True], "does not post to"),
    "another's": ([hooks({**HOOK, "url": "https://x.example/sendgrid/events"}), GOOD_PARSE], [False, True], "not post"),
    "switched off": ([hooks({**HOOK, "enabled": False}), GOOD_PARSE], [False, True], "switched off"),
    "silent": ([hooks({**HOOK, "spam_report": False}), GOOD_PARSE], [False, True], "spam_report"),
    "unsigned": ([hooks({**HOOK, "public_key": ""}), GOOD_PARSE], [False, True], "not signed"),
    "no mail": ([hooks(HOOK), says(200, b'{"result": []}')], [True, False], "signed"),
    "mail elsewhere": (
        [hooks(HOOK), says(200, json.dumps({"result": [{**PARSE, "url": "https://x.example"}]}).encode())],
        [True, False],
        "signed",
    ),
    "may not look": ([says(403), says(403)], [False, False], "may not look"),
    "away": ([closes, closes], [False, False], "cannot be reached"),
}


@pytest.mark.parametrize(("answers", "good", "said"), WIRING.values(), ids=WIRING)
def test_sendgrids_settings_are_looked_at(answers: list[Answer], good: list[bool], said: str) -> None:
    pages, mailbox = "https://hello.alder.example", "hello@reply.alder.example"
    verdicts, server = sendgrid(list(answers), lambda s: s.wired(pages=pages, mailbox=mailbox))
    assert [v.good for v in verdicts] == good
    assert said in verdicts[0].said
    assert not any("secret" in v.said for v in verdicts)
    assert {a.method for a in server.asked} == {"GET"}


def test_mail_is_not_asked_about_where_none_is_heard() -> None:
    verdicts, server = sendgrid([hooks(HOOK)], lambda s: s.wired(pages="https://hello.alder.example", mailbox=""))
    assert [len(verdicts), len(server.asked)] == [1, 1]


def number(**settings: Any) -> Answer:
    row = {"phone_number": NUMBER, "sms_url": "https://hello.alder.example/twilio/inbound", "sms_method": "POST"}
    return says(200, json.dumps({"incoming_phone_numbers": [{**row, **settings}]}).encode())


NUMBERS = {
    "ours": (number(), NUMBER, True),
    "elsewhere": (number(sms_url="https://demo.twilio.com/welcome"), NUMBER, False),
    "nowhere": (number(sms_url=None), NUMBER, False),
    "by GET": (number(sms_method="GET"), NUMBER, False),
    "unknown": (says(200, b"{}"), NUMBER, False),
    "a service": (says(500), "MG" + "a" * 32, True),
    "a name": (says(500), "Alder", True),
}


@pytest.mark.parametrize(("answer", "sender", "good"), NUMBERS.values(), ids=NUMBERS)
def test_the_numbers_settings_are_looked_at(answer: Answer, sender: str, good: bool) -> None:
    (verdict,), _ = twilio([answer], lambda t: t.wired(pages="https://hello.alder.example/", mailbox=""), sender)
    assert verdict.good is good
