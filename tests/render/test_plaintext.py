"""Does a line of the text part hold as many words as fit, whatever the words?"""

from hypothesis import given
from hypothesis import strategies as st

from outreach.render.plaintext import COLUMNS, finished, text_of

WORDS = st.lists(st.text("abcdefgh.", min_size=1, max_size=90), min_size=1, max_size=60)


def lines_of(paragraph: str) -> list[str]:
    """The paragraph as it is wrapped per message: one that holds a value's token."""
    token = "\ue0000\ue001"
    late = text_of(f"<p>{token}</p>").replace(token, paragraph)
    return finished(late).rstrip("\n").split("\n")


@given(WORDS)
def test_every_line_is_as_full_as_can_be(words: list[str]) -> None:
    lines = lines_of(" ".join(words))
    assert " ".join(lines).split(" ") == words, "no word is lost, none is cut"
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        assert len(line) <= COLUMNS or " " not in line, "only a word that is longer itself is wider than the page"
        assert not following or len(f"{line} {following.split(' ')[0]}") > COLUMNS, "the next word had no room"


def test_spaces_at_the_edge_do_not_begin_the_next_line() -> None:
    assert lines_of("x" * COLUMNS + "   y" * 1) == ["x" * COLUMNS, "y"]
    assert lines_of("x" * (COLUMNS + 5) + "  y") == ["x" * (COLUMNS + 5), "y"]


def test_gaps_of_any_height_are_closed() -> None:
    assert finished("a" + "\n" * 9 + "b\n\n\nc\n\n") == "a\n\nb\n\nc\n"
