"""What did somebody say, in the signs that phrases are looked for in?"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from outreach.core.phrases import END, WALL
from outreach.core.plain_words import sentences
from outreach.core.wording import Meaning, Words


@dataclass(frozen=True, slots=True)
class Read:
    """A message. `said`: its sentences in plain words; `code`: as `CodeBook.encoded` has them, without polite words;
    `meant`: that, less what is about something else ("cancel my order")."""

    said: Sequence[Sequence[str]]
    code: str
    meant: str


def read(text: str, words: Words) -> Read:
    """The first 4,000 characters of `text`."""
    said = sentences(text)
    code = words.book.encoded([word for word in sentence if word not in words.polite] for sentence in said)
    meant = code
    for rule in words.rules[Meaning.UNLESS]:
        meant = rule.pattern.sub(_walled, meant)
    return Read(said, code, meant)


def _walled(found: re.Match[str]) -> str:
    return "".join(END if code == END else WALL for code in found[0])
