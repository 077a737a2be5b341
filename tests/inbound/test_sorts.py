"""Is each kind of mail asked about in its order, so that no way out is lost to a machine's mark?"""

import pytest

from outreach.inbound.letter import read_letter
from outreach.inbound.sorts import Kind, sort

TOKEN = "4c92.AAAAAAAAAAAAAAAAAAAAAA"


def sorted_mail(head: str, body: str = "Hello", **more):
    more.setdefault("read_token", {TOKEN: 17}.get)
    raw = f"{head}\nContent-Type: text/plain; charset=utf-8\n\n{body}\n"
    return sort(read_letter(raw.encode()), **more)


@pytest.mark.parametrize(
    "head",
    [
        f"From: a@b.example\nSubject: stop-{TOKEN}",
        f"From: a@b.example\nSubject: Unsubscribe\nTo: stop-{TOKEN}@shop.example",
        f"From: a@b.example\nTo: hello+{TOKEN}@shop.example",
        f"From: a@b.example\nSubject: stop-{TOKEN}\nAuto-Submitted: auto-replied\nX-Apple-Unsubscribe: true",
        f"From: a@b.example\nSubject: stop-{TOKEN}\nReturn-Path: <>\nPrecedence: bulk",
    ],
)
def test_rule_29_a_token_of_ours_comes_before_everything(head):
    found = sorted_mail(head)
    assert (found.kind, found.token, found.suppress) == (Kind.TOKEN, 17, ("a@b.example",))


def test_rule_33_a_foreign_token_is_nobodys_but_the_wish_stands_for_the_sender():
    found = sorted_mail(f"From: a@b.example\nSubject: stop-{TOKEN[:-1]}B")
    assert (found.kind, found.token, found.suppress) == (Kind.TOKEN, None, ("a@b.example",))


def test_rule_8_a_mail_programs_own_opt_out_is_no_automatic_answer():
    found = sorted_mail(
        "From: a@icloud.com\nSubject: unsubscribe\nAuto-Submitted: auto-replied\nX-Apple-Unsubscribe: true"
    )
    assert (found.kind, found.suppress) == (Kind.TOKEN, ("a@icloud.com",))


@pytest.mark.parametrize(
    "head",
    [
        "Auto-Submitted: auto-replied",
        "Auto-Submitted: auto-generated; owner=x",
        "X-Autoreply: yes",
        "X-Autorespond: hi",
        "X-Apple-Action: VACATION",
        "Precedence: auto_reply",
        "X-Auto-Response-Suppress: DR, OOF, AutoReply",
        "Return-Path: <>",
        "From: no-reply@b.example",
        "From: noreply+x@b.example",
        "From: Shop <nao-responda@b.example>",
        "List-Id: <news.b.example>",
        "Subject: Abwesenheitsnotiz: Ihre Mail",
        "Subject: RE: Réponse automatique : x",
        "Subject: Respuesta automática: x",
        "Subject: Resposta automática: x",
        "Subject: AW: [Auto-Reply] x",
        "Subject: 自動応答: x",
        "Subject: Автоответ: x",
        "Subject: Out of Office",
    ],
)
def test_rule_29_machines_are_known_by_their_marks(head):
    assert sorted_mail(head).kind is Kind.AUTO


@pytest.mark.parametrize(
    "body",
    [
        "Ich bin vom 15.04. bis 30.04. im Urlaub und nicht erreichbar. In dringenden Fällen hilft Frau Klein.",
        "Thank you for your email. I am out of the office until Monday with limited access to email.",
        "Je suis absente du bureau jusqu'au 3 mai. En cas d'urgence, veuillez contacter Paul.",
        "Estou de férias até o dia 12. Para assuntos urgentes, contate a Maria.",
        "Estaré fuera de la oficina hasta el 12 de mayo. Gracias por su mensaje.",
        "This is an automated response: your ticket has been created.",
    ],
)
def test_rule_29_machines_are_known_by_their_words(body):
    assert sorted_mail("From: a@b.example\nSubject: Re: your kettle", body).kind is Kind.AUTO


@pytest.mark.parametrize(
    "body",
    [
        "I was on holiday, so I only opened it today. All fine!",
        "Ich war im Urlaub, jetzt ist alles da.",
        "The parcel could not be delivered because nobody was in.",
        "Delivery failed twice. Please stop writing to me.",
        "Fine.\n\nOn Tue, May 3, 2022 at 10:20 AM Shop <hello@shop.example> wrote:\n> This is an automated message",
    ],
)
def test_rule_29_people_are_people(body):
    assert sorted_mail("From: a@b.example\nSubject: Re: delivery failed", body).kind is Kind.HUMAN


def test_rule_29_auto_submitted_no_is_a_person():
    assert sorted_mail("Auto-Submitted: no\nSubject: Out of office\nPrecedence: bulk").kind is Kind.HUMAN


def test_a_mailbox_that_is_a_group_of_ours_hides_nobody():
    head = "From: a@b.example\nList-ID: Hello <hello.shop.example>\nPrecedence: list\nTo: hello@shop.example"
    assert sorted_mail(head).kind is Kind.AUTO
    assert sorted_mail(head, own=["hello@shop.example"]).kind is Kind.HUMAN


def bounce(said: str, status: str = "5.0.0", action: str = "failed", notice: str = "Not delivered."):
    raw = (
        "From: MAILER-DAEMON@x.example\nContent-Type: multipart/report; report-type=delivery-status; boundary=x\n\n"
        f"--x\n\n{notice}\n--x\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n"
        f"Final-Recipient: rfc822; dead@y.example\nAction: {action}\nStatus: {status}\nDiagnostic-Code: smtp; {said}\n"
        "--x\nContent-Type: message/rfc822\n\n"
        "Message-ID: <ab12-7-1@shop.example>\nTo: dead@y.example\n\nunsubscribe\n--x--\n"
    )
    return sort(read_letter(raw.encode()), read_token=lambda token: None)


@pytest.mark.parametrize(
    ("said", "status", "hard"),
    [
        ("550 5.1.1 User unknown", "5.1.1", True),
        ("", "5.1.1", True),
        ("550 No such user here", "5.0.0", True),
        ("550 5.4.1 Recipient address rejected: Access denied", "5.4.1", True),
        ("550 5.1.10 RESOLVER.ADR.RecipientNotFound", "5.1.10", True),
        ("552 5.2.2 Over quota", "5.2.2", False),
        ("550 5.1.1 mailbox is full", "5.1.1", False),
        ("554 5.7.1 Message rejected as spam", "5.7.1", False),
        ("550 5.7.1 Relaying denied", "5.7.1", False),
        ("550 Sender address rejected: user unknown", "5.1.1", False),
        ("554 5.0.0 something else", "5.0.0", False),
        ("450 4.2.1 user unknown, try again later", "4.2.1", False),
        ("554 5.3.4 message too large", "5.3.4", False),
    ],
)
def test_rule_30_hard_means_that_nobody_is_there(said, status, hard):
    found = bounce(said, status)
    assert (found.kind, found.hard, found.suppress) == (Kind.BOUNCE, hard, ("dead@y.example",) if hard else ())
    assert found.references == ("<ab12-7-1@shop.example>",)


def test_rule_29_a_delivery_report_without_blocks_is_a_bounce():
    head = "From: Google <x@y.example>\nSubject: Nyaan\nMessage-ID: <a@b>"
    raw = f"{head}\nContent-Type: multipart/report; boundary=x; report-type=delivery-status\n\n--x\n\nHi\n--x--\n"
    found = sort(read_letter(raw.encode()), read_token=lambda token: None)
    assert (found.kind, found.hard, found.about) == (Kind.BOUNCE, False, ())


@pytest.mark.parametrize(("action", "status"), [("delayed", "4.4.7"), ("delivered", "2.1.5"), ("relayed", "2.0.0")])
def test_rule_30_success_and_delay_suppress_nobody(action, status):
    assert not bounce("250 ok, user unknown", status, action).suppress


@pytest.mark.parametrize(
    ("kind", "unwanted"),
    [
        ("abuse", True),
        ("opt-out", True),
        ("fraud", True),
        ("not-spam", False),
        ("auth-failure", False),
        ("virus", False),
    ],
)
def test_rule_31_feedback_types(kind, unwanted):
    raw = (
        "From: fbl@isp.example\nAuto-Submitted: auto-generated\n"
        "Content-Type: multipart/report; boundary=x\n\n--x\n\nhello\n--x\nContent-Type: message/feedback-report\n\n"
        f"Feedback-Type: {kind}\nUser-Agent: x\nOriginal-Rcpt-To: <u@isp.example>\n--x--\n"
    )
    found = sort(read_letter(raw.encode()), read_token=lambda token: None)
    assert (found.kind, found.feedback_type, found.about) == (Kind.COMPLAINT, kind, ("u@isp.example",))
    assert bool(found.suppress) is unwanted
