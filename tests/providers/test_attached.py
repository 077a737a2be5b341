"""Does what is attached arrive as it came, by every road, and does an answer stay in its thread?"""

import asyncio
import json
from base64 import b64decode
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from outreach.providers.base import Attached, Envelope
from outreach.providers.mime import wire_bytes
from outreach.providers.outbox import Outbox
from outreach.providers.sendgrid import request
from outreach.providers.wording import unfit
from tests.contracts.contract import breach
from tests.providers.envelopes import EMAIL, email

MAIL = b"From: ana@example.com\r\nSubject: The lid\r\n\r\nIt is broken.\r\n.\r\n--=_x--\r\n"
PLAIN = Attached("original.eml", "message/rfc822", MAIL)
CODED = Attached("original.eml", "application/octet-stream", MAIL + "ä\n".encode())
THREAD = (("In-Reply-To", "<b@x>"), ("References", "<a@x> <b@x>"))


def written(envelope: Envelope, road: str, folder: Path) -> EmailMessage:
    if road == "smtp":
        data = wire_bytes(envelope)
        assert b"\n" not in data.replace(b"\r\n", b""), "RFC 5321, 2.3.8"
        data = data.replace(b"\r\n..", b"\r\n.")
    else:
        asyncio.run(Outbox(folder).send(envelope))
        data = (folder / envelope.night / f"{envelope.id}.eml").read_bytes()
    found = message_from_bytes(data, policy=default)
    assert isinstance(found, EmailMessage)
    return found


@pytest.mark.parametrize("road", ["smtp", "outbox"])
@pytest.mark.parametrize("html", [None, str(EMAIL.html)])
def test_a_mail_inside_a_mail(road: str, html: str | None, tmp_path: Path) -> None:
    """RFC 2046, 5.2.1: 7 bits, not encoded."""
    mail = written(email(html=html, attached=(PLAIN,)), road, tmp_path)
    assert mail.get_content_type() == "multipart/mixed"
    assert mail["To"] == "ana@example.com"
    words, inner = mail.iter_parts()
    assert words.get_content_type() == "multipart/alternative"
    assert inner["Content-Transfer-Encoding"] == "7bit"
    assert inner.get_filename() == "original.eml"
    lines = inner.get_content().as_bytes().replace(b"\r\n", b"\n")
    assert lines == MAIL.replace(b"\r\n", b"\n")


@pytest.mark.parametrize("road", ["smtp", "outbox"])
def test_what_is_not_plain_is_encoded(road: str, tmp_path: Path) -> None:
    _, inner = written(email(attached=(CODED,)), road, tmp_path).iter_parts()
    assert inner.get_content() == CODED.data


def test_sendgrid_gets_it_as_a_file() -> None:
    """It encodes what is attached, which a message/rfc822 may not be."""
    for file in (PLAIN, CODED):
        asked = request(email(attached=(file,)))
        [found] = json.loads(asked)["attachments"]
        assert (found["type"], found["filename"]) == ("application/octet-stream", "original.eml")
        assert b64decode(found["content"]) == file.data
        headers = [("Authorization", "Bearer SG.x"), ("Content-Type", "application/json")]
        assert breach("sendgrid_mail_send", "POST", "/v3/mail/send", headers, asked) is None
    assert "attachments" not in json.loads(request(EMAIL))


def test_rule_18_the_thread_may_be_named_by_every_road(tmp_path: Path) -> None:
    answer = email(headers=(*EMAIL.headers, *THREAD))
    assert unfit(answer) is None
    assert {**json.loads(request(answer))["headers"]}.items() >= dict(THREAD).items()
    for road in ("smtp", "outbox"):
        mail = written(answer, road, tmp_path)
        assert (mail["In-Reply-To"], mail["References"]) == ("<b@x>", "<a@x> <b@x>")
