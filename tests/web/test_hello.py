"""Does the page of a lost link help whoever may be helped, and tell nobody whom we know?"""

import pytest
import sqlalchemy as sa

from outreach.store.engine import writing
from outreach.store.schema import outbox
from outreach.store.shop import orders
from tests import builders
from tests.web.visits import Visit


def mailed(visit: Visit) -> list[tuple[str, int]]:
    return [(row.campaign, row.contact_point_id) for row in visit.rows(outbox)]


def ask(visit: Visit, address: str) -> tuple[int, str]:
    said = visit.post("/hello", address=address)
    return said.status_code, said.text


def test_the_answer_is_the_same_for_everybody(visit: Visit):
    known, unknown = ask(visit, "ana@example.com"), ask(visit, "nobody@example.net")
    assert known == unknown
    assert known[0] == 200
    assert "If nothing comes within an hour, write to" in known[1]
    assert len(mailed(visit)) == 1


def test_a_link_goes_to_the_address_once_a_day(visit: Visit):
    for _ in range(3):
        ask(visit, " Ana@Example.com ")
    assert [campaign for campaign, _ in mailed(visit)] == ["lost_link"]


def test_a_phone_gets_it_by_text(visit: Visit):
    ask(visit, "+55 (11) 91234-5601")
    assert [row.channel for row in visit.rows(outbox)] == ["text"]


@pytest.mark.parametrize("scope", ["everything", "email", "address"])
def test_who_asked_for_nothing_is_not_mailed_even_then(visit: Visit, scope: str):
    with writing(visit.app.engine) as c:
        builders.suppress(c, "ana@example.com", scope)
    assert ask(visit, "ana@example.com")[0] == 200
    assert mailed(visit) == []


def test_who_gets_no_offers_is_mailed(visit: Visit):
    with writing(visit.app.engine) as c:
        builders.suppress(c, "cy@example.org", "offers")
    ask(visit, "cy@example.org")
    assert len(mailed(visit)) == 1


def test_who_never_bought_nor_wrote_is_not_mailed(visit: Visit):
    visit.change(sa.update(orders).where(orders.c.key == "O-3").values(customer_id=1))
    ask(visit, "cy@example.org")
    assert mailed(visit) == []


@pytest.mark.parametrize("address", ["", "ana", "ana@", "12", "ana@example.com, cy@example.org", "<script>@x.example"])
def test_what_is_no_address_is_a_problem(visit: Visit, address: str):
    status, page = ask(visit, address)
    assert status == 422
    assert 'href="#address"' in page
    assert "<script>@" not in page
    assert mailed(visit) == []
