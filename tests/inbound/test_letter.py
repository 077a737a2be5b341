"""Is a mail read as it was meant, and never at more cost than it is worth?"""

import base64
import json
import tracemalloc
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outreach.inbound.letter import letter_of_fields, read_letter
from outreach.inbound.quoting import new_words
from outreach.inbound.sorts import Kind, sort

ANYMAIL = "anymail_inbound.json"


def letter(head: str, body: bytes = b"Hello"):
    return read_letter(head.encode("utf-8", "surrogateescape") + b"\n\n" + body)


def fields(mail, name):
    case = next(c for c in json.loads((mail / "sendgrid" / ANYMAIL).read_text())["cases"] if c["name"] == name)
    return {key: value.encode() for key, value in case["fields"].items()}


# -- whatever the bytes are

HEADERS = st.sampled_from(
    [
        b"From: ",
        b"To: ",
        b"Subject: =?utf-8?b?",
        b"Content-Type: multipart/mixed; boundary=x\n\n--x\n",
        b"Date: ",
        b"\n\n",
        b"Content-Type: message/delivery-status\n\n",
        b"Final-Recipient: rfc822;",
        b"Content-Type: text/html; charset=",
        b"Content-Transfer-Encoding: base64\n",
        b"Content-Disposition: attachment; filename*0*=",
        b"--x--",
        b"<a@b.example>",
        b"Status: 5.1.1\n",
        b"Feedback-Type: abuse\n",
        b"Content-Type: text/plain; charset*=utf-7''%",
        b"<!--",
        b"<style>",
        b"Authentication-Results: x; dkim=pass header.d=",
        b"Auto-Submitted: ",
        b"> ",
        b"On 1.1.2020 x wrote:\n",
        b"\xff\xfe",
    ]
)
PIECES = st.lists(HEADERS | st.binary(max_size=40), max_size=25).map(b"".join)


@settings(max_examples=300, deadline=None)
@given(PIECES)
def test_any_bytes_become_a_letter_of_some_kind(raw):
    found = read_letter(raw)
    assert found.size == len(raw)
    assert sort(found, read_token=lambda token: None).kind in Kind
    found.text.encode()  # no half characters: a database takes it
    found.subject.encode()
    assert bool(new_words(found.text, ())) is bool(found.text.strip())


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(
            ["headers", "text", "html", "from", "to", "subject", "envelope", "charsets", "dkim", "SPF", "email"]
        ),
        PIECES,
    )
)
def test_any_fields_become_a_letter(posted):
    letter_of_fields(posted, [("a", "message/delivery-status", b"\xff")])


# -- limits (faults.md, security 6)

BOMBS = {
    "nested": b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(20_000)),
    "parts": b"Content-Type: multipart/mixed; boundary=x\n\n" + b"--x\n\nhello\n" * 200_000,
    "marks": b"Content-Type: multipart/mixed; boundary=x\n\n" + b"--x no\n" * 2_000_000,
    "prefixes": b"Subject: " + b"re: " * 10_000 + b"\n\n" + b"re : " * 10_000,
    "headers": b"X-A: b\n" * 500_000 + b"\nhello",
    "one header": b"Subject: " + b"=?utf-8?q?a?= " * 300_000 + b"\n\nhello",
    "brackets": b"From: " + b"(" * 60_000 + b"\nTo: " + b'"\\"' * 60_000 + b"\n\nhello",
    "page": b"Content-Type: text/html\n\n" + b"<!--<style><a <" * 200_000,
    "tags": b"Content-Type: text/html\n\n" + b"<blockquote>" * 300_000,
    "attachment": b"Content-Type: multipart/mixed; boundary=x\n\n--x\n\nhello\n--x\nContent-Type: image/png\n"
    b"Content-Transfer-Encoding: base64\n\n" + b"QUJD" * 5_000_000 + b"\n--x--\n",
    "reports": b"Content-Type: multipart/report; boundary=x\n\n--x\nContent-Type: message/delivery-status\n\n"
    + b"Action: failed\nStatus: 5.1.1\n\n" * 300_000,
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_costs_little_memory(name):
    raw = BOMBS[name]
    tracemalloc.start()
    try:
        found = read_letter(raw)
        sort(found, read_token=lambda token: None)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 64 * 1024 * 1024
    assert len(found.text) <= 64 * 1024
    assert len(found.attachments) <= 50
    assert found.truncated or name in ("attachment", "brackets", "reports", "prefixes")


# -- what it says


def test_the_addresses_it_came_to_begin_with_the_envelopes():
    raw = b"Delivered-To: b@SHOP.example\nTo: C <c@shop.example>, a@shop.example\n\nx"
    found = read_letter(raw, envelope_to=["stop+Token@Shop.Example"])
    assert found.to == ("stop+Token@shop.example", "b@shop.example", "c@shop.example", "a@shop.example")


@pytest.mark.parametrize(
    ("header", "name", "address"),
    [
        ("alice@example.com <bob@Example.COM>", "alice@example.com", "bob@example.com"),
        ('"a@b.example <x@evil.example>" <real@shop.example>', "a@b.example <x@evil.example>", "real@shop.example"),
        ("=?iso-8859-1?Q?Last=DFlName=2C_First?= <c@example.com>", "LastßlName, First", "c@example.com"),
        ("staff@hotmail.com (Staff)", "Staff", "staff@hotmail.com"),
        ("Nobody", "Nobody", None),
    ],
)
def test_who_wrote_it(header, name, address):
    found = letter(f"From: {header}")
    assert (found.from_name, found.from_address) == (name, address)


@pytest.mark.parametrize(
    ("kind", "body", "text"),
    [
        ("text/plain; charset=utf-8", "über".encode("cp1252"), "über"),  # claims UTF-8, is not
        ("text/plain; charset=us-ascii", "über".encode(), "über"),
        ("text/plain; charset=unknown-8bit", "über".encode(), "über"),
        ("text/plain; charset=gb2312", "不存在".encode("gb18030"), "不存在"),
        ("text/plain; charset=punycode", b"hello", "hello"),
        ("text/plain", "a\ud83d".encode("utf-8", "surrogatepass"), None),
        ("text/html; charset=utf-8", b"<p>Stop&nbsp;it<br>now</p><style>p{}</style>", "Stop it\nnow"),
        ("text/html", b"<div>ok</div><blockquote>our <b>words</b></blockquote>", "ok\n\n> our words"),
    ],
)
def test_the_text_is_decoded_as_well_as_can_be(kind, body, text):
    found = letter(f"Content-Type: {kind}", body).text
    assert text is None or found == text


def test_rule_23_plain_text_goes_before_html_and_files_stay_files():
    raw = (
        b"Content-Type: multipart/mixed; boundary=x\n\n"
        b"--x\nContent-Type: multipart/alternative; boundary=y\n\n--y\n\nplain"
        b"\n--y\nContent-Type: text/html\n\n<p>page</p>\n--y--\n--x\nContent-Type: text/plain; name=a.txt\n"
        b"Content-Disposition: attachment; filename*=utf-8''%C3%A9.txt\n\nnot said\n--x--\n"
    )
    found = read_letter(raw)
    assert found.text == "plain"
    assert [(file.name, file.content_type, file.size) for file in found.attachments] == [("é.txt", "text/plain", 8)]


def test_ids_and_dates():
    found = letter(
        "Message-ID: <a@b>\nIn-Reply-To: c@d\nReferences: <1@x>\n <2@x>\nDate: Wed, 11 Oct 2017 18:31:04 -0700"
    )
    assert (found.message_id, found.in_reply_to, found.references) == ("<a@b>", "<c@d>", ("<1@x>", "<2@x>"))
    assert found.date == datetime(2017, 10, 12, 1, 31, 4, tzinfo=UTC)
    assert letter("Date: yesterday").date is None


def test_lone_carriage_returns_are_line_ends():
    assert read_letter(b"Subject: a\rFrom: b@c.example\r\rtext\r").from_address == "b@c.example"


# -- SendGrid Inbound Parse


def test_rule_23_default_mode(mail):
    found = letter_of_fields(fields(mail, "test_inbound_basics"))
    assert (found.from_name, found.from_address) == ("Displayed From", "from+test@example.org")
    assert found.to[:2] == ("test@inbound.example.com", "other@example.com")
    assert (found.subject, found.text, found.message_id) == (
        "Test subject",
        "Test body plain",
        "<CAEPk3R+4Zr@mail.example.org>",
    )
    assert found.vouched is True


def test_rule_23_raw_mode_gives_the_same_kind_of_letter(mail):
    found = letter_of_fields(fields(mail, "test_inbound_mime"))
    assert (found.from_address, found.text, found.vouched) == ("test@example.org", "It's a body…", True)
    assert found.to == ("test@inbound.example.com",)


def test_rule_23_each_field_has_its_own_charset(mail):
    body = (mail / "sendgrid" / "anymail_charsets_multipart.bin").read_bytes()
    posted = {}
    for part in body.split(b"--xYzZY")[1:-1]:
        head, _, value = part.strip(b"\r\n").partition(b"\r\n\r\n" if b"\r\n\r\n" in part else b"\n\n")
        posted[head.split(b'name="')[1].split(b'"')[0].decode()] = value
    found = letter_of_fields(posted)
    assert (found.from_name, found.subject) == ("Opérateur de test", "Como usted pidió")
    assert found.text == "Test the ESP’s inbound charset handling…"


def test_a_delivery_report_posted_as_a_file_is_read():
    report = b"Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1\n"
    head = b"From: MAILER-DAEMON@x.example\nContent-Type: multipart/report; report-type=delivery-status\n"
    found = letter_of_fields({"headers": head, "text": b"failed"}, [("", "message/delivery-status", report)])
    assert sort(found, read_token=lambda token: None).suppress == ("a@b.example",)


# -- rule 33


@pytest.mark.parametrize(
    ("results", "vouched"),
    [
        ("mx.shop.example; dkim=pass header.d=example.org", True),
        ("mx.shop.example; dkim=pass header.i=@mail.example.org; spf=fail", True),
        ("mx.shop.example; spf=pass smtp.mailfrom=bounce@other.example", False),
        ("mx.shop.example; dkim=fail header.d=example.org", False),
        ("mx.shop.example; none", None),
        ("mx.elsewhere.example; dkim=pass header.d=example.org", None),
    ],
)
def test_rule_33_only_our_own_servers_verdict_on_the_from_domain_counts(results, vouched):
    raw = f"From: a@example.org\nAuthentication-Results: {results}\n\nx".encode()
    assert read_letter(raw, authserv="mx.shop.example").vouched is vouched


def test_a_file_that_is_encoded_is_not_decoded():
    body = base64.encodebytes(b"x" * 3000)
    raw = b"Content-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: base64\n\n" + body
    assert 2900 < read_letter(raw).attachments[0].size < 3100
