"""Does somebody who says all is well say more than that? Then a person reads it."""

import re

from outreach.core.answers import Answer, delivery_answer, suggests

#: So many words are thanks; more are a letter.
_THANKS = 25
#: What comes after one of these is not "all well", in any of our languages.
_BUT = re.compile(
    r"\b(but|however|although|though|except|only|just|still|mas|porem|porém|so que|só que|pero|sino|aunque|salvo|"
    r"aber|jedoch|allerdings|leider|nur|mais|sauf|pourtant|cependant|dommage|unfortunately|infelizmente)\b",
    re.I,
)
_QUESTION = re.compile(r"[?؟¿？]")
_DIGIT = re.compile(r"\d+")


def said_of_delivery(words: str, *, offered: tuple[str, ...]) -> Answer | None:
    """What `words` say of a delivery, when they were asked a question with the answers `offered`.

    Only a question that lists all four has numbers, and only to that one "yes" means that all is well: "is it there?"
    and "is something still wrong?" are answered by the same word. Trouble is heard whatever was asked.
    """
    if set(offered) >= set(Answer):
        return delivery_answer(words)
    found = delivery_answer(_DIGIT.sub(" ", words))
    return None if found is Answer.FINE else found


def says_more(words: str) -> bool:
    """Whether an answer holds a question, a "but", a suggestion, or more words than thanks take."""
    several = len(words.split()) > _THANKS
    return several or bool(_QUESTION.search(words) or _BUT.search(words)) or suggests(words)
