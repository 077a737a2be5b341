"""Does somebody who wrote to us want to be left alone, and how much of us?

A missed wish is worse than one heard wrongly (respect.md 10): what is plain stops, what may be one pauses and goes to
a person. The words and phrases are data (config/keywords.yaml); here is only how they are asked.

1. The whole message is a word of ours, polite words and a slip of the finger aside: STOP, START or HELP.
2. What is about something else ("cancel my order", "don't stop writing") is set aside.
3. A phrase of `stop` that the shop itself added, in what is left: STOP.
4. How much it sounds like the wishes of others (`hunch`) decides: STOP, UNSURE or NOTHING. The phrases of `stop` and
   `unsure` are weighed with the rest; where one is found it takes a text that is surely ordinary to say NOTHING, and
   less weight to say STOP. Every language is asked, because people mix them and nobody says which one they write.
"""

from dataclasses import dataclass
from enum import StrEnum

from outreach.core.hunch import Hunch
from outreach.core.plain_words import COMMA
from outreach.core.reading import Read, read
from outreach.core.terms import Channel, Scope
from outreach.core.traits import around, noticed
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
    told = read(text, words)
    whole = _whole([word for sentence in told.said for word in sentence if word != COMMA], words)
    if whole and (channel is Channel.TEXT or whole.wish not in _OF_TEXTS):
        return whole
    if own := _first(words.own, told.meant):
        return Heard(Wish.STOP, scope=_scope(told.code, words), by=own.phrase, language=own.language)
    phrased = _phrased(told, words)
    return _weighed(told, phrased, channel, words, words.hunch) if words.hunch and told.said else phrased


def _phrased(told: Read, words: Words) -> Heard:
    """What the phrases alone say."""
    if stop := _first(words.rules[Meaning.STOP], told.meant):
        return Heard(Wish.STOP, scope=_scope(told.code, words), by=stop.phrase, language=stop.language)
    if unsure := _first(words.rules[Meaning.UNSURE], told.code):
        return Heard(Wish.UNSURE, by=unsure.phrase, language=unsure.language)
    return Heard(Wish.NOTHING)


def _weighed(told: Read, phrased: Heard, channel: Channel, words: Words, hunch: Hunch) -> Heard:
    """What all that was noticed says together. A phrase makes UNSURE at least, unless the rest speaks against."""
    traits = noticed(told, words, hunch.glossary)
    weight = hunch.weight(traits, around(told.said, channel))
    by = phrased.by or hunch.named(traits)
    needed = {Wish.STOP: hunch.phrased, Wish.UNSURE: hunch.doubted}.get(phrased.wish, hunch.stop)
    if weight >= needed:
        return Heard(Wish.STOP, scope=_scope(told.code, words), by=by, language=phrased.language)
    if weight >= (hunch.ordinary if phrased.by else hunch.unsure):
        return Heard(Wish.UNSURE, by=by, language=phrased.language)
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


def _first(rules: tuple[Rule, ...], code: str) -> Rule | None:
    return next((rule for rule in rules if rule.pattern.search(code)), None)


def _scope(code: str, words: Words) -> Scope:
    """How much they want to be rid of. In doubt everything: more than one thing kept is doubt."""
    kept = {scope for what, scope in _KEPT.items() if _first(words.rules[what], code)}
    return kept.pop() if len(kept) == 1 else Scope.EVERYTHING
