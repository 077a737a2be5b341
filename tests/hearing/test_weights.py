"""Are the shipped weights the ones that the texts and words of this repository give?"""

import json

from outreach.core.terms import Channel
from outreach.core.wording import prepared
from outreach.wishes_words import WEIGHTS, glossary, hunch, unpacked, wording
from tests.hearing import texts, train
from tests.hearing.examples import examples
from tests.hearing.learner import FEWEST, Model, learned


def said(label: str, body: str) -> texts.Text:
    return texts.Text("made", label, "en", Channel.TEXT, body)


def test_the_weights_were_made_of_what_is_here() -> None:
    """Where this fails: .venv/bin/python -m tests.hearing.train"""
    assert json.loads(WEIGHTS.read_bytes().split(b"\n", 1)[0])["learned_from"] == train.digest()


def test_learning_twice_gives_the_same_and_tells_them_apart() -> None:
    some = [said("stop", "enough of your letters"), said("ordinary", "the kettle is fine")]
    seen = examples(some * FEWEST, prepared(wording(texts.ROOT)), glossary())
    one, two = learned(seen), learned(seen)
    assert one == two
    assert one.weight(seen[0]) > 0 > one.weight(seen[1])


def test_what_is_packed_is_read_again() -> None:
    model = Model([0.0] * len(hunch().weights), [], bias=-0.25)
    model.weights[7], model.weights[8] = 2.0, -1.0
    again = unpacked(train.packed(model, 2))
    assert (again.weights[7], again.weights[8], again.weights[9]) == (32_000, -16_000, 0)
    assert (again.weights[7] * again.unit, again.bias) == (2.0, -0.25)
    assert again.known == hunch().known


def test_phrases_are_not_trusted_where_they_were_mended() -> None:
    words, meaning = prepared(wording(texts.ROOT)), glossary()
    tuned = texts.Text("second", "stop", "en", Channel.TEXT, "stop texting me")
    [mended], [fresh] = (examples([text], words, meaning) for text in (tuned, said("stop", "stop texting me")))
    assert set(mended.sentences[0]) < set(fresh.sentences[0])
