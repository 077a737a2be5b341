"""Does a message weigh what its weightiest sentence weighs, and what does the shop's own wording do to that?"""

from array import array
from collections.abc import Mapping
from dataclasses import replace
from zlib import crc32

import pytest

from outreach.core.glossary import Glossary
from outreach.core.hunch import BITS, Hunch, share
from outreach.core.keywords import Wish, heard
from outreach.core.terms import Channel
from outreach.core.wording import Meaning, Tongue, Wording, Words, marks, prepared

SHIPPED = Wording(
    {"en": Tongue({"stop": ("stop",)}, {"thing": ("texts",)}, {Meaning.STOP: ("no <thing>", "leave me be")})},
    Tongue(),
)


def hunch(weights: Mapping[str, int], wording: Wording = SHIPPED, glossary: str = "") -> Hunch:
    """A stop at 1, unsure at 0, surely none below -1; each trait by its text."""
    table = array("h", bytes(2 << BITS))
    for trait, weight in weights.items():
        table[crc32(trait.encode()) % (1 << BITS)] = weight
    known = frozenset(marks(wording))
    ideas = Glossary.of(glossary.splitlines())
    return Hunch(ideas, table, 1.0, -0.5, stop=1.0, unsure=0.0, ordinary=-1.0, phrased=0.5, doubted=2.0, known=known)


def words(weights: Mapping[str, int], wording: Wording = SHIPPED, glossary: str = "") -> Words:
    return prepared(wording, hunch(weights, glossary=glossary))


def hear(text: str, known: Words) -> Wish:
    return heard(text, known, channel=Channel.EMAIL).wish


def test_the_weightiest_sentence_decides_in_a_long_letter():
    known = words({"w enough": 4, "w lamp": -4})
    assert hear("enough", known) is Wish.STOP
    assert hear("The lamp came. " * 40 + "Enough! " + "The lamp is fine. " * 40, known) is Wish.STOP
    assert hear("The lamp came. " * 40, known) is Wish.NOTHING


def test_between_the_two_a_person_reads():
    count = len("  enough  ") * 3  # about as many traits as make a share of one
    assert 0.5 < share(count) < 1.5
    assert hear("enough", words({"w enough": 1})) is Wish.UNSURE


def test_a_shipped_phrase_alone_makes_a_person_look():
    assert hear("no texts", words({})) is Wish.UNSURE
    assert hear("no texts", words({"w no texts": 4})) is Wish.STOP
    assert hear("no texts", words({"w no texts": -4})) is Wish.NOTHING


@pytest.mark.parametrize(
    "tongue",
    [
        Tongue({"stop": ("stop",)}, {"thing": ("texts",)}, {Meaning.STOP: ("no <thing>", "leave me be", "no pings")}),
        Tongue({"stop": ("stop",)}, {"thing": ("texts", "pings")}, {Meaning.STOP: ("no <thing>", "leave me be")}),
        Tongue({"stop": ("stop", "no pings")}, {"thing": ("texts",)}, {Meaning.STOP: ("no <thing>", "leave me be")}),
    ],
    ids=["a phrase", "a word of a class", "a word alone"],
)
def test_what_the_shop_added_stops_whatever_the_weights_say(tongue: Tongue):
    against = {"w no": -9, "w no pings": -9, "w texts": -9, "w no texts": -9, "w pings": -9}
    known = words(against, Wording({"en": tongue}, Tongue()))
    assert hear("no pings", known) is Wish.STOP
    assert hear("no texts", known) is Wish.NOTHING
    assert hear("no pings", words(against)) is Wish.NOTHING


def test_one_language_tells_about_another():
    known = words({"i not mail": 3}, glossary="_: the le\nnot: no keine\nmail: mails courriel*\n")
    assert hear("keine Mails", known) is Wish.STOP
    assert hear("no, le courriels", known) is Wish.STOP
    assert hear("no lamp", known) is Wish.NOTHING


def test_what_weighed_most_is_named():
    known = words({"w of cards": 2, "w enough": 3, "w lamp": -3})
    assert heard("enough of cards", known, channel=Channel.EMAIL).by == "enough, of cards"


def test_a_phrase_is_weighed_by_where_it_stands():
    known = words({"p stop no <thing>": 4})
    assert hear("The lamp is fine. No texts", known) is Wish.STOP
    assert hear("No texts", replace(known, hunch=None)) is Wish.STOP
