"""Are the lines a person wrote put together as they were meant?"""

import pytest

from outreach.core.paragraphs import paragraphs

WRAPPED = "We looked at the photo and the lid is broken, as you said it was,\nso a new one is on its way."


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("Hello Ana,\n\nit comes on Thursday.", ["Hello Ana,", "it comes on Thursday."]),
        (WRAPPED, [WRAPPED.replace("\n", " ")]),
        (WRAPPED.replace("\n", "\r\n"), [WRAPPED.replace("\n", " ")]),
        ("12 Mill Lane\nYork", ["12 Mill Lane", "York"]),
        ("- one thing that takes a whole line to say, as some things do\n- another", None),
        ("1. one thing that takes a whole line to say, as some things do\n2) another", None),
        ("", []),
        (" \n\t\n", []),
    ],
)
def test_paragraphs(words: str, found: list[str] | None) -> None:
    assert paragraphs(words) == (words.splitlines() if found is None else found)
