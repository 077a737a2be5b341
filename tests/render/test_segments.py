"""Does a text cost what a carrier counts?"""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.core.segments import GSM7, TWO_UNITS, parts
from outreach.render.filters import plain
from outreach.render.weight import mend


@pytest.mark.parametrize(
    ("text", "encoding", "units", "count"),
    [
        ("", "GSM-7", 0, 0),
        ("a" * 160, "GSM-7", 160, 1),
        ("a" * 161, "GSM-7", 161, 2),
        ("a" * 306, "GSM-7", 306, 2),
        ("a" * 307, "GSM-7", 307, 3),
        ("€" * 80, "GSM-7", 160, 1),
        ("€" * 81, "GSM-7", 162, 2),
        ("[" + "a" * 158, "GSM-7", 160, 1),
        ("a" * 152 + "€" + "a" * 152, "GSM-7", 306, 3),  # the pair may not straddle: it starts the second part
        ("àèéùìòÇØøÅåΔÆæßÉ¤¡ÄÖÑÜ§¿äöñü", "GSM-7", 28, 1),
        ("ç", "UCS-2", 1, 1),
        ("\u00a0", "UCS-2", 1, 1),
        ("ã" * 70, "UCS-2", 70, 1),
        ("ã" * 71, "UCS-2", 71, 2),
        ("😜" * 35, "UCS-2", 70, 1),
        ("ã" * 66 + "😜" + "ã" * 66, "UCS-2", 134, 3),  # nor may the two halves of an emoji
    ],
)
def test_parts(text: str, encoding: str, units: int, count: int) -> None:
    """Rule 17: 160/153 and 70/67, and a pair is never torn."""
    found = parts(text)
    assert (found.encoding, found.units, found.count) == (encoding, units, count)


def test_the_dear_letters_are_named() -> None:
    assert parts("Olá ç ã").odd == "áãç"
    assert parts("Ola").odd == ""


#: Boundary cases of TwilioDevEd/message-segment-calculator (tests/index.test.js), MIT licence, Copyright Twilio Inc.
TWILIO = [
    ("{" + "234567890" + "1234567890" * 14 + "123456789", "GSM-7", 1),
    ("{" + "234567890" + "1234567890" * 15, "GSM-7", 2),
    ("😜" + "234567890" + "1234567890" * 5 + "123456789", "UCS-2", 1),
    ("😜" + "234567890" + "1234567890" * 6, "UCS-2", 2),
]


@pytest.mark.parametrize(("text", "encoding", "count"), TWILIO)
def test_as_the_provider_counts(text: str, encoding: str, count: int) -> None:
    """Rule 17."""
    found = parts(text)
    assert (found.encoding, found.count) == (encoding, count)


LETTERS = st.text(st.sampled_from([*sorted(GSM7), *"çãõáê’ل😜𝒳"]), max_size=700)


@given(LETTERS)
def test_parts_hold_every_unit_and_none_is_wasted(text: str) -> None:
    found = parts(text)
    alone, each = (160, 153) if found.encoding == "GSM-7" else (70, 67)
    if found.units <= alone:
        assert found.count == bool(text)
    else:  # a letter of two units may leave one unit of each part empty
        assert -(-found.units // each) <= found.count <= -(-found.units // (each - 1))


@given(LETTERS)
def test_units_are_what_travels(text: str) -> None:
    """Rule 17: ten letters cost two."""
    found = parts(text)
    assert (found.encoding == "GSM-7") == (set(text) <= GSM7) == (found.odd == "")
    if found.encoding == "UCS-2":
        assert found.units == len(text.encode("utf-16-le")) // 2
        assert set(found.odd) == set(text) - GSM7
    else:
        assert found.units == len(text) + sum(letter in TWO_UNITS for letter in text)


@given(LETTERS, st.sampled_from([*sorted(GSM7), "ã", "😜"]))
def test_one_letter_more_is_never_cheaper(text: str, letter: str) -> None:
    assert parts(text).count <= parts(text + letter).count


@given(LETTERS)
def test_a_mend_saves_what_it_says(text: str) -> None:
    said, count = mend(text), parts(text).count
    if count < 2:
        assert said == ""
    elif remove := re.match(r"remove (\d+) ", said):
        kept = text[: len(text) - int(remove[1])]
        assert parts(kept).count < count
        assert parts(text[: len(kept) + 1]).count == count
    else:
        saves = re.search(r"saves (\d+) part", said)
        assert saves is not None
        assert parts(plain(text) or "").count == count - int(saves[1])
