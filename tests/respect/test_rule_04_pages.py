"""Is the way out a button that somebody presses, and is a link in a message good for ever?"""

import re

import pytest

from outreach.render.links import Links, Purpose, reference
from outreach.store.contacts import suppressions
from tests.web.visits import ANA_EMAIL, Visit

#: Links as messages of the first release carried them. A link that opens no more takes somebody's way out away.
MADE_LONG_AGO = {
    Purpose.CHOOSE: "1Dz.7lZxbhj0Dzv48RiCubdMNg",
    Purpose.ONE_CLICK: "1Dz.J4ljH_ene-uHjSeh-GzhDA",
    Purpose.ANSWER: "1Dz-dK_URLjC.-ehXzTBzJU6y3P6hknh7BQ",
}
STOPS_LONG_AGO = "hello+stop-etht3r5z43jcsqlmuhbz6kd6ahkli"
ANSWERS_LONG_AGO = "hello+ethosx5irfyyiokcg6ympk5nvukiyz7mgmw6phm"


def test_rule_2_a_link_never_expires_and_holds_nothing_of_anybody():
    """Made once by an earlier program and written down here; nothing in it but a number and a signature."""
    links = Links((b"k" * 32,), "https://hello.alder.example", mailbox="a@x.example", replies="hello@r.example")
    about = reference("delivery_check", "O-1")
    for purpose, token in MADE_LONG_AGO.items():
        assert links.read(token, purpose) == 4711
        assert re.fullmatch(r"1Dz(-[\w-]{8})?\.[\w-]{22}", token)  # 4711 in base62
    assert links.read_answer(MADE_LONG_AGO[Purpose.ANSWER]) == (4711, about)
    assert links.read_stop_mail(STOPS_LONG_AGO, None) == 4711
    assert links.read_reply(ANSWERS_LONG_AGO) == (4711, about)


def test_rule_2_wrong_unknown_and_of_another_purpose_are_the_same_to_whoever_asks(visit: Visit):
    """The same words for a token that is forged, one of nobody, and one that opens another door."""
    other = Links((b"another key of 32 bytes, or more!",), visit.app.links.base_url, mailbox="a@x.example")
    answers = [
        visit.get(path)
        for path in (
            "/p/nonsense",
            visit.path(other.choose(ANA_EMAIL)),
            visit.path(visit.app.links.choose(999_999)),
            visit.page(ANA_EMAIL).replace("/p/", "/u/"),
            visit.button(ANA_EMAIL).replace("/u/", "/p/"),
        )
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1
    for path in (visit.page(ANA_EMAIL).replace("/p/", "/u/"), visit.path(visit.app.links.choose(999_999))):
        assert visit.post(path, do="stop").status_code == 404
    assert visit.rows(suppressions) == []


@pytest.mark.parametrize("which", ["page", "button"])
def test_rule_4_a_button_and_nothing_that_presses_itself(visit: Visit, which: str):
    page = visit.get(visit.page(ANA_EMAIL) if which == "page" else visit.button(ANA_EMAIL)).text
    stops = re.search(r"<form method=post action=[^>]+>(?:(?!</form>).)*?<button[^>]*value=stop[^>]*>", page, re.S)
    assert stops is not None
    assert {"post"} == set(re.findall(r"<form[^>]*\bmethod=(\w+)", page))
    assert not re.search(r"http-equiv=[\"']?refresh|<script|\son\w+=|autofocus", page, re.I)
    asked_for = set(re.findall(r"<input[^>]*\btype=(\w+)", page))
    assert asked_for <= {"hidden", "radio", "checkbox", "date"}, "no login, no address to type"
    assert "<textarea" not in page
