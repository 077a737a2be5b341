"""Is the request what SendGrid documents, is nothing else in it, and is every answer read as it is meant?"""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.core.lifecycle import Fault
from outreach.providers.base import Envelope, Found, Receipt, Verdict
from outreach.providers.sendgrid import REFERENCE, connected, request
from tests.contracts.contract import breach
from tests.providers.envelopes import EMAIL, LIVE, LONG, NOW, SHOP, email, headed
from tests.providers.scripted import Answer, Scripted, says

KEY = "SG.very-secret"


def answered(answer: Answer, envelope: Envelope = EMAIL) -> tuple[Receipt, Scripted]:
    async def run() -> tuple[Receipt, Scripted]:
        async with Scripted([answer]) as server:
            provider = connected(KEY, SHOP, LIVE, base=server.url)
            receipt = await provider.send(envelope)
            await provider.close()
            return receipt, server

    return asyncio.run(run())


def body(envelope: Envelope) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(request(envelope))
    return found


def test_the_request_holds_to_sendgrids_own_description():
    """Rule 38."""
    _, server = answered(says(202))
    (asked,) = server.asked
    assert breach("sendgrid_mail_send", asked.method, asked.target, asked.headers, asked.body) is None
    assert asked.header("Authorization") == f"Bearer {KEY}"


def test_the_contract_would_notice():
    """The description has teeth: custom_args beside the personalizations are text there."""
    wrong = body(EMAIL) | {"custom_args": {"a": 1}}
    headers = [("Authorization", f"Bearer {KEY}"), ("Content-Type", "application/json")]
    assert breach("sendgrid_mail_send", "POST", "/v3/mail/send", headers, json.dumps(wrong).encode())


def test_one_person_one_reference_and_nothing_tracked():
    """Rules 6 and 18."""
    sent = body(EMAIL)
    assert sent["personalizations"] == [{"to": [{"email": "ana@example.com"}], "custom_args": {REFERENCE: "k3x-1-1"}}]
    assert sent["from"] == {"email": SHOP, "name": "Mara from Alder"}
    assert sent["reply_to"] == {"email": "mara@alder.example", "name": "Mara from Alder"}
    assert sent["subject"] == EMAIL.subject
    assert [part["type"] for part in sent["content"]] == ["text/plain", "text/html"]
    assert [part["value"] for part in sent["content"]] == [str(EMAIL.text), str(EMAIL.html)]
    assert {name: each["enable"] for name, each in sent["tracking_settings"].items()} == {
        "click_tracking": False,
        "open_tracking": False,
        "subscription_tracking": False,
        "ganalytics": False,
    }
    assert sent["tracking_settings"]["click_tracking"]["enable_text"] is False
    assert not {"asm", "categories", "custom_args", "batch_id", "send_at", "mail_settings"} & set(sent)


def test_an_answer_reaches_who_is_on_sendgrids_own_list():
    """We told that list of their wish; what they wrote after it is answered all the same (settled 22)."""
    _, server = answered(says(202), replace(EMAIL, despite_lists=True))
    (asked,) = server.asked
    assert json.loads(asked.body)["mail_settings"] == {"bypass_unsubscribe_management": {"enable": True}}
    assert breach("sendgrid_mail_send", asked.method, asked.target, asked.headers, asked.body) is None


def test_both_ways_out_stand_in_the_headers_whole_and_no_reserved_one():
    """Rules 1, 18 and 34."""
    headers = body(EMAIL)["headers"]
    assert headers == {
        "List-Unsubscribe": f"<{LONG}>, <mailto:{SHOP}?subject=stop-1a.x>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
    }


def test_a_mail_of_text_alone():
    assert [part["type"] for part in body(email(html=None))["content"]] == ["text/plain"]


def test_a_bare_sender_has_no_name():
    bare = replace(EMAIL, headers=())
    assert body(bare)["from"] == {"email": SHOP}
    assert "reply_to" not in body(bare)
    assert "headers" not in body(bare)


WORDS = [
    "Já chegou? 🎁",
    'a "quoted" \\ line\nnext',
    "\t\x00\x0b\x1f\x7f tab and worse",
    "שלום",
    "x" * 400_000,
    "\ud800",
]


@pytest.mark.parametrize("words", WORDS, ids=["accents", "quotes", "controls", "hebrew", "big", "half a pair"])
def test_any_body_arrives_as_it_was(words: str):
    sent = body(email(text=words, html=words))
    assert [part["value"] for part in sent["content"]] == [words.replace("\ud800", "?")] * 2


@given(st.text())
def test_every_text_is_json(words: str):
    sent = body(email(text=words, html=words, subject=words))
    assert [sent["subject"], *(part["value"] for part in sent["content"])] == [words] * 3


UNFIT = {
    "half a surrogate pair in the subject": email(subject="Hello \ud83d"),
    "half a surrogate pair in a name": headed("Reply-To", "Mara \ud83d <mara@alder.example>"),
    "half a surrogate pair in the address": email(to="ana\udc80@example.com"),
    "line end in the subject": email(subject="Hello\r\nBcc: eve@example.com"),
    "encoded word in the subject": email(subject="=?utf-8?q?Hello=0ABcc:_eve@example.com?="),
    "direction marks in the subject": email(subject="Hello \u202egnp.exe"),
    "comma in a name": headed("From", f"Mara, Alder <{SHOP}>"),
    "semicolon in a name": headed("From", f"Mara; Alder <{SHOP}>"),
    "quote in a name": headed("From", f'"Mara" <{SHOP}>'),
    "line end in a name": headed("From", f"Mara\nBcc: eve@example.com <{SHOP}>"),
    "direction marks in a name": headed("Reply-To", f"Mara \u2066x <{SHOP}>"),
    "two addresses in Reply-To": headed("Reply-To", f"Mara <{SHOP}>, Eve <eve@example.com>"),
    "line end in a header": headed("List-Unsubscribe", "<https://x.example>\r\nBcc: eve@example.com"),
    "a header that adds a recipient": headed("Bcc", "eve@example.com"),
    "a header SendGrid sets": headed("X-SG-EID", "1"),
    "a header that is no name": headed("List Unsubscribe", "x"),
    "a header that is not ASCII": headed("X-Shop", "Ålder"),
    "a header twice": headed("auto-submitted", "no"),
    "two recipients": email(to="ana@example.com,eve@example.com"),
    "a recipient with a name": email(to="Ana <ana@example.com>"),
    "a recipient with a line end": email(to="ana@example.com\nbcc:eve@example.com"),
}


@pytest.mark.parametrize("envelope", UNFIT.values(), ids=UNFIT)
def test_what_is_unfit_never_leaves(envelope: Envelope):
    """Rule 18: no reserved header, one recipient."""
    receipt, server = answered(says(202), envelope)
    assert receipt.fault is Fault.INVALID
    assert "eve" not in (receipt.said or "")
    assert server.asked == []


def test_accepted_with_and_without_an_id():
    """Rule 19: X-Message-Id, and its absence."""
    assert answered(says(202, headers=[("X-Message-Id", "abc")]))[0] == Receipt(message_id="abc", status=202)
    assert answered(says(202))[0] == Receipt(message_id=None, status=202)


CASES = {
    200: Fault.DOUBT, 302: Fault.UNKNOWN, 400: Fault.INVALID, 401: Fault.KEY, 403: Fault.KEY, 404: Fault.KEY,
    405: Fault.KEY, 413: Fault.INVALID, 418: Fault.UNKNOWN, 429: Fault.REFUSED, 500: Fault.DOUBT, 502: Fault.DOUBT,
    503: Fault.REFUSED, 504: Fault.DOUBT, 599: Fault.DOUBT,
}  # fmt: skip


@pytest.mark.parametrize(("status", "fault"), CASES.items(), ids=map(str, CASES))
def test_each_status(status: int, fault: Fault):
    """Rule 19."""
    receipt, _ = answered(says(status, b'{"errors":[{"message":"no","field":null}]}'))
    assert (receipt.fault, receipt.status, receipt.said) == (fault, status, "no")


@pytest.mark.parametrize("garbage", [b"", b"<html>", b"[]", b'{"errors":[]}', b'{"errors":[7]}', b'{"errors":"x"}'])
def test_a_refusal_without_readable_words(garbage: bytes):
    assert answered(says(400, garbage))[0] == Receipt(Fault.INVALID, said="400", status=400)


FIELDS = {
    "personalizations.0.to.0.email": Fault.BAD_ADDRESS,
    "from.email": Fault.SENDER,
    "reply_to": Fault.SENDER,
    "fromage": Fault.INVALID,
    "content.0.value": Fault.INVALID,
}


@pytest.mark.parametrize(("field", "fault"), FIELDS.items(), ids=FIELDS)
def test_the_field_of_a_400_says_who_is_wrong(field: str, fault: Fault):
    said = {"errors": [{"message": "The address ana@example.com is not valid", "field": field}]}
    receipt, _ = answered(says(400, json.dumps(said).encode()))
    assert receipt.fault is fault
    assert receipt.said == "The address … is not valid"


DATE = ("Date", "Sat, 14 Nov 2026 10:00:00 GMT")
LATER = str(int(NOW.timestamp()) + 90)
WAITS = {
    "seconds": ([("Retry-After", "7")], 7),
    "a date": ([DATE, ("Retry-After", "Sat, 14 Nov 2026 10:02:00 GMT")], 120),
    "an instant": ([DATE, ("X-RateLimit-Reset", LATER)], 90),
    "the longer of two": ([DATE, ("Retry-After", "7"), ("X-RateLimit-Reset", LATER)], 90),
    "a date gone by": ([DATE, ("Retry-After", "Sat, 14 Nov 2026 09:00:00 GMT")], 0),
    "an instant without a clock": ([("X-RateLimit-Reset", LATER)], None),
    "a year": ([("Retry-After", "9999999")], 86_400),
    "nonsense": ([("Retry-After", "soon"), ("X-RateLimit-Reset", "-5")], None),
    "nothing": ([], None),
}


@pytest.mark.parametrize(("headers", "seconds"), WAITS.values(), ids=WAITS)
@pytest.mark.parametrize("status", [429, 503])
def test_how_long_to_stay_away(headers: list[tuple[str, str]], seconds: int | None, status: int):
    """Rule 19: X-RateLimit-Reset."""
    receipt, _ = answered(says(status, headers=headers))
    assert receipt.fault is Fault.REFUSED
    assert receipt.wait == (None if seconds is None else timedelta(seconds=seconds))


def checked(*answers: Answer, sender: str = SHOP) -> Verdict:
    async def run() -> Verdict:
        async with Scripted(list(answers)) as server:
            provider = connected(KEY, sender, LIVE, base=server.url)
            verdict = await provider.check()
            await provider.close()
            assert {asked.method for asked in server.asked} == {"GET"}
            return verdict

    return asyncio.run(run())


def of(content: Any) -> Answer:
    return says(200, json.dumps(content).encode())


MAY = of({"scopes": ["mail.send"]})
CHECKS = {
    "authenticated": ([MAY, of([{"domain": "alder.example", "valid": True}])], True, "authenticated"),
    "below an authenticated one": ([MAY, of([{"domain": "example", "valid": True}])], True, "authenticated"),
    "only ends alike": ([MAY, of([{"domain": "lder.example", "valid": True}]), of({"results": []})], False, "OUT-411"),
    "not valid yet": ([MAY, of([{"domain": "alder.example", "valid": False}]), of({"results": []})], False, "OUT-411"),
    "one verified sender": (
        [MAY, of([]), of({"results": [{"from_email": SHOP, "verified": True}]})], True, "one sender"),
    "may not ask": ([MAY, says(403), says(403)], True, "may not ask"),
    "no scope": ([of({"scopes": ["stats.read"]})], False, "may not send"),
    "refused": ([says(401)], False, "refuses our key (401)"),
    "no sense": ([says(200, b"<html>")], False, "does not say"),
}  # fmt: skip


@pytest.mark.parametrize(("answers", "good", "said"), CHECKS.values(), ids=CHECKS)
def test_the_account_is_looked_at(answers: list[Answer], good: bool, said: str):
    verdict = checked(*answers)
    assert (verdict.good, said in verdict.said) == (good, True), verdict
    assert bool(verdict.mend) is not good
    assert KEY not in verdict.said + verdict.mend


def test_it_cannot_be_asked_about_a_message():
    found = asyncio.run(connected(KEY, SHOP, LIVE).look_up(EMAIL, NOW))
    assert found.found is Found.CANNOT_TELL
