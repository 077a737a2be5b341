"""Is a text that was quoted once still the same text, for a vendor and for a reader?"""

import json

import orjson
from hypothesis import given
from hypothesis import strategies as st

from outreach.core.quoted import Quoted


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_is_quoted_comes_back(text: str):
    assert str(Quoted.of(text)) == text


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_every_reader_of_json_reads_it_wherever_it_is_put(text: str):
    document = orjson.dumps({"before": 1, "value": orjson.Fragment(Quoted.of(text).json), "after": 2})
    assert json.loads(document) == {"before": 1, "value": text, "after": 2}


def test_half_a_pair_is_a_question_mark():
    assert str(Quoted.of('it "broke" \ud83d\n')) == 'it "broke" ?\n'
