"""Does a mail arrive as it was written, and is it known at each step whether the server can have taken it?"""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.core.lifecycle import Fault
from outreach.providers.base import Envelope, Receipt
from outreach.providers.mime import wire_bytes
from outreach.providers.smtp import Smtp
from outreach.providers.smtp_codes import MEANINGS, Stage, fault_of
from outreach.providers.smtp_talk import Attempt, Server, TooLate, read_url
from tests.providers.envelopes import EMAIL, LIVE, LONG, SHOP, email, headed
from tests.providers.mailserver import DROP, HANG, MailServer


def conversation(server: MailServer, what: Callable[[Smtp], Any], **how: Any) -> Any:
    """One talk with a server on this machine; plain, unless `how` says otherwise."""

    async def run() -> Any:
        async with server:
            found = {"plain": True, "user": "shop", "password": "s3cret", **how}
            provider = Smtp(Server("127.0.0.1", server.port, **found), SHOP, LIVE, deadline=0.5)
            try:
                return await what(provider)
            finally:
                await provider.close()

    return asyncio.run(run())


def answered(envelope: Envelope = EMAIL, **odd: str | list[str]) -> tuple[Receipt, MailServer]:
    server = MailServer({name.replace("dot", "."): said for name, said in odd.items()})
    receipt = conversation(server, lambda provider: provider.send(envelope))
    assert isinstance(receipt, Receipt)
    return receipt, server


def read(data: bytes) -> EmailMessage:
    found = message_from_bytes(data.replace(b"\r\n..", b"\r\n."), policy=default)
    assert isinstance(found, EmailMessage)
    return found


def part(mail: EmailMessage, kind: str) -> str:
    found = mail.get_body((kind,))
    assert isinstance(found, EmailMessage)
    words: str = found.get_content()
    return words.replace("\r\n", "\n")


def test_a_mail_arrives_as_it_was_written():
    """Rule 34: our headers, and a Message-ID that names the message."""
    receipt, server = answered()
    assert receipt == Receipt(message_id="<k3x-1-1@alder.example>", status=250)
    (data,) = server.mails
    mail = read(data)
    assert mail["From"] == f"Mara from Alder <{SHOP}>"
    assert mail["Reply-To"] == "Mara from Alder <mara@alder.example>"
    assert mail["To"] == "ana@example.com"
    assert mail["Subject"] == EMAIL.subject
    assert mail["Message-ID"] == "<k3x-1-1@alder.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "OOF, AutoReply"
    assert mail["Date"].datetime == EMAIL.handed_at
    assert (part(mail, "plain").strip(), part(mail, "html").strip()) == (str(EMAIL.text), str(EMAIL.html))
    told = [line for line in server.heard if line[:4].upper() in ("MAIL", "RCPT")]
    assert told == [f"mail FROM:<{SHOP}>", "rcpt TO:<ana@example.com>"]


def test_the_ways_out_stand_whole_in_one_line_each():
    """Rule 1. 75 characters of address: the newer email classes would break it in two."""
    lines = wire_bytes(EMAIL).decode().split("\r\n")
    assert f"List-Unsubscribe: <{LONG}>, <mailto:{SHOP}?subject=stop-1a.x>" in lines
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in lines
    assert [sum(line.startswith(name) for line in lines) for name in ("List-Unsubscribe:", "To:", "From:")] == [1, 1, 1]


def test_every_line_fits_and_every_byte_is_plain():
    words = "Já chegou? 🎁 " * 2_000
    subject = "Olá, já chegou a sua encomenda? Diga-nos, por favor, se está tudo bem; até já e obrigado por tudo"
    data = wire_bytes(email(text=words, html=f"<p>{words}</p>", subject=subject))
    assert all(len(line) <= 998 for line in data.split(b"\r\n"))
    assert data.isascii()
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert b"\r" not in data.replace(b"\r\n", b"")
    mail = read(data)
    assert mail["Subject"] == subject
    assert part(mail, "plain").strip() == words.strip()


def test_a_name_in_another_script():
    data = wire_bytes(headed("From", f"Мара из Alder <{SHOP}>"))
    assert data.isascii()
    assert read(data)["From"] == f"Мара из Alder <{SHOP}>"


def test_a_line_of_one_dot_does_not_end_the_mail():
    receipt, server = answered(email(text="Hello\n.\nBcc: x\n..\nBye", html=None))
    assert receipt.fault is None
    (data,) = server.mails
    assert part(read(data), "plain").splitlines() == ["Hello", ".", "Bcc: x", "..", "Bye"]


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n")))
def test_every_text_arrives(words: str):
    data = wire_bytes(email(text=words, html=None))
    assert part(read(data), "plain").strip("\n") == words.strip("\n")


UNFIT = {
    "line end in the subject": email(subject="Hello\r\nBcc: eve@example.com"),
    "encoded word in the subject": email(subject="=?utf-8?q?Hello=0ABcc:_eve@example.com?="),
    "line end in a name": headed("From", f"Mara\nBcc: eve@example.com <{SHOP}>"),
    "comma in a name": headed("From", f"Mara, Alder <{SHOP}>"),
    "a copy to somebody": headed("Bcc", "eve@example.com"),
    "two recipients": email(to="ana@example.com,eve@example.com"),
    "a command in the address": email(to="ana@example.com>\r\nRCPT TO:<eve@example.com"),
}


@pytest.mark.parametrize("envelope", UNFIT.values(), ids=UNFIT)
def test_what_is_unfit_never_leaves(envelope: Envelope):
    receipt, server = answered(envelope)
    assert receipt.fault is Fault.INVALID
    assert server.connections == 0


def test_an_address_in_another_script_is_none_we_can_reach():
    for envelope, fault in (
        (email(to="ana@exämple.com"), Fault.BAD_ADDRESS),
        (email(sender="ä@b.example"), Fault.SENDER),
    ):
        receipt, server = answered(envelope)
        assert receipt.fault is fault
        assert server.connections == 0


BEFORE = ["greeting", "EHLO", "AUTH", "MAIL", "RCPT", "DATA"]


@pytest.mark.parametrize("how", [HANG, DROP])
@pytest.mark.parametrize("step", BEFORE)
def test_before_the_final_dot_nothing_was_taken(step: str, how: str):
    receipt, server = answered(**{step: how})
    assert receipt.fault is Fault.NOT_REACHED
    assert server.mails == []


@pytest.mark.parametrize("how", [HANG, DROP, "2"])
def test_after_the_final_dot_nobody_knows(how: str):
    receipt, server = answered(dot=how)
    assert receipt.fault is Fault.DOUBT
    assert len(server.mails) == 1


def test_an_attempt_that_was_given_up_never_sends_its_dot():
    attempt = Attempt()
    assert attempt.give_up() is False
    with pytest.raises(TooLate):
        attempt.leave()
    gone = Attempt()
    gone.leave()
    assert gone.give_up() is True


NO = {
    "greeted with 421": ({"greeting": "421 4.3.2 busy"}, Fault.REFUSED, "421 4.3.2 at greeting"),
    "greeted with 554": ({"greeting": "554 5.3.2 no"}, Fault.KEY, "554 5.3.2 at greeting"),
    "password": ({"AUTH": "535 5.7.8 who are you"}, Fault.KEY, "535 5.7.8 at login"),
    "no login offered": ({"EHLO": "250 mail.example"}, Fault.KEY, "it offers no login that we know"),
    "sender, later": ({"MAIL": "451 4.7.1 slow down"}, Fault.REFUSED, "451 4.7.1 at sender"),
    "sender": ({"MAIL": "550 5.7.1 not yours"}, Fault.SENDER, "550 5.7.1 at sender"),
    "no such mailbox": ({"RCPT": "550 5.1.1 <ana@example.com>: unknown"}, Fault.BAD_ADDRESS, "550 5.1.1 at recipient"),
    "550 alone": ({"RCPT": "550 no"}, Fault.INVALID, "550 at recipient"),
    "full": ({"RCPT": "452 4.2.2 full"}, Fault.UNREACHABLE, "452 4.2.2 at recipient"),
    "greylisted": ({"RCPT": "450 4.7.1 come back"}, Fault.REFUSED, "450 4.7.1 at recipient"),
    "no data": ({"DATA": "554 5.5.1 no recipients"}, Fault.INVALID, "554 5.5.1 at message"),
    "too big": ({"dot": "552 5.3.4 too big"}, Fault.INVALID, "552 5.3.4 at dot"),
    "spam": ({"dot": "554 5.7.1 spam"}, Fault.CONTENT, "554 5.7.1 at dot"),
    "not signed": ({"dot": "550 5.7.26 unauthenticated"}, Fault.SENDER, "550 5.7.26 at dot"),
    "later, after all": ({"dot": "451 4.3.0 later"}, Fault.REFUSED, "451 4.3.0 at dot"),
}


@pytest.mark.parametrize(("odd", "fault", "said"), NO.values(), ids=NO)
def test_each_no(odd: dict[str, str], fault: Fault, said: str):
    receipt, _ = answered(**odd)
    assert (receipt.fault, receipt.said) == (fault, said)


def test_only_a_code_that_names_the_mailbox_flags_it():
    for code in (550, 551, 552, 553, 554):
        assert fault_of(Stage.RECIPIENT, code, b"unknown user") is not Fault.BAD_ADDRESS
    assert {code for code, fault in MEANINGS.items() if fault is Fault.BAD_ADDRESS} == {
        "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"
    }  # fmt: skip


def several(server: MailServer, times: int) -> list[Receipt]:
    async def one_after_another(provider: Smtp) -> list[Receipt]:
        return [await provider.send(replace(EMAIL, reference=f"k3x-{number}-1")) for number in range(times)]

    found: list[Receipt] = conversation(server, one_after_another)
    return found


def test_connections_are_kept():
    server = MailServer()
    assert [receipt.fault for receipt in several(server, 5)] == [None] * 5
    assert (server.connections, len(server.mails)) == (1, 5)


@pytest.mark.parametrize("gone", [DROP, "421 4.4.2 idle too long"])
def test_a_kept_connection_that_is_gone_is_opened_again(gone: str):
    server = MailServer({"MAIL": ["250 ok", gone, "250 ok"]})
    assert [receipt.fault for receipt in several(server, 2)] == [None, None]
    assert (server.connections, len(server.mails)) == (2, 2)


def test_a_kept_connection_that_ends_after_the_dot_is_not_tried_again():
    server = MailServer({".": ["250 ok", DROP]})
    assert [receipt.fault for receipt in several(server, 2)] == [None, Fault.DOUBT]
    assert (server.connections, len(server.mails)) == (1, 2)


# -- encryption


def encrypted(certificate: Path, *, from_the_start: bool, **odd: str | list[str]) -> MailServer:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    offers = {"EHLO": "250-mail.example\r\n250-STARTTLS\r\n250 AUTH PLAIN", **odd}
    return MailServer(offers, tls=context, from_the_start=from_the_start)


@pytest.mark.parametrize("secure", [True, False], ids=["smtps", "starttls"])
def test_a_certificate_we_know(secure: bool, certificate: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    server = encrypted(certificate, from_the_start=secure)
    receipt = conversation(server, lambda provider: provider.send(EMAIL), plain=False, secure=secure)
    assert receipt.fault is None, receipt
    heard = [line.split(" ")[0].upper() for line in server.heard]
    assert secure or heard.index("STARTTLS") < heard.index("AUTH")


@pytest.mark.parametrize("secure", [True, False], ids=["smtps", "starttls"])
def test_a_certificate_nobody_vouches_for(secure: bool, certificate: Path):
    server = encrypted(certificate, from_the_start=secure)
    receipt = conversation(server, lambda provider: provider.send(EMAIL), plain=False, secure=secure)
    assert receipt == Receipt(Fault.NOT_REACHED, said="its certificate is not good")
    assert not [line for line in server.heard if line.upper().startswith(("AUTH", "MAIL"))]


def test_a_server_that_cannot_encrypt_is_told_nothing():
    server = MailServer()
    receipt = conversation(server, lambda provider: provider.send(EMAIL), plain=False)
    assert receipt == Receipt(Fault.KEY, said="it offers no encryption")
    assert [line.split(" ")[0].upper() for line in server.heard] == ["EHLO"]


# -- the address of the server, and looking at it

URLS = {
    "smtp://u:p%40ss@mail.example": Server("mail.example", 587, user="u", password="p@ss"),
    "smtp://mail.example:25": Server("mail.example", 25),
    "smtps://u:p@mail.example": Server("mail.example", 465, secure=True, user="u", password="p"),
    "smtp://127.0.0.1:1025": Server("127.0.0.1", 1025, plain=True),
    "http://mail.example": None,
    "mail.example": None,
    "smtp://": None,
    "smtp://mail.example:x": None,
    "smtp://mail.example/path": None,
    "smtp://u:p%E2%82%AC@mail.example": None,
}


@pytest.mark.parametrize(("url", "server"), URLS.items(), ids=URLS)
def test_where_mail_is_given(url: str, server: Server | None):
    assert read_url(url) == server
    assert "p@ss" not in repr(read_url(url))


def test_looking_writes_to_nobody():
    server = MailServer()
    assert conversation(server, lambda provider: provider.check()).good
    assert {line.split(" ")[0].upper() for line in server.heard} == {"EHLO", "AUTH", "QUIT"}


@pytest.mark.parametrize("odd", [{"AUTH": "535 5.7.8 no"}, {"greeting": HANG}, {"greeting": DROP}, {"EHLO": "554 no"}])
def test_looking_at_one_that_does_not_let_us_in(odd: dict[str, str]):
    verdict = conversation(MailServer(dict(odd)), lambda provider: provider.check())
    assert not verdict.good
    assert "OUTREACH_SMTP_URL" in verdict.mend
    assert "s3cret" not in verdict.said
