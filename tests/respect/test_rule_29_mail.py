"""Is each mail asked about in the order of the rule, and is a machine's word never taken for a person's?"""

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from outreach.flows.app import App
from outreach.inbound.letter import read_letter
from outreach.inbound.sorts import Kind, sort
from outreach.store.inbox_schema import conversations, forwards
from outreach.store.schema import outbox
from tests.flows import arrivals as a
from tests.web.test_hooks import customer, raw_mail, rows

TOKEN = "4c92.AAAAAAAAAAAAAAAAAAAAAA"
COMPLAINT = (
    "Content-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: x\nOriginal-Rcpt-To: <u@y.example>\n"
)
FAILURE = (
    "Content-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n"
    "Final-Recipient: rfc822; u@y.example\nAction: failed\nStatus: 5.1.1\n"
)
MACHINE, WORDS = "Auto-Submitted: auto-replied\n", "\nHello.\n"
#: What a mail holds, most telling first; each may stand beside all that come after it.
MARKS = ("token", "complaint", "failure", "machine")
KINDS = (Kind.TOKEN, Kind.COMPLAINT, Kind.BOUNCE, Kind.AUTO, Kind.HUMAN)


@pytest.mark.parametrize("first", range(len(KINDS)), ids=KINDS)
def test_rule_29_the_order_token_complaint_bounce_machine_person(first: int):
    """One mail that is all of them; then without its most telling mark, and so on to a plain letter."""
    marks = set(MARKS[first:])
    head = "From: MAILER-DAEMON@y.example\n" if "failure" in marks else "From: ana@y.example\n"
    head += f"Subject: {f'stop-{TOKEN}' if 'token' in marks else 'Hello'}\n"
    head += MACHINE if "machine" in marks else ""
    parts = [part for mark, part in (("complaint", COMPLAINT), ("failure", FAILURE)) if mark in marks]
    body = "".join(f"--x\n{part}\n" for part in (WORDS, *parts))
    kind = "report" if parts else "mixed"
    raw = f"{head}Content-Type: multipart/{kind}; boundary=x\n\n{body}--x--\n"
    found = sort(read_letter(raw.encode()), read_token={TOKEN: 17}.get)
    assert found.kind is KINDS[first]


MACHINES = {
    "RFC 3834": "Auto-Submitted: auto-replied\n",
    "Microsoft": "X-Auto-Response-Suppress: All\n",
    "by its subject": "Subject: Automatic reply: out of office\n",
    "by nobody": "Return-Path: <>\n",
}


@pytest.mark.parametrize("mark", MACHINES.values(), ids=MACHINES)
@pytest.mark.parametrize("words", ["Please take me off your list. STOP", "The lid is broken, what now?"])
def test_rule_29_a_machines_answer_is_no_wish_no_reply_and_is_not_answered(
    app: App, client: TestClient, mark: str, words: str
):
    """Though its words would stop everything, or open a conversation, were they a person's."""
    customer(app)
    raw = f"From: Ana <ana@example.com>\r\nTo: hello@alder.example\r\n{mark}Message-ID: <7@x>\r\n\r\n{words}\r\n"
    assert raw_mail(client, raw.encode()) == 200
    (row,) = a.inbox(app)
    assert row.kind == "auto"
    assert a.closed(app) == set()
    assert [rows(app, sa.select(table)) for table in (conversations, forwards, outbox)] == [[], [], []]


@pytest.mark.parametrize("words", ["Please take me off your list.", "The lid is broken, what now?"])
def test_rule_29_auto_submitted_no_is_heard_like_anybody(app: App, client: TestClient, words: str):
    customer(app)
    raw = f"From: Ana <ana@example.com>\r\nTo: hello@alder.example\r\nAuto-Submitted: no\r\n\r\n{words}\r\n"
    assert raw_mail(client, raw.encode()) == 200
    assert bool(a.closed(app)) is words.startswith("Please")
    assert bool(rows(app, sa.select(conversations))) is not words.startswith("Please")
