"""Does somebody who wrote to us want to be left alone, and how much of us?

A missed wish is worse than one heard wrongly (respect.md 10): what is plain stops, what may be one pauses and goes to
a person. The words and phrases are data (config/keywords.yaml); here is only how they are asked.

1. The whole message is a word of ours, polite words and a slip of the finger aside: STOP, START or HELP.
2. What is about something else ("cancel my order", "don't stop writing") is set aside.
3. A phrase of `stop` in what is left: STOP. A phrase of `unsure`: UNSURE. Every language is asked, because people
   mix them and nobody says which one they write.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from outreach.core.phrases import END, WALL
from outreach.core.plain_words import COMMA, sentences
from outreach.core.terms import Channel, Scope
from outreach.core.wording import Meaning, Rule, Words


class Wish(StrEnum):
    """What somebody asks of us."""

    STOP = "stop"
    START = "start"
    HELP = "help"
    UNSURE = "unsure"  # may mean stop: campaigns wait and a person reads it
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Heard:
    """What a message asks. `by` is the word or phrase as its file has it, `language` whose it is; either may be ""."""

    wish: Wish
    whole: bool = False
    scope: Scope = Scope.EVERYTHING
    by: str = ""
    language: str = ""


#: What somebody keeps -> all that stops then.
_KEPT = {Meaning.KEEPS_ORDERS: Scope.OFFERS, Meaning.KEEPS_EMAIL: Scope.TEXT, Meaning.KEEPS_TEXT: Scope.EMAIL}
#: Words that carriers act on belong to texts; in an email "yes" and "info" are only words.
_OF_TEXTS = frozenset({Wish.START, Wish.HELP})


def heard(text: str, words: Words, *, channel: Channel) -> Heard:
    """What `text` asks of us. Callers strip what is quoted (respect.md 32); the first 4,000 characters are read.

    The scope is EVERYTHING unless the person says what they still want: orders (OFFERS stop), the other channel.
    """
    said = sentences(text)
    whole = _whole([word for sentence in said for word in sentence if word != COMMA], words)
    if whole and (channel is Channel.TEXT or whole.wish not in _OF_TEXTS):
        return whole
    code = words.book.encoded([word for word in sentence if word not in words.polite] for sentence in said)
    meant = code
    for rule in words.rules[Meaning.UNLESS]:
        meant = rule.pattern.sub(_walled, meant)
    if stop := _first(words.rules[Meaning.STOP], meant):
        return Heard(Wish.STOP, scope=_scope(code, words), by=stop.phrase, language=stop.language)
    if unsure := _first(words.rules[Meaning.UNSURE], code):
        return Heard(Wish.UNSURE, by=unsure.phrase, language=unsure.language)
    return Heard(Wish.NOTHING)


def _whole(said: list[str], words: Words) -> Heard | None:
    """The message as one of the words that count alone: as written, without polite words, or mistyped."""
    bare = [word for word in said if word not in words.polite]
    once = bare[:1] if len(set(bare)) == 1 else bare
    for body in (" ".join(said), " ".join(bare), " ".join(once)):
        if found := words.whole.get(body):
            return Heard(Wish(found.wish), whole=True, by=found.word, language=found.language)
    if len(once) == 1 and once[0] not in words.spelled_right:
        found = words.whole.get(words.slips.meant(once[0]))
        return Heard(Wish.STOP, whole=True, by=found.word, language=found.language) if found else None
    return None


def _walled(found: re.Match[str]) -> str:
    return "".join(END if code == END else WALL for code in found[0])


def _first(rules: tuple[Rule, ...], code: str) -> Rule | None:
    return next((rule for rule in rules if rule.pattern.search(code)), None)


def _scope(code: str, words: Words) -> Scope:
    """How much they want to be rid of. In doubt everything: more than one thing kept is doubt."""
    kept = {scope for what, scope in _KEPT.items() if _first(words.rules[what], code)}
    return kept.pop() if len(kept) == 1 else Scope.EVERYTHING
