"""Does the page of wishes do what its buttons say, at once, for good, and nothing else?"""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa

from outreach.flows.choices import PAUSE
from outreach.store.contacts import consent_events, suppression_events, suppressions
from outreach.store.engine import now, reading
from outreach.store.inbox_schema import conversations, parting_words
from outreach.store.schema import outbox
from tests import builders
from tests.flows.stage import NIGHT, Stage
from tests.web.visits import ANA_EMAIL, ANA_PHONE, BEN_EMAIL, CY_EMAIL, Visit


def scopes(visit: Visit) -> set[tuple[str, str, str]]:
    return {(row.channel, row.scope, row.door) for row in visit.rows(suppressions)}


def stop(visit: Visit, point: int = ANA_EMAIL) -> str:
    """Press the button; the page that follows."""
    pressed = visit.post(visit.page(point), do="stop")
    assert pressed.status_code == 200
    return str(pressed.text)


def undo_field(page: str) -> str:
    return page.partition('name=at value="')[2].partition('"')[0]


def choose(visit: Visit, point: int = ANA_EMAIL, **choice: object) -> str:
    return str(visit.post(visit.page(point), do="choose", **choice).text)


def test_rule_7_everything_stops_at_once_at_every_address(bare: Stage, visit: Visit):
    bare.night()
    assert [m.state for m in bare.messages(customer_id=1)] == ["ready"]
    page = stop(visit)
    assert "<h1>Done. We will not write to you again.</h1>" in page
    assert scopes(visit) == {("email", "everything", "page"), ("text", "everything", "page")}
    assert [m.state for m in bare.messages(customer_id=1)] == ["suppressed"]
    assert {row.evidence for row in visit.rows(suppression_events)} == {"Stop everything"}


def test_it_answers_by_looking_again(visit: Visit):
    pressed = visit.client.post(visit.page(ANA_EMAIL), data={"do": "stop"}, follow_redirects=False)
    assert pressed.status_code == 303
    assert parse_qs(urlsplit(pressed.headers["location"]).query) == {"done": ["stopped"]}
    visit.get(pressed.headers["location"])
    visit.get(pressed.headers["location"])
    assert len(visit.rows(suppression_events)) == 2


def test_a_result_is_shown_only_while_it_is_true(visit: Visit):
    for done in ("stopped", "saved", "confirmed", "nonsense"):
        page = visit.get(visit.page(CY_EMAIL) + f"?done={done}").text
        assert ("We will not write" in page) is False
    stop(visit, CY_EMAIL)
    assert "Saved." not in visit.get(visit.page(CY_EMAIL) + "?done=saved").text


def test_put_back_restores_what_stood_before_and_no_more(visit: Visit):
    with visit.app.engine.begin() as c:
        builders.suppress(c, "ana@example.com", until=NIGHT + timedelta(days=900), reason="holiday", door="staff")
        builders.suppress(c, "+5511912345601", "offers", reason="asked", door="stop")
    before = visit.rows(suppressions)
    page = stop(visit)
    assert len(visit.rows(suppressions)) == 3
    put = visit.post(visit.page(ANA_EMAIL), do="undo", at=undo_field(page))
    assert "Put back." in put.text
    assert visit.rows(suppressions) == before
    visit.post(visit.page(ANA_EMAIL), do="undo", at=undo_field(page))  # twice is once
    assert visit.rows(suppressions) == before
    again = undo_field(stop(visit))  # and once more, from the ledger that holds all of this
    visit.post(visit.page(ANA_EMAIL), do="undo", at=again)
    assert visit.rows(suppressions) == before


def test_put_back_leaves_a_later_wish_alone(visit: Visit):
    page = stop(visit)
    put = {"do": "undo", "at": undo_field(page)}
    visit.client.post(visit.page(ANA_EMAIL), data=put)
    with visit.app.engine.begin() as c:
        builders.suppress(c, "ana@example.com", door="stop")
    visit.client.post(visit.page(ANA_EMAIL), data=put)
    assert scopes(visit) == {("email", "everything", "stop")}


@pytest.mark.parametrize(
    "at",
    ["", "yesterday", "2026-11-14", "2026-11-14T12:00:00", "2026-11-14T12:00:00+00:00", "0001-01-01T00:00:00+14:00"],
)
def test_an_undo_of_nothing_changes_nothing(visit: Visit, at: str):
    stop(visit)
    before = visit.dump()
    assert visit.post(visit.page(ANA_EMAIL), do="undo", at=at).status_code == 409
    assert (visit.dump(), visit.faults) == (before, [])


def test_orders_only(visit: Visit):
    """Rule 15."""
    page = choose(visit, what="orders", how=["email", "text"], seen="all")
    assert "Only messages about things I bought" in page
    assert {scope for _, scope, _ in scopes(visit)} == {"offers"}
    assert "value=orders checked" in visit.get(visit.page(ANA_EMAIL)).text


def test_a_pause_ends_by_itself(visit: Visit):
    choose(visit, what="pause", how=["email", "text"], seen="all")
    with reading(visit.app.engine) as c:
        ends = now(c).date() + PAUSE
    found = visit.rows(suppressions)
    assert {row.scope for row in found} == {"everything"}
    assert all(abs((row.until - ends).days) <= 1 for row in found)


def test_one_channel_off(visit: Visit):
    """Rule 15: on the page the customer chooses."""
    page = choose(visit, what="all", how=["email"], seen="all")
    assert "<li>Email</li>" in page
    assert {scope for _, scope, _ in scopes(visit)} == {"text"}
    grants = len(visit.rows(consent_events))
    choose(visit, what="all", how=["email", "text"], seen="all")
    assert scopes(visit) == set()
    assert len(visit.rows(consent_events)) == grants + 2  # both levels, for the phone alone


def test_no_channel_is_nothing(visit: Visit):
    assert "We will not write to you again" in choose(visit, what="all", seen="all")


def test_rule_36_back_again_is_recorded_with_the_words_they_chose(visit: Visit):
    stop(visit)
    before = len(visit.rows(consent_events))
    page = choose(visit, what="all", how=["email"], seen="nothing")
    assert scopes(visit) == {("email", "text", "page"), ("text", "text", "page")}
    given = visit.rows(consent_events)[before:]
    assert {(row.channel, row.level, row.action, row.source) for row in given} == {
        ("email", "service", "grant", "page"),
        ("email", "marketing", "grant", "page"),
    }
    assert all("newer version" in row.evidence for row in given)
    assert "One plain message will confirm it." in page
    queued = [row for row in visit.rows(outbox) if row.campaign == "welcome_back"]
    assert [(row.channel, row.contact_point_id, row.state) for row in queued] == [("email", ANA_EMAIL, "ready")]
    assert queued[0].answers_at >= max(row.since for row in visit.rows(suppressions))


def test_rule_36_orders_only_is_no_yes_to_offers(visit: Visit):
    stop(visit, ANA_PHONE)
    before = len(visit.rows(consent_events))
    choose(visit, ANA_PHONE, what="orders", how=["email", "text"], seen="nothing")
    assert {scope for _, scope, _ in scopes(visit)} == {"offers"}
    assert {row.level for row in visit.rows(consent_events)[before:]} == {"service"}
    queued = [row for row in visit.rows(outbox) if row.campaign == "welcome_back"]
    assert [row.channel for row in queued] == ["text"]  # where they chose it


def test_as_now_never_means_more_than_was_seen(visit: Visit):
    """STOP came by text while the page stood open on "Everything, as now"."""
    with visit.app.engine.begin() as c:
        builders.suppress(c, "+5511912345601", door="stop")
    before = visit.dump()
    page = visit.post(visit.page(ANA_EMAIL), do="choose", what="all", how=["email", "text"], seen="all")
    assert page.status_code == 409
    assert "<title>Error: You asked us not to write to you</title>" in page.text
    assert visit.dump() == before


@pytest.mark.parametrize("kept", [True, False])
def test_the_way_back_says_since_when_and_whether_we_kept_it(bare: Stage, visit: Visit, kept: bool):
    if not kept:
        bare.night()
        visit.change(sa.update(outbox).values(state="accepted"))
    with visit.app.engine.begin() as c:
        builders.suppress(c, "ana@example.com", since=builders.LONG_AGO)
    page = visit.get(visit.page(ANA_EMAIL)).text
    assert "That was on <bdi>1 January 2015</bdi>." in page
    assert ("We have not written since." in page) is kept


def test_a_shared_address_stops_for_all_who_share_it(visit: Visit):
    """Settled 21: families share addresses, and the most restrictive wins."""
    stop(visit, BEN_EMAIL)
    assert "You asked us not to write" in visit.get(visit.page(ANA_EMAIL)).text
    assert "Stop messages from" in visit.get(visit.page(CY_EMAIL)).text


def test_why_is_asked_after_and_is_never_needed(visit: Visit):
    stop(visit)
    said = visit.post(visit.page(ANA_EMAIL), do="why", why="often")
    assert "Thank you." in said.text
    assert [(row.reason, row.words) for row in visit.rows(parting_words)] == [("often", None)]
    assert visit.rows(conversations) == []


def test_what_was_not_put_right_is_read_by_a_person_who_promised_no_letter(visit: Visit):
    stop(visit)
    said = visit.post(visit.page(ANA_EMAIL), do="why", why="wrong", words="The lid broke\r\nin May.\x00")
    assert "Thank you. A person will read it." in said.text
    assert [row.words for row in visit.rows(parting_words)] == ["The lid broke\nin May."]
    opened = visit.rows(conversations)
    assert [(row.label, row.answer_by) for row in opened] == [("complaint", None)]
    assert [row for row in visit.rows(outbox) if row.kind == "answer"] == []


def test_nobody_who_stayed_is_asked_why(visit: Visit):
    visit.post(visit.page(ANA_EMAIL), do="why", why="wrong", words="x")
    assert visit.rows(parting_words) == []


@pytest.mark.parametrize(
    "data", [{}, {"do": "sing"}, {"do": "choose"}, {"do": "choose", "what": "gold", "seen": "all"}]
)
def test_what_no_button_says_is_a_problem_and_no_change(visit: Visit, data: dict[str, str]):
    before = visit.dump()
    page = visit.client.post(visit.page(ANA_EMAIL), data=data)
    assert page.status_code == 422
    assert "<h2>There is a problem</h2>" in page.text
    assert 'href="#what"' in page.text
    assert "<title>Error: " in page.text
    assert visit.dump() == before


def test_an_erased_address_still_has_its_page(visit: Visit):
    """Rule 2: it survives erasure."""
    erased = sa.text("UPDATE contact_point SET address = NULL, current = (1=0) WHERE customer_id = 3")
    visit.change(erased)
    assert "the address this link was sent to" in visit.get(visit.page(CY_EMAIL)).text
    stop(visit, CY_EMAIL)
    assert scopes(visit) == {("email", "everything", "page")}
