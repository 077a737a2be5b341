"""Is what customers say of a delivery kept when they send it, and only then; and does a person hear of it?"""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from outreach.core.answer_time import answer_by
from outreach.render.links import reference
from outreach.store.engine import now, reading
from outreach.store.inbox_schema import conversations, delivery_answers, replies
from outreach.store.schema import outbox
from tests.flows.stage import Stage
from tests.web.visits import ANA_EMAIL, BEN_EMAIL, Visit


def answers(visit: Visit) -> list[tuple[str, str | None, str | None]]:
    return [(row.answer, row.remedy, row.words) for row in visit.rows(delivery_answers)]


def send(visit: Visit, asked: str, answer: str) -> str:
    return str(visit.post(asked, do="answer", a=answer).text)


def test_rule_4_the_link_only_chooses(visit: Visit, asked: str):
    before = visit.dump()
    page = visit.get(f"{asked}?a=late").text
    visit.client.head(f"{asked}?a=late")
    assert "value=late checked" in page
    assert page.count("checked") == 1
    assert "This is about order <bdi>O-1</bdi>." in page
    assert visit.dump() == before


def test_fine_is_thanked_and_nothing_is_sold(visit: Visit, asked: str):
    page = send(visit, asked, "fine")
    assert "That is what we promised" in page
    assert "Once a month, with a dry brush." in page
    assert answers(visit) == [("fine", None, None)]
    row = visit.rows(delivery_answers)[0]
    assert (row.campaign, row.subject_key, row.door, row.customer_id) == ("delivery_check", "O-1", "page", 1)
    assert visit.rows(conversations) == []


def test_late_asks_what_would_put_it_right(visit: Visit, asked: str):
    page = send(visit, asked, "late")
    assert "We are sorry. That is not what we promised." in page
    assert "What would put it right?" in page
    assert visit.rows(conversations) == []  # nobody has to act before they say what would help
    after = visit.post(asked, do="remedy", remedy="money", words="It was a present.", reach="0123 456").text
    opened = visit.rows(conversations)[0]
    with reading(visit.app.engine) as c:
        promised = answer_by(now(c), visit.app.house.replies, visit.app.house.shop.zone)
    assert opened.answer_by == promised
    assert f"{promised.day} {promised:%B}" in after
    assert "or a colleague will answer you by" in after
    assert [row.words for row in visit.rows(replies)] == ["Give my money back\nIt was a present.\n0123 456"]
    assert answers(visit) == [("late", None, None), ("late", "money", "It was a present.\n0123 456")]


@pytest.mark.parametrize("answer", ["wrong", "missing"])
def test_what_is_wrong_or_missing_calls_a_person_at_once(visit: Visit, asked: str, answer: str):
    send(visit, asked, answer)
    assert [(row.label, row.answer) for row in visit.rows(conversations)] == [("complaint", answer)]


def test_i_only_wanted_you_to_know_promises_no_letter(visit: Visit, asked: str):
    send(visit, asked, "late")
    page = visit.post(asked, do="remedy", remedy="know").text
    assert "A person will read it." in page
    assert "will answer you by" not in page
    assert visit.rows(conversations) == []


def test_the_newest_counts_and_the_same_again_is_one(visit: Visit, asked: str):
    for answer in ("fine", "fine", "late", "fine"):
        send(visit, asked, answer)
    assert [answer for answer, _, _ in answers(visit)] == ["fine", "late", "fine"]
    again = visit.get(asked).text
    assert "On <bdi>" in again
    assert "you told us:" in again


def test_after_30_days_it_stands(visit: Visit, asked: str):
    send(visit, asked, "late")
    for days, status in ((29, "value=late"), (32, "more than 30 days ago")):
        with reading(visit.app.engine) as c:
            past = now(c) - timedelta(days=days)
        visit.change(sa.update(delivery_answers).values(at=past))
        assert status in visit.get(asked).text
    before = visit.dump()
    send(visit, asked, "fine")
    visit.post(asked, do="remedy", remedy="money")
    assert visit.dump() == before


@pytest.mark.parametrize("data", [{}, {"do": "answer"}, {"do": "answer", "a": "superb"}, {"do": "sing"}])
def test_no_answer_is_a_problem(visit: Visit, asked: str, data: dict[str, str]):
    page = visit.client.post(asked, data=data)
    assert page.status_code == 422
    assert 'href="#a"' in page.text
    assert answers(visit) == []


def test_no_remedy_is_a_problem(visit: Visit, asked: str):
    send(visit, asked, "late")
    assert visit.client.post(asked, data={"do": "remedy"}).status_code == 422


def test_nothing_is_put_right_before_something_was_wrong(visit: Visit, asked: str):
    visit.post(asked, do="remedy", remedy="money")
    send(visit, asked, "fine")
    visit.post(asked, do="remedy", remedy="money")
    assert answers(visit) == [("fine", None, None)]
    assert visit.rows(conversations) == []


def test_a_link_about_what_was_never_asked_is_nobodys(visit: Visit, asked: str):
    links = visit.app.links
    for point, about in ((BEN_EMAIL, "O-1"), (ANA_EMAIL, "O-2")):
        link = visit.path(links.answer(point, "delivery_check", about, "fine"))
        assert visit.get(link).status_code == 404
    for changed in (
        asked[:-1] + ("A" if asked[-1] != "A" else "B"),
        asked.replace("-", "x", 1),
        "/f/1-" + reference("a", "b"),
    ):
        assert visit.get(changed).status_code == 404
        assert visit.client.post(changed, data={"do": "answer", "a": "fine"}).status_code == 404
    assert answers(visit) == []


def test_words_of_a_shops_own_question(visit: Visit, asked: str, bare: Stage):
    """A campaign may ask anything; what has no words in templates/_pages says its own name."""
    campaigns = {**visit.app.campaigns}
    campaigns["delivery_check"] = replace(campaigns["delivery_check"], answers=("fine", "purple"))
    visit.app.campaigns.update(campaigns)
    assert "<span>purple</span>" in visit.get(asked).text
    assert [row for row in visit.rows(outbox) if row.campaign == "delivery_check"]
