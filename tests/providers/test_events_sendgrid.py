"""Are SendGrid's posts believed, read and translated? Against what its own tests, its docs and others recorded."""

import base64
import email
import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.core.errors import Misuse
from outreach.core.inbound import Because, Event, Told
from outreach.core.posts import Door, Forged, Mail, Post, TooMuch
from outreach.providers import sendgrid_parse
from outreach.providers.listening import Ears, doors
from outreach.providers.sendgrid_events import events
from outreach.providers.signatures import FRESH, sendgrid_key
from tests.fake import posting
from tests.fake.posting import Signer

PAYLOADS = Path(__file__).parents[1] / "payloads"
SIGNED = json.loads((PAYLOADS / "hooks" / "event_webhook_signature.json").read_text(encoding="utf-8"))["cases"]
DOCS = json.loads((PAYLOADS / "hooks" / "events_docs.json").read_text(encoding="utf-8"))["events"]
ANYMAIL = json.loads((PAYLOADS / "hooks" / "events_anymail.json").read_text(encoding="utf-8"))["cases"]
#: anymail's words -> ours.
THEIRS = {
    "queued": Told.TAKEN,
    "delivered": Told.DELIVERED,
    "rejected": Told.DROPPED,
    "bounced": Told.BOUNCED,
    "deferred": Told.DEFERRED,
    "opened": Told.OTHER,
    "clicked": Told.OTHER,
}
REASONS = {"invalid": Because.BAD_ADDRESS, "bounced": Because.BAD_ADDRESS, "unsubscribed": Because.OPTED_OUT}
SIGNATURE, TIMESTAMP = "x-twilio-email-event-webhook-signature", "x-twilio-email-event-webhook-timestamp"


def opened(name: str, **environment: str) -> Door:
    """A door as it is built from the environment."""
    return next(door for door in doors(Ears(environment, posting.PAGES)).opened if door.name == name)


def one(said: dict[str, Any]) -> Event:
    return events(posting.batch([said]))[0]


@pytest.mark.parametrize("case", SIGNED, ids=lambda case: case["name"])
def test_rule_20_the_makers_own_signatures(case: dict[str, Any]):
    """Raw bytes, CRLF at the end and all; whatever is wrong with the rest is forged, and nothing worse."""
    body = base64.b64decode(case["payload_b64"])
    headers = {SIGNATURE: case["signature"], TIMESTAMP: case["timestamp"]}
    post = Post(headers, body, datetime.fromtimestamp(1600112502, UTC))
    key = sendgrid_key(case["public_key"])
    if case["valid"]:
        key.check(post)
        with pytest.raises(Forged):
            key.check(Post(headers, body.strip(), post.at))
    else:
        with pytest.raises(Forged):
            key.check(post)


@pytest.mark.parametrize(
    ("age", "fresh"), [(0, True), (-240, True), (24 * 3600, True), (26 * 3600, False), (-900, False)]
)
def test_rule_20_signed_long_ago_or_in_the_future(age: int, fresh: bool):
    """SendGrid repeats a post for 24 hours."""
    signer, body, at = Signer(), b"[]", time.time()
    said = {name.lower(): value for name, value in signer.headers(body, at=at - age).items()}
    post = Post(said, body, datetime.fromtimestamp(at, UTC))
    if fresh:
        sendgrid_key(signer.public).check(post)
    else:
        with pytest.raises(Forged):
            sendgrid_key(signer.public).check(post)
    assert timedelta(hours=24) < FRESH


@given(signature=st.text(), timestamp=st.text() | st.integers().map(str), body=st.binary())
def test_rule_20_garbage_is_forged_and_never_worse(signature: str, timestamp: str, body: bytes):
    key = sendgrid_key(SIGNED[0]["public_key"])
    for headers in ({}, {SIGNATURE: signature}, {TIMESTAMP: timestamp}, {SIGNATURE: signature, TIMESTAMP: timestamp}):
        with pytest.raises(Forged):
            key.check(Post(headers, body, datetime(2026, 11, 14, tzinfo=UTC)))


@pytest.mark.parametrize("text", ["", "garbage", "MFkw", "é", base64.b64encode(b"x" * 91).decode()])
def test_a_key_that_is_none_is_said_at_the_start(text: str):
    with pytest.raises(ValueError, match="key"):
        sendgrid_key(text)
    if text:
        with pytest.raises(Misuse, match="SENDGRID_WEBHOOK_KEY"):
            opened("SendGrid events", SENDGRID_WEBHOOK_KEY=text)


def test_every_event_of_the_docs_is_read():
    """11 types, string and array categories, one in capitals; none is lost, none is a problem."""
    read = events(json.dumps(DOCS).encode())
    assert len(read) == len(DOCS)
    assert [one.problem for one in read] == [None] * len(DOCS)
    told = {(said["event"].lower(), said.get("type")): one.told for said, one in zip(DOCS, read, strict=True)}
    assert told == {
        ("processed", None): Told.TAKEN,
        ("deferred", None): Told.DEFERRED,
        ("delivered", None): Told.DELIVERED,
        ("open", None): Told.OTHER,
        ("click", None): Told.OTHER,
        ("bounce", None): Told.BOUNCED,
        ("bounce", "bounce"): Told.BOUNCED,
        ("bounce", "blocked"): Told.BLOCKED,
        ("dropped", None): Told.DROPPED,
        ("spamreport", None): Told.COMPLAINED,
        ("unsubscribe", None): Told.UNSUBSCRIBED,
        ("group_unsubscribe", None): Told.UNSUBSCRIBED,
        ("group_resubscribe", None): Told.RESUBSCRIBED,
    }
    missing = [one for said, one in zip(DOCS, read, strict=True) if "sg_event_id" not in said]
    assert len({one.event_id for one in missing}) == len(missing) > 3  # by what they say


@pytest.mark.parametrize("case", ANYMAIL, ids=lambda case: case["name"])
def test_events_are_read_as_anymail_reads_them(case: dict[str, Any]):
    (read,) = events(json.dumps(case["events"]).encode())
    expected = case["expected_normalised"]
    if "event_type" in expected:
        assert read.told is THEIRS[expected["event_type"]]
    if "timestamp" in expected:
        assert read.at == datetime.fromisoformat(expected["timestamp"])
    assert read.event_id == expected.get("event_id", read.event_id)
    assert read.address == expected.get("recipient", read.address)
    assert read.because == REASONS.get(expected.get("reject_reason", ""))


def test_rule_22_only_three_reasons_of_dropped_are_about_the_address():
    because = {
        reason: one(posting.event("dropped", "a@example.com", reason=reason)).because
        for reason in (
            "Bounced Address",
            "Unsubscribed Address",
            "Spam Reporting Address",
            "Invalid",
            "Invalid SMTPAPI header",
            "Spam Content (if spam checker app enabled)",
            "Recipient List over Package Quota",
            "",
        )
    }
    assert list(because.values()) == [
        Because.BAD_ADDRESS,
        Because.OPTED_OUT,
        Because.COMPLAINED,
        Because.BAD_ADDRESS,
        None,
        None,
        None,
        None,
    ]


@pytest.mark.parametrize(
    "said", [{"type": "blocked"}, {"type": "expired"}, {"status": "4.2.2"}], ids=["blocked", "unheard of", "4.x"]
)
def test_rule_22_not_every_bounce_is_for_good(said: dict[str, str]):
    assert one(posting.event("bounce", "a@example.com", **said)).told is Told.BLOCKED


def test_rule_21_one_that_cannot_be_read_does_not_lose_the_others():
    body = json.dumps([posting.event("delivered", "a@example.com"), "what", {"no": "event"}, None, [[]]]).encode()
    read = events(body)
    assert [one.told for one in read] == [Told.DELIVERED, *[Told.OTHER] * 4]
    assert [bool(one.problem) for one in read] == [False, True, True, True, True]
    assert len({one.event_id for one in read}) == 5
    assert events(b"no json at all")[0].problem


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(["event", "email", "timestamp", "sg_event_id", "reason", "type", "reference"]), inner
            )
        ),
    )
)
def test_rule_21_whatever_json_is_posted_is_kept(said: Any):
    read = events(json.dumps(said).encode())
    assert len(read) == (len(said) if isinstance(said, list) else 1)
    for each in read:
        assert each.event_id
        assert each.event_id.isprintable()
        assert json.loads(each.raw) is not Ellipsis


def test_the_words_of_an_event_hold_no_address():
    read = one(posting.event("bounce", "a@example.com", reason="550 <ana@example.com> unknown", type="bounce"))
    assert read.said is not None
    assert "ana@" not in read.said


def test_more_events_than_sendgrid_sends_are_refused():
    with pytest.raises(TooMuch):
        events(json.dumps([{}] * 5_001).encode())


def inbound(name: str, kind: str = "multipart/form-data; boundary=xYzZY") -> Mail:
    """A recorded post; those kept with bare line ends get their own back."""
    raw = (PAYLOADS / "mail" / "sendgrid" / name).read_bytes()
    return sendgrid_parse.mail_of(kind, raw if b"\r\n" in raw else raw.replace(b"\n", b"\r\n"))


def test_rule_23_fields_keep_the_bytes_of_their_charset():
    mail = inbound("anymail_charsets_multipart.bin")
    assert mail.fields["subject"].decode("cp850") == "Como usted pidió"
    assert mail.fields["text"].decode("windows-1252") == "Test the ESP’s inbound charset handling…"
    assert mail.fields["html"].decode("iso-8859-1") == "<p>¿Esto se ve como esperabas?</p>"


def test_rule_23_default_mode_is_kept_as_a_mail():
    """Its own headers, text and page in their charsets: what is kept can be read by anything that reads mail."""
    kept = email.message_from_bytes(inbound("anymail_charsets_multipart.bin").raw)
    assert kept.get_content_type() == "multipart/alternative"
    text, page = kept.get_payload()
    assert (
        text.get_payload(decode=True).decode(text.get_content_charset()) == "Test the ESP’s inbound charset handling…"
    )
    assert page.get_content_type() == "text/html"
    assert kept["Date"] == "Fri, 24 Jul 2020 16:43:46 UTC"


@pytest.mark.parametrize("name", ["sgpy_default_data.txt", "sgpy_raw_data.txt", "sgpy_raw_data_with_attachments.txt"])
def test_rule_23_the_makers_own_posts(name: str):
    mail = inbound(name)
    assert mail.fields["from"] == b"Example User <test@example.com>"
    kept = email.message_from_bytes(mail.raw)
    assert kept["From"] == "Example User <test@example.com>"
    texts = [part.get_payload(decode=True) for part in kept.walk() if part.get_content_type() == "text/plain"]
    assert texts[0].strip() == b"Hello Twilio SendGrid!"


def test_rule_23_a_big_attachment_comes_whole():
    picture = bytes(range(256)) * 4096 * 20  # 20 MiB, boundary look-alikes and all
    fields = {"from": "a@example.com", "text": "see picture", "headers": "From: a@example.com\r\nX-Mark: 1\r\n"}
    body, headers = posting.mail(fields, [("broken glass.jpg", "image/jpeg", picture)])
    mail = sendgrid_parse.mail_of(headers["Content-Type"], body)
    assert mail.files == (("broken glass.jpg", "image/jpeg", picture),)
    kept = email.message_from_bytes(mail.raw)
    (found,) = [part for part in kept.walk() if part.get_filename()]
    assert found.get_filename() == "broken glass.jpg"
    assert found.get_payload(decode=True) == picture


@given(
    st.binary(max_size=300),
    st.sampled_from(["multipart/form-data; boundary=x", "text/plain", "", "a;boundary=" + "y" * 500]),
)
def test_rule_23_whatever_is_posted_is_kept(body: bytes, kind: str):
    mail = sendgrid_parse.mail_of(kind, body)
    assert mail.fields or mail.raw == body


def test_inbound_needs_the_secret_the_signature_or_both():
    signer, secret = Signer(), "s" * 24
    body, headers = posting.mail({"from": "a@example.com"})
    signed = {name.lower(): value for name, value in {**signer.headers(body), **headers}.items()}
    bare = {name.lower(): value for name, value in headers.items()}
    now = datetime.now(UTC)
    hidden = opened("SendGrid inbound", SENDGRID_INBOUND_SECRET=secret)
    proved = opened("SendGrid inbound", SENDGRID_INBOUND_KEY=signer.public)
    both = opened("SendGrid inbound", SENDGRID_INBOUND_SECRET=secret, SENDGRID_INBOUND_KEY=signer.public)
    assert [door.path for door in (hidden, proved, both)] == [
        "/sendgrid/inbound/{secret}",
        "/sendgrid/inbound",
        "/sendgrid/inbound/{secret}",
    ]
    for door, right in (
        (hidden, Post(bare, body, now, secret=secret)),
        (proved, Post(signed, body, now)),
        (both, Post(signed, body, now, secret=secret)),
    ):
        assert door.read(right)
    for door, wrong in (
        (hidden, Post(signed, body, now)),
        (hidden, Post(signed, body, now, secret="ü" * 24)),
        (proved, Post(bare, body, now, secret=secret)),
        (both, Post(signed, body, now, secret="t" * 24)),
        (both, Post(bare, body, now, secret=secret)),
    ):
        with pytest.raises(Forged):
            door.read(wrong)


@pytest.mark.parametrize("secret", ["short", "a/b" * 10, "ü" * 30])
def test_a_secret_that_can_be_guessed_is_refused(secret: str):
    with pytest.raises(Misuse, match="SENDGRID_INBOUND_SECRET"):
        opened("SendGrid inbound", SENDGRID_INBOUND_SECRET=secret)


def test_no_key_no_door():
    shut = doors(Ears({}, posting.PAGES))
    assert shut.opened == ()
    assert [door.path for door in shut.shut] == [
        "/sendgrid/events",
        "/sendgrid/inbound",
        "/twilio/status",
        "/twilio/inbound",
    ]
