"""Is no wish lost to another: one said at the same moment, one said later, or one of somebody else?"""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest
import sqlalchemy as sa

from outreach.core.addresses import address_hash
from outreach.core.inbound import Event, Told, Written
from outreach.core.page_choice import What
from outreach.core.posts import Mail
from outreach.core.terms import Channel, Scope
from outreach.flows import choices, opt_out, wish_taken
from outreach.flows.choices import Chosen
from outreach.flows.receive import receive
from outreach.store import visitors
from outreach.store.contacts import suppression_events, suppressions
from outreach.store.engine import now, reading, writing
from outreach.store.inbox_schema import walls
from outreach.store.wishes import Asked
from tests import builders
from tests.flows.test_lists import Kept
from tests.web.visits import ANA_EMAIL, CY_EMAIL, Visit

#: The contact point of Dan's email; the number he had once is Bea's now.
DAN_EMAIL = 5
BEAS, NEW, OURS = "+5511912345677", "+5511912345678", "+447700900000"


def scopes(visit: Visit) -> set[tuple[str, str, str]]:
    return {(row.channel, row.scope, row.door) for row in visit.rows(suppressions)}


def stopped(visit: Visit, point: int = ANA_EMAIL) -> str:
    """Press the button; when, as the form that puts it back says it ("": there is none)."""
    page = visit.post(visit.page(point), do="stop").text
    return str(page.partition('name=at value="')[2].partition('"')[0])


def text(visit: Visit, words: str, by: str = "+5511912345601") -> None:
    number = f"SM-{words}-{by}"
    receive(visit.app, (Written("twilio", number, Channel.TEXT, by, OURS, words, b"x"),))


def told(visit: Visit, what: Told) -> None:
    """The provider tells it, of Ana's email."""
    with reading(visit.app.engine) as c:
        at = now(c)
    receive(visit.app, (Event("sendgrid", what.value, what, Channel.EMAIL, b"x", address="ana@example.com", at=at),))


def complains(visit: Visit) -> None:
    told(visit, Told.COMPLAINED)


def mails(visit: Visit) -> None:
    head = b"From: ana@example.com\r\nTo: hello@reply.alder.example\r\nSubject: no\r\nMessage-ID: <m@h>\r\n\r\n"
    raw = head + b"Never write to me again. Unsubscribe me.\r\n"
    receive(visit.app, (Mail("sendgrid", {"email": raw}, (), raw),))


def unsubscribes(visit: Visit) -> None:
    told(visit, Told.UNSUBSCRIBED)


def clicks(visit: Visit) -> None:
    visit.client.post(visit.button(ANA_EMAIL))


@pytest.mark.parametrize("later", [complains, mails, unsubscribes, clicks, lambda visit: text(visit, "STOP")])
def test_rule_36_what_was_asked_since_is_not_put_back(visit: Visit, later: Callable[[Visit], None]):
    """All was off already, so the ledger has no line of it (respect.md 3); it stands all the same."""
    at = stopped(visit)
    later(visit)
    before = scopes(visit)
    put = visit.post(visit.page(ANA_EMAIL), do="undo", at=at)
    assert put.status_code == 409
    assert "We could not do that: another wish stands in the way." in put.text
    assert 'href="mailto:mara@alder.example"' in put.text
    assert scopes(visit) == before
    assert "value=undo" not in visit.get(visit.page(ANA_EMAIL) + "?done=stopped").text


def test_a_bounce_asks_for_nothing(visit: Visit):
    at = stopped(visit)
    told(visit, Told.BOUNCED)
    assert "Put back." in visit.post(visit.page(ANA_EMAIL), do="undo", at=at).text
    assert {scope for _, scope, _ in scopes(visit)} == {"address"}


def test_a_button_pressed_twice_is_pressed_once(visit: Visit):
    first = stopped(visit)
    assert stopped(visit) == first
    assert "Put back." in visit.post(visit.page(ANA_EMAIL), do="undo", at=first).text
    assert scopes(visit) == set()


def test_put_back_is_said_only_while_it_is_true(visit: Visit):
    stopped(visit)
    page = visit.get(visit.page(ANA_EMAIL) + "?done=undone").text
    assert "Put back." not in page
    assert "You asked us not to write to you" in page


# -- at the same moment


def while_a_stop_is_taken(visit: Visit, work: Callable[[], object]) -> None:
    """Cy opts out by another door; before that is committed somebody begins `work`, and then has to wait."""
    thread = threading.Thread(target=work)
    with writing(visit.app.engine, durable=True) as c:
        visitor = visitors.visitor(c, CY_EMAIL)
        assert visitor is not None
        asked = Asked(Scope.EVERYTHING, "asked", "header", "x", None, now(c))
        wish_taken.take(visit.app, c, visitor.addresses, asked)
        thread.start()
        while thread.is_alive() and not waits(visit):
            pass
    thread.join()


def waits(visit: Visit) -> bool:
    """Whether somebody waits for somebody; SQLite has one writer at a time, and does not say who waits."""
    if visit.app.engine.dialect.name == "sqlite":
        return True
    with reading(visit.app.engine) as c:
        return bool(c.execute(sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")).scalar_one())


def test_a_choice_meets_a_stop(visit: Visit):
    visit.post(visit.page(CY_EMAIL), do="choose", what="pause", seen="orders")
    chosen = Chosen(What.ORDERS, frozenset(), What.PAUSE, ("only orders",))
    while_a_stop_is_taken(visit, lambda: choices.choose(visit.app, CY_EMAIL, chosen))
    assert [(row.door, row.until) for row in visit.rows(suppressions)] == [("header", None)]


def test_an_undo_meets_a_stop(visit: Visit):
    at = datetime.fromisoformat(stopped(visit, CY_EMAIL))
    while_a_stop_is_taken(visit, lambda: choices.put_back(visit.app, CY_EMAIL, at))
    assert scopes(visit) == {("email", "everything", "page")}


def test_staff_meet_a_stop(visit: Visit):
    """Whichever is second knows of the first: the ledger says both, in this order."""
    while_a_stop_is_taken(visit, lambda: opt_out.undo(visit.app, "C-3", customer_asked="on the phone"))
    assert [(row.action, row.door) for row in visit.rows(suppression_events)] == [("add", "header"), ("undo", "staff")]
    assert scopes(visit) == set()


# -- somebody else's


@pytest.fixture
def moved(visit: Visit) -> Visit:
    """Dan had a number that is Bea's now, and she texted STOP."""
    with writing(visit.app.engine) as c:
        dan = builders.customer(c, "C-9", "dan@example.com", NEW, consent=("email", "text"))
        builders.contact_point(c, dan, Channel.TEXT, BEAS, current=False)
        builders.customer(c, "C-10", None, BEAS, consent=("text",), first_name="Bea")
    text(visit, "STOP", by=BEAS)
    return visit


def beas_stop(visit: Visit) -> bool:
    hers = address_hash(builders.PEPPER, Channel.TEXT, BEAS)
    return any(row.contact_hash == hers and row.door == "stop" for row in visit.rows(suppressions))


def test_rule_36_nobody_lifts_by_the_page_what_another_asked_for(moved: Visit):
    page = moved.post(moved.page(DAN_EMAIL), do="choose", what="all", seen="nothing", how=["email", "text"])
    assert beas_stop(moved)
    assert page.status_code == 409
    assert "We could not do that" in page.text


def test_rule_36_nor_do_staff_for_him(moved: Visit):
    opt_out.undo(moved.app, "C-9", customer_asked="on the phone")
    assert beas_stop(moved)
    opt_out.undo(moved.app, "C-10", customer_asked="on the phone")
    assert not beas_stop(moved)


def test_rule_13_nor_does_his_start(moved: Visit):
    text(moved, "START", by=NEW)
    assert beas_stop(moved)
    text(moved, "START", by=BEAS)
    assert not beas_stop(moved)


def test_nor_is_her_number_taken_off_the_providers_list(moved: Visit):
    kept = Kept("twilio", Channel.TEXT)
    app = replace(moved.app, lists={Channel.TEXT: kept})
    opt_out.undo(app, "C-9", customer_asked="on the phone")
    taken_off = {row.contact_hash for row in moved.rows(walls)}
    assert taken_off == {address_hash(builders.PEPPER, Channel.TEXT, NEW)}
