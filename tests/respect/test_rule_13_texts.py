"""Do the words of texts lift and stop what they say, and no more? As people send them, through Twilio's door."""

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from outreach.core.addresses import address_hash
from outreach.core.terms import Channel
from outreach.flows.app import App
from outreach.store.contacts import consent_events
from outreach.store.engine import writing
from outreach.store.inbox_schema import conversations
from outreach.store.schema import outbox
from tests import builders
from tests.fake import posting
from tests.flows import arrivals as a
from tests.flows import outgoing as o
from tests.web.test_hooks import NUMBER, SID, customer, rows, twilio

EMAIL = "ana@example.com"


def text(client: TestClient, words: str, number: int) -> int:
    return int(twilio(client, posting.text(words, f"{SID}{number}", NUMBER), "/twilio/inbound").status_code)


def scopes(app: App) -> set[tuple[str, str]]:
    return {(channel, scope) for _, channel, scope, _ in a.closed(app)}


@pytest.mark.parametrize("word", ["START", "UNSTOP", "YES", "start!", " Unstop. "])
def test_rule_13_each_word_lifts_what_a_text_stopped_and_invents_no_yes(app: App, client: TestClient, word: str):
    """Who said no to offers, and never said yes to texts, still has not."""
    customer(app, consent=("email", "text:service"))
    yes = rows(app, sa.select(consent_events))
    assert text(client, "STOP", 1) == 200
    assert scopes(app) == {("email", "everything"), ("text", "everything")}
    assert text(client, word, 2) == 200
    assert scopes(app) == {("email", "email")}
    assert rows(app, sa.select(consent_events)) == yes


@pytest.mark.parametrize("word", ["START", "UNSTOP", "YES"])
def test_rule_13_said_by_a_stranger_they_do_nothing(app: App, client: TestClient, word: str):
    assert text(client, word, 1) == 200
    assert rows(app, sa.select(consent_events)) == []
    customer(app, consent=())
    assert text(client, word, 2) == 200
    assert (rows(app, sa.select(consent_events)), a.closed(app)) == ([], set())


def test_rule_11_the_absence_of_an_opt_out_type_means_nothing(app: App, client: TestClient):
    """Neither that the words are no stop, nor that an earlier one is over."""
    customer(app)
    assert text(client, "stop", 1) == 200
    stopped = a.closed(app)
    assert {scope for _, _, scope, _ in stopped} == {"everything"}
    assert text(client, "Thanks, bye", 2) == 200
    assert a.closed(app) == stopped


def test_rule_15_a_text_about_emails_stops_emails(app: App, client: TestClient):
    customer(app)
    assert text(client, "Texts are fine, but please no more emails", 1) == 200
    assert {scope for _, scope in scopes(app)} == {"email"}
    assert address_hash(builders.PEPPER, Channel.EMAIL, EMAIL) in {row[0] for row in a.closed(app)}


def test_rule_28_no_call_under_way_holds_up_the_answer(app: App, client: TestClient):
    """Twilio waits 15 seconds. A message to them is at a provider that says nothing; 30 more have waited for months."""
    [handed] = o.queue(app.engine, state="handed", attempt=1, owner="w")
    waiting = o.queue(app.engine, 30)
    who = customer(app, key="ANA")
    number = address_hash(builders.PEPPER, Channel.TEXT, NUMBER)
    o.change(app.engine, [handed, *waiting], customer_id=who, contact_hash=number, channel="text")
    assert text(client, "STOP", 1) == 200
    assert set(o.states(app.engine, waiting).values()) == {"suppressed"}
    assert o.states(app.engine, [handed]) == {handed: "handed"}


@pytest.mark.parametrize("words", ["STOP", "please take me off your list", "is this a person?"])
def test_rule_28_an_answer_costs_a_bounded_number_of_statements(app: App, client: TestClient, words: str):
    """However much was written to them before: nothing is asked once per message."""
    written = [o.queue(app.engine, 1), o.queue(app.engine, 40)]
    phones = ["+447400123461", "+447400123462"]
    for phone, ids in zip(phones, written, strict=True):
        who = customer(app, key=f"C-{phone}", email=None, phone=phone, consent=())
        hashed = address_hash(builders.PEPPER, Channel.TEXT, phone)
        o.change(app.engine, ids, customer_id=who, contact_hash=hashed, channel="text")
    counts: list[int] = []
    sa.event.listen(app.engine, "before_cursor_execute", lambda *_: counts.append(counts.pop() + 1))
    for number, phone in enumerate(phones):
        counts.append(0)
        assert twilio(client, posting.text(words, f"{SID}{number}", phone), "/twilio/inbound").status_code == 200
    assert counts[1] <= counts[0], counts


def test_rule_12_a_stop_by_word_is_answered_by_nobody_twice(app: App, client: TestClient):
    """In words: one confirmation, whatever comes after it; by the word alone: the carrier's, so none of ours."""
    customer(app)
    for number, words in enumerate(["please stop texting me", "STOP", "I said stop writing to me!"]):
        assert text(client, words, number) == 200
    said = rows(app, sa.select(outbox).where(outbox.c.kind == "answer"))
    assert [m.campaign for m in said] == ["stopped"]
    assert rows(app, sa.select(conversations)) == []


def test_rule_14_it_is_kept_by_number_however_it_is_written(app: App, client: TestClient):
    """A record made later, with the number as people write it at home."""
    assert text(client, "Stop", 1) == 200
    with writing(app.engine) as c:
        builders.customer(c, "C-9", None, NUMBER, consent=("text",))
    (closed,) = {row[0] for row in a.closed(app)}
    assert closed == address_hash(builders.PEPPER, Channel.TEXT, NUMBER)
