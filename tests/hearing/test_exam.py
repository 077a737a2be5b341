"""Are people heard from whose texts nothing was learned?"""

from tests.hearing.exam import marks
from tests.hearing.texts import EXAM, texts


def test_wishes_are_heard_and_ordinary_texts_left_alone() -> None:
    """The aim is 99 of 100 wishes, and 1 of 100 ordinary texts taken for one. Never learn from these to pass this."""
    found = marks(texts(EXAM))
    assert found.wishes.total() > 3_000
    assert found.ordinary.total() > 3_500
    assert found.stopped >= 0.99, found.line("exam")
    assert found.wrongly <= 0.015, found.line("exam")


def test_the_exam_is_not_learned_from() -> None:
    """People say the same in the same few words now and then, and no more than that."""
    learned, asked = {text.body.lower() for text in texts()}, texts(EXAM)
    assert sum(text.body.lower() in learned for text in asked) < len(asked) / 6
