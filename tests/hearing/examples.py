"""What does the learner see of a text? Its traits, hashed, as the program will notice them."""

from collections.abc import Iterable, Iterator, Sequence

from outreach.core.glossary import Glossary
from outreach.core.hunch import hashes
from outreach.core.reading import read
from outreach.core.traits import PHRASE, around, noticed
from outreach.core.wording import Words
from tests.hearing.learner import Example
from tests.hearing.texts import TARGETS, TUNED, Text


def examples(texts: Sequence[Text], words: Words, glossary: Glossary) -> list[Example]:
    """One for each text, in their order."""
    return [_example(text, words, glossary) for text in texts]


def _example(text: Text, words: Words, glossary: Glossary) -> Example:
    told = read(text.body, words)
    sentences = noticed(told, words, glossary)
    if text.file in TUNED:
        sentences = [set(_unphrased(traits)) for traits in sentences]
    numbers = [sorted(hashes(traits)) for traits in sentences]
    return Example(numbers, sorted(hashes(around(told.said, text.channel))), TARGETS[text.label])


def _unphrased(traits: Iterable[str]) -> Iterator[str]:
    return (trait for trait in traits if not trait.startswith(PHRASE))
