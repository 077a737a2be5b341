"""Is "all well" only taken for one where it was asked, and where nothing more is said?"""

import pytest

from outreach.core.answers import Answer
from outreach.core.asks import said_of_delivery, says_more

FOUR = ("fine", "late", "wrong", "missing")


@pytest.mark.parametrize("offered", [("fine", "wrong"), ("here", "missing"), ()])
@pytest.mark.parametrize("words", ["1", "2", "yes", "all good, thanks", "sim", "option 3", "4"])
def test_numbers_and_yes_belong_to_the_question_that_lists_all_four(offered: tuple[str, ...], words: str):
    assert said_of_delivery(words, offered=offered) is None
    assert said_of_delivery(words, offered=FOUR) is not None


@pytest.mark.parametrize("offered", [FOUR, ("fine", "wrong"), ("here", "missing")])
@pytest.mark.parametrize(
    ("words", "said"),
    [("it is broken", Answer.WRONG), ("veio quebrado", Answer.WRONG), ("still not here", Answer.MISSING)],
)
def test_trouble_is_heard_whatever_was_asked(offered: tuple[str, ...], words: str, said: Answer):
    assert said_of_delivery(words, offered=offered) is said


@pytest.mark.parametrize(
    "words", ["1", "Yes!", "All good, thank you", "👍", "tudo certo, obrigado", "alles gut, danke", "perfect, love it"]
)
def test_thanks_are_thanks(words: str):
    assert not says_more(words)


@pytest.mark.parametrize(
    "words",
    [
        "1 but the box was wet",
        "All well. When do the filters come?",
        "هل وصل الفلتر؟",
        "tudo certo, mas a tampa caiu",
        "alles gut, aber der Deckel klemmt",
        "You should put a string on the bag",
        "fine " * 26,
    ],
)
def test_what_says_more_is_for_a_person(words: str):
    assert says_more(words)
