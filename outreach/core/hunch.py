"""How much does a message sound like a wish to be left alone, going by what thousands of others were?

A linear model: every trait (`traits`) has a weight, learned by tests/hearing/train.py and shipped with the program. A
sentence weighs what its traits weigh together, a message about as much as its weightiest sentence, so that a wish at
the end of a long letter is heard. Traits are found again by a hash of their text. Most of four million hashes weigh
nothing, so that words we never met rarely weigh anything by chance.
"""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp, log, sqrt
from zlib import crc32

from outreach.core.glossary import Glossary

BITS = 22
_MASK = (1 << BITS) - 1
#: How nearly the weightiest sentence alone decides.
SHARPNESS = 6.0
_USUAL = 30.0  # traits; a sentence of more does not weigh more for that
_NAMED = 3  # traits named as what weighed most


@dataclass(frozen=True, slots=True)
class Hunch:
    """The weights, and what is made of their sum. `weights`: one for each hash, in units of `unit`.

    At `stop` or above a message is a wish (at `phrased`, if a phrase says so too; at `doubted`, if one says that nobody
    can tell), at `unsure` or above it may be one, below `ordinary` surely none. `known`: marks of the words and phrases
    the weights were learned with (`mark`); all others are the shop's own.
    """

    glossary: Glossary
    weights: "array[int]"
    unit: float
    bias: float
    stop: float
    unsure: float
    ordinary: float
    phrased: float
    doubted: float
    known: frozenset[int]

    def weight(self, sentences: Sequence[Iterable[str]], whole: Iterable[str]) -> float:
        """How much a message weighs: the log-odds of its being a wish, roughly."""
        rest = sum(map(self.weights.__getitem__, hashes(whole))) * self.unit + self.bias
        return pooled([self._alone(hashes(traits)) for traits in sentences]) + rest

    def named(self, sentences: Sequence[Iterable[str]]) -> str:
        """The words that weighed most in the weightiest sentence."""
        said = max(sentences, key=lambda traits: self._alone(hashes(traits)))
        worded = [(self.weights[crc32(trait.encode()) & _MASK], trait[2:]) for trait in said if trait.startswith("w ")]
        telling = sorted((-weight, words) for weight, words in worded if weight > 0)
        return ", ".join(words.strip("^$ ") for _, words in telling[:_NAMED])

    def _alone(self, numbers: list[int]) -> float:
        return sum(map(self.weights.__getitem__, numbers)) * self.unit * share(len(numbers))


def hashes(traits: Iterable[str]) -> list[int]:
    """Where the weights of `traits` stand."""
    return [crc32(trait.encode()) & _MASK for trait in traits]


def share(count: int) -> float:
    """What one of `count` traits of a sentence counts."""
    return sqrt(_USUAL / count) if count else 0.0


def pooled(weights: Sequence[float]) -> float:
    """Nearly the greatest; several great ones add a little."""
    if not weights:
        return 0.0
    most = max(weights)
    return most + log(sum(exp(SHARPNESS * (weight - most)) for weight in weights)) / SHARPNESS


def mark(*path: str) -> int:
    """A number for a word or phrase at its place in the file, by which it is known again."""
    return crc32("\t".join(path).encode())
