"""Is the form what Twilio documents, is every code read as the table says, and is a doubtful text found again?"""

import asyncio
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from outreach.core.lifecycle import Fault
from outreach.providers.base import Envelope, Found, LookUp, Receipt, Verdict
from outreach.providers.twilio import Account, Twilio, callback_at, connected, validity
from outreach.providers.twilio_codes import FAULTS
from tests.contracts.contract import breach
from tests.providers.envelopes import ACCOUNT, LIVE, NOW, NUMBER, PAGES, TEXT, text
from tests.providers.scripted import Answer, Scripted, hangs, raw, says

SERVICE = "MG" + "a" * 32
TOKEN = "very-secret"
SID = "SM" + "1" * 32


def conversation(
    answers: list[Answer], what: Callable[[Twilio], Any], *, sender: str = NUMBER, pages: str = PAGES
) -> tuple[Any, Scripted]:
    async def run() -> tuple[Any, Scripted]:
        async with Scripted(answers) as server:
            provider = connected(Account(ACCOUNT, TOKEN, sender), LIVE, pages=pages, base=server.url)
            provider.wire.deadline = 1.0
            found = await what(provider)
            await provider.close()
            return found, server

    return asyncio.run(run())


def answered(answer: Answer, envelope: Envelope = TEXT, pages: str = PAGES) -> tuple[Receipt, Scripted]:
    return conversation([answer], lambda provider: provider.send(envelope), pages=pages)


def form(envelope: Envelope = TEXT, pages: str = PAGES) -> dict[str, str]:
    _, server = answered(says(201), envelope, pages)
    (asked,) = server.asked
    assert breach("twilio_messages", asked.method, asked.target, asked.headers, asked.body) is None
    return dict(parse_qsl(asked.body.decode(), strict_parsing=True))


def test_the_form_holds_to_twilios_own_description():
    """Rules 16 and 38: validity, and Twilio's own contract."""
    assert form() == {
        "To": "+447700900123",
        "From": NUMBER,
        "Body": str(TEXT.text),
        "ValidityPeriod": "10800",
        "StatusCallback": "https://hello.alder.example/twilio/status?r=k3x-1-1",
    }


def test_the_contract_would_notice():
    headers = [("Authorization", "Basic x"), ("Content-Type", "application/x-www-form-urlencoded")]
    target = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    assert breach("twilio_messages", "POST", target, headers, b"To=%2B4477&ValidityPeriod=soon")
    assert breach("twilio_messages", "POST", target, headers, b"Body=x")


def test_a_messaging_service_chooses_the_number():
    sent = form(text(sender=SERVICE))
    assert sent["MessagingServiceSid"] == SERVICE
    assert "From" not in sent


def test_any_words_arrive_as_they_were():
    words = "Olá & até já 🎁 100%\nx=1+1;"
    assert form(text(text=words))["Body"] == words


@pytest.mark.parametrize(
    "pages", ["http://127.0.0.1:8076", "https://127.0.0.1:8076", "https://localhost", "http://hello.alder.example"]
)
def test_nobody_is_told_to_report_to_this_machine(pages: str):
    assert callback_at(pages) is None
    assert "StatusCallback" not in form(pages=pages)


@pytest.mark.parametrize(("left", "seconds"), [(-5, 1), (0.2, 1), (90, 90), (36_001, 36_000), (1e6, 36_000)])
def test_it_may_wait_as_long_as_it_is_of_use(left: float, seconds: int):
    """Rule 16."""
    assert validity(text(not_after=NOW + timedelta(seconds=left))) == seconds


UNFIT = {
    "too long": (text(text="x" * 1601), Fault.INVALID),
    "empty": (text(text=" \n"), Fault.INVALID),
    "a control character": (text(text="Hello\x00"), Fault.INVALID),
    "no number": (text(to="ana@example.com"), Fault.BAD_ADDRESS),
    "two numbers": (text(to="+447700900123,+447700900124"), Fault.BAD_ADDRESS),
    "a national number": (text(to="07700900123"), Fault.BAD_ADDRESS),
}


@pytest.mark.parametrize(("envelope", "fault"), UNFIT.values(), ids=UNFIT)
def test_what_is_unfit_never_leaves(envelope: Envelope, fault: Fault):
    """Rule 17: over 1600 characters is refused."""
    receipt, server = answered(says(201), envelope)
    assert receipt.fault is fault
    assert server.asked == []


def test_sixteen_hundred_characters_are_taken():
    assert len(form(text(text="x" * 1600))["Body"]) == 1600


def test_accepted_with_and_without_an_id():
    assert answered(says(201, json.dumps({"sid": SID}).encode()))[0] == Receipt(message_id=SID, status=201)
    for odd in (b"", b"<html>", b"[]", b'{"sid": null}', b'{"sid": 7}'):
        assert answered(says(201, odd))[0] == Receipt(message_id=None, status=201)


def test_created_is_created_though_its_body_breaks_off():
    half = raw(b'HTTP/1.1 201 Created\r\nContent-Length: 500\r\n\r\n{"sid": "SM', last=True)
    assert answered(half)[0] == Receipt(message_id=None, status=201)


def said(code: Any, message: str = "no") -> bytes:
    return json.dumps({"code": code, "message": message, "status": 400}).encode()


@pytest.mark.parametrize(("code", "fault"), FAULTS.items(), ids=map(str, FAULTS))
def test_each_code(code: int, fault: Fault):
    """Rule 26."""
    receipt, _ = answered(says(400, said(code)))
    assert (receipt.fault, receipt.said) == (fault, f"{code} no")


def test_the_codes_of_respect_26():
    """Rule 26."""
    wanted = {
        Fault.OPTED_OUT: {21610},
        Fault.BAD_ADDRESS: {21211, 21614, 21635, 30005, 30006},
        Fault.UNREACHABLE: {30003},
        Fault.CONTENT: {30007, 21618, 30008},
        Fault.SENDER: {30034, 30032, 21606, 21703, 21704, 21408, 21612},
        Fault.REFUSED: {30001, 21611, 30036, 20429},
    }
    assert all(FAULTS[code] is fault for fault, codes in wanted.items() for code in codes)


STATUSES = {
    (400, None): Fault.UNKNOWN, (400, 99999): Fault.UNKNOWN, (400, "21610"): Fault.UNKNOWN, (400, True): Fault.UNKNOWN,
    (401, 20003): Fault.KEY, (403, None): Fault.KEY, (404, 20404): Fault.KEY, (429, 20429): Fault.REFUSED,
    (429, None): Fault.REFUSED, (500, None): Fault.DOUBT, (500, 21610): Fault.DOUBT, (502, None): Fault.DOUBT,
    (503, None): Fault.REFUSED, (504, None): Fault.DOUBT, (200, None): Fault.DOUBT, (302, None): Fault.UNKNOWN,
}  # fmt: skip


@pytest.mark.parametrize(("answer", "fault"), STATUSES.items(), ids=str)
def test_each_status(answer: tuple[int, Any], fault: Fault):
    """Rules 26 and 27: an unknown code failed; a 5xx is in doubt."""
    status, code = answer
    assert answered(says(status, said(code)))[0].fault is fault


def test_twilios_words_lose_the_number():
    receipt, _ = answered(says(400, said(21211, "The 'To' number +44 7700 900123 is not valid")))
    assert receipt.said == "21211 The 'To' number … is not valid"


def test_it_says_how_long_to_stay_away():
    assert answered(says(429, said(20429), [("Retry-After", "3")]))[0].wait == timedelta(seconds=3)


# -- looking for a text we are in doubt about

SINCE = NOW
LATER = NOW + timedelta(minutes=10)


def listed(**changes: Any) -> dict[str, Any]:
    return {
        "sid": SID,
        "to": TEXT.to,
        "from": NUMBER,
        "messaging_service_sid": None,
        "body": str(TEXT.text),
        "direction": "outbound-api",
        "date_created": format_datetime(NOW + timedelta(seconds=1)),
        "date_sent": None,
        **changes,
    }


def page(*messages: dict[str, Any], next_page: str | None = None, at: datetime = LATER) -> Answer:
    content = {"messages": list(messages), "next_page_uri": next_page}
    return says(200, json.dumps(content).encode(), [("Date", format_datetime(at, usegmt=False))])


def looked(*answers: Answer, envelope: Envelope = TEXT) -> tuple[LookUp, Scripted]:
    return conversation(list(answers), lambda provider: provider.look_up(envelope, SINCE))


THERE, ABSENT, UNSURE = Found.THERE, Found.ABSENT, Found.CANNOT_TELL
PATH = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
LOOKS = {
    "there": ([page(listed())], THERE),
    "there, and not sent yet": ([page(listed(date_sent=None))], THERE),
    "there, behind the line of a trial account": ([page(listed(body=f"From a trial account - {TEXT.text}"))], THERE),
    "there, on the second page": ([page(next_page=f"{PATH}?Page=1"), page(listed())], THERE),
    "there, though the list is young": ([page(listed(), at=NOW)], THERE),
    "nothing": ([page()], ABSENT),
    "only an older one": ([page(listed(date_created=format_datetime(NOW - timedelta(hours=1))))], ABSENT),
    "only one from them": ([page(listed(direction="inbound"))], ABSENT),
    "only one of another number of ours": ([page(listed(**{"from": "+447700900888"}))], ABSENT),
    "other words of ours": ([page(listed(body="Alder: something else"))], UNSURE),
    "nothing, but the list is young": ([page(at=NOW + timedelta(seconds=90))], UNSURE),
    "nothing, by a server without a clock": ([says(200, b'{"messages": [], "next_page_uri": null}')], UNSURE),
    "nothing so far, and a page that leads away": ([page(next_page="https://evil.example/")], UNSURE),
    "nothing so far, and the next page is missing": ([page(next_page=f"{PATH}?Page=1"), says(500)], UNSURE),
    "endless": ([page(next_page=f"{PATH}?Page=1")], UNSURE),
    "refused": ([says(401)], UNSURE),
    "silent": ([hangs], UNSURE),
    "no sense": ([says(200, b"<html>", [("Date", format_datetime(LATER))])], UNSURE),
    "no list": ([says(200, b'{"messages": 7}', [("Date", format_datetime(LATER))])], UNSURE),
}  # fmt: skip


@pytest.mark.parametrize(("answers", "found"), LOOKS.values(), ids=LOOKS)
def test_what_the_list_says(answers: list[Answer], found: Found):
    """Rule 27."""
    look, _ = looked(*answers)
    assert look.found is found
    assert look.message_id == (SID if found is THERE else None)


def test_the_question_holds_to_the_contract_and_leaves_nothing_out():
    """Rules 27, 38. Filtered by DateSent the list would hide what waits at Twilio, and it would be sent twice."""
    _, server = looked(page())
    (asked,) = server.asked
    assert breach("twilio_messages", asked.method, asked.target, asked.headers, None) is None
    assert parse_qs(urlsplit(asked.target).query) == {"To": [TEXT.to], "PageSize": ["200"]}


def test_a_service_is_found_by_its_own_id():
    mine = listed(messaging_service_sid=SERVICE, **{"from": "+447700900888"})
    assert looked(page(mine), envelope=text(sender=SERVICE))[0].found is THERE


# -- the account

ACTIVE = says(200, b'{"status": "active"}')


def owned(number: str = NUMBER, **able: bool) -> Answer:
    content = {"incoming_phone_numbers": [{"phone_number": number, "capabilities": able}]}
    return says(200, json.dumps(content).encode())


CHECKS = {
    "all good": ([ACTIVE, owned(sms=True)], NUMBER, True, "can receive"),
    "spelled as theirs": ([ACTIVE, owned(SMS=True)], NUMBER, True, "can receive"),
    "no texts": ([ACTIVE, owned(voice=True, sms=False)], NUMBER, False, "takes no texts"),
    "not ours": ([ACTIVE, says(200, b'{"incoming_phone_numbers": []}')], NUMBER, False, "not of this account"),
    "another": ([ACTIVE, owned("+447700900888", sms=True)], NUMBER, False, "not of this account"),
    "numbers fail": ([ACTIVE, says(500)], NUMBER, False, "cannot be looked up"),
    "a name": ([ACTIVE], "Alder", True, "STOP by text cannot arrive"),
    "a service": ([ACTIVE], SERVICE, True, "chooses the number"),
    "suspended": ([says(200, b'{"status": "suspended"}')], NUMBER, False, "suspended"),
    "refused": ([says(401)], NUMBER, False, "refuses our key (401)"),
    "silent": ([hangs], NUMBER, False, "cannot be reached"),
}


@pytest.mark.parametrize(("answers", "sender", "good", "words"), CHECKS.values(), ids=CHECKS)
def test_the_account_is_looked_at(answers: list[Answer], sender: str, good: bool, words: str):
    found, server = conversation(answers, lambda provider: provider.check(), sender=sender)
    assert isinstance(found, Verdict)
    assert (found.good, words in found.said) == (good, True), found
    assert bool(found.mend) is not good
    assert TOKEN not in repr(found)
    assert {asked.method for asked in server.asked} == {"GET"}
