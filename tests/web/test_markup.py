"""Can a value become markup?"""

import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from outreach.store.shop import products
from outreach.web.markup import Html, el, filled, text
from tests.web.visits import Visit

HOSTILE = "<script>alert(1)</script>\"'&{shop}"


@given(st.text())
def test_text_stays_text(words: str):
    assert "<" not in text(words)
    assert el("p", words) == f"<p>{text(words)}</p>"
    inside = el("input", value=words).removeprefix("<input").removesuffix(">")
    assert "<" not in inside
    assert inside.count('"') in (0, 2)
    assert "<" not in filled("{a}", a=words).replace("<bdi>", "").replace("</bdi>", "")


def test_a_value_is_not_filled_in_again():
    assert filled("{a} {b}", a="{b}", b="x") == "<bdi>{b}</bdi> <bdi>x</bdi>"
    assert text(Html("<p>")) == "<p>"


def test_what_the_records_hold_is_shown_as_words(visit: Visit, asked: str):
    care = {"care_title": HOSTILE, "care_text": HOSTILE, "care_link": "javascript:alert(1)"}
    visit.change(sa.update(products).values(**care))
    page = visit.post(asked, do="answer", a="fine").text
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 2
    assert "<script" not in page
    assert "javascript:" not in page
