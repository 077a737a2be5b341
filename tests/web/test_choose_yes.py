"""Is consent only ever what somebody chose, and is nothing offered that could not come true?"""

import re

import pytest

from outreach.core.addresses import address_hash
from outreach.core.terms import Channel
from outreach.flows.forget import forget
from outreach.store.contacts import consent_events, suppressions
from outreach.store.engine import writing
from tests import builders
from tests.web.visits import CY_EMAIL, Visit

#: Dan's contact points.
EMAIL, PHONE = 5, 6


def dan(visit: Visit, email: str | None, *consent: str) -> None:
    """Somebody with a phone, and perhaps an email."""
    with writing(visit.app.engine) as c:
        builders.customer(c, "C-9", email, "+5511912345699", consent=consent)


def ticked(page: str) -> set[str]:
    return set(re.findall(r"<input type=checkbox name=how value=(\w+) checked", page))


def test_rule_36_nothing_for_90_days_lifts_nothing(visit: Visit):
    dan(visit, "dan@example.com", "text")
    with writing(visit.app.engine) as c:
        builders.suppress(c, "dan@example.com", "email", door="reply")
    assert ticked(visit.get(visit.page(EMAIL)).text) == {"text"}
    given = len(visit.rows(consent_events))
    visit.post(visit.page(EMAIL), do="choose", what="pause", seen="orders", how=["email", "text"])
    assert {(row.channel, row.scope) for row in visit.rows(suppressions) if row.door == "reply"} == {("email", "email")}
    assert len(visit.rows(consent_events)) == given


@pytest.mark.parametrize("what", ["pause", "orders"])
def test_rule_36_no_yes_to_texts_is_made_of_as_now(visit: Visit, what: str):
    """Somebody of whom we have a phone alone, who never said yes to texts."""
    dan(visit, None)
    assert visit.post(visit.page(EMAIL), do="choose", what=what, seen="orders").status_code == 200
    phone = address_hash(builders.PEPPER, Channel.TEXT, "+5511912345699")
    assert [row for row in visit.rows(consent_events) if row.contact_hash == phone] == []


def test_who_comes_back_says_by_which_channel(visit: Visit):
    dan(visit, "dan@example.com")
    with writing(visit.app.engine) as c:
        builders.suppress(c, "dan@example.com", "email", door="reply")
        builders.suppress(c, "+5511912345699", "text", door="stop")
    before = visit.dump()
    assert ticked(visit.get(visit.page(EMAIL)).text) == set()
    page = visit.post(visit.page(EMAIL), do="choose", what="orders", seen="nothing")
    assert page.status_code == 422
    assert visit.dump() == before
    visit.post(visit.page(EMAIL), do="choose", what="orders", seen="nothing", how="email")
    assert {row.scope for row in visit.rows(suppressions) if row.channel == "text"} >= {"text"}
    assert "value=orders checked" in visit.get(visit.page(EMAIL)).text


def test_who_was_forgotten_is_offered_nothing_but_a_person(visit: Visit):
    dan(visit, "dan@example.com", "email")
    forget(visit.app, "C-9")
    page = visit.get(visit.page(EMAIL)).text
    assert "Save my choice" not in page
    assert 'href="mailto:mara@alder.example"' in page
    before = visit.dump()
    tried = visit.post(visit.page(EMAIL), do="choose", what="all", seen="nothing", how="email")
    assert "Saved." not in tried.text
    assert visit.dump() == before


def test_who_has_no_address_left_may_still_stop(visit: Visit):
    with writing(visit.app.engine) as c:
        c.exec_driver_sql("UPDATE contact_point SET address = NULL, current = (1=0) WHERE customer_id = 3")
    page = visit.get(visit.page(CY_EMAIL)).text
    assert "Stop everything" in page
    assert "Save my choice" not in page
