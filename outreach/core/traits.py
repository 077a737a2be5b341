"""What can be noticed about a message, sentence by sentence, that might tell whether it is a wish?

A trait is a short text: a word, two or three words in a row or nearly so, the ideas behind them (`glossary`), the
beginnings and insides of words (slips of the finger change few of those), the classes and phrases of the shop's own
wording, how long the sentence is and where it stands. What each is worth is learned (`hunch`).
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise

from outreach.core.glossary import PASSED, Glossary
from outreach.core.phrases import END
from outreach.core.plain_words import COMMA
from outreach.core.reading import Read
from outreach.core.terms import Channel
from outreach.core.wording import Meaning, Words

#: How the traits begin that the shop's phrases give.
PHRASE = "p "
_NEAR = 5  # words between two classes that are noticed together
_FAR = 4  # words from one idea to another
_LENGTHS = (1, 2, 3, 4, 7, 12, 20)
_COUNTS = (1, 2, 3, 6, 10)

Traits = set[str]


def noticed(told: Read, words: Words, glossary: Glossary) -> list[Traits]:
    """The traits of each sentence."""
    found = [_worded([word for word in sentence if word != COMMA], glossary) for sentence in told.said]
    ends = [place for place, sign in enumerate(told.code) if sign == END]
    for place, trait in _phrased(told, words):
        found[min(bisect_right(ends, place), len(found)) - 1].add(trait)
    for sentence, traits in zip(found, _classes(told.code, ends, words), strict=True):
        sentence.update(traits)
    return found


def around(said: Sequence[Sequence[str]], channel: Channel) -> Traits:
    """The traits of the whole message: how many sentences, by which channel."""
    return {f"sentences {bisect_right(_COUNTS, len(said))}", f"by {channel.value}"}


def _worded(said: list[str], glossary: Glossary) -> Traits:
    traits = {f"long {bisect_right(_LENGTHS, len(said))}"}
    traits.update(_in_a_row(["^", *said, "$"]))
    traits.update(_letters(said))
    ideas = [about for word in said if (about := glossary.ideas(word) or ("?",)) != (PASSED,)]
    traits.update(_ideas([("^",), *ideas, ("$",)]))
    return traits


def _in_a_row(said: list[str]) -> Iterator[str]:
    """Words, pairs and threes, and pairs with one or two words between."""
    for n, word in enumerate(said):
        yield f"w {word}"
        after = said[n + 1 : n + 4]
        if after:
            yield f"w {word} {after[0]}"
        if len(after) > 1:
            yield f"w {word} {after[0]} {after[1]}"
            yield f"s {word} {after[1]}"
        if len(after) > 2:
            yield f"s {word} {after[2]}"


def _letters(said: list[str]) -> Iterator[str]:
    for word in set(said):
        edged = f" {word} "
        for size in (3, 4, 5):
            for n in range(len(edged) - size + 1):
                yield f"c{edged[n : n + size]}"


def _ideas(about: list[tuple[str, ...]]) -> Iterator[str]:
    """Ideas, those that follow one another, and those a few words apart."""
    for n, here in enumerate(about):
        following = about[n + 1 : n + 1 + _FAR]
        for one in here:
            yield f"i {one}"
            for far, ideas in enumerate(following):
                for other in ideas:
                    yield f"f {one} {other}"
                    if not far:
                        yield f"i {one} {other}"
            yield from _threes(one, following)


def _threes(one: str, following: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Three ideas of which one word at most stands between two."""
    for pattern, first, second in (("i", 0, 1), ("j", 0, 2), ("k", 1, 2)):
        if second < len(following):
            for two in following[first]:
                for three in following[second]:
                    yield f"{pattern} {one} {two} {three}"


def _phrased(told: Read, words: Words) -> Iterator[tuple[int, str]]:
    """The phrases of the wording that are found, and where. STOP is asked of what is left, as `keywords` does."""
    for meaning, rules in words.rules.items():
        text = told.meant if meaning is Meaning.STOP else told.code
        for rule in rules:
            for match in rule.pattern.finditer(text):
                yield match.start(), f"{PHRASE}{meaning.value}"
                yield match.start(), f"{PHRASE}{meaning.value} {rule.phrase}"


def _classes(code: str, ends: list[int], words: Words) -> Iterator[Iterator[str]]:
    """Per sentence its classes, and pairs of them that stand near one another."""
    met = sorted((m.start(), m.end(), name) for name, pattern in words.groups for m in pattern.finditer(code))
    bounds = [bisect_right(met, (end,)) for end in ends]
    return (_near(met[first:last]) for first, last in pairwise(bounds))


def _near(met: list[tuple[int, int, str]]) -> Iterator[str]:
    for n, (_, end, name) in enumerate(met):
        yield f"g {name}"
        for begun, _, other in met[n + 1 :]:
            if begun - end > _NEAR:
                break
            if begun >= end:
                yield f"n {name} {other}"
            if begun == end:
                yield f"g {name} {other}"
