"""How do weights follow from texts whose meaning is known? Logistic regression, by AdaGrad, over pooled sentences.

Nothing but the standard library, and the same result every time: the order of the texts is shuffled from a fixed seed
and all sums are made in one order.
"""

import random
from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from math import exp, sqrt

from outreach.core.hunch import BITS, SHARPNESS, pooled, share

#: All of these are in the digest that the weights carry.
ROUNDS = 14
STEP = 0.12
SHRINK = 1e-4
SEED = 4
#: Traits of fewer texts are passed over: chance, mostly, and what is left finds its hash to itself.
FEWEST = 3


@dataclass(frozen=True, slots=True)
class Example:
    """A text as hashes: of each sentence, and of the whole. `target`: 1 a wish, 0 none."""

    sentences: Sequence[Sequence[int]]
    whole: Sequence[int]
    target: float
    counts: Sequence[float] = ()

    @property
    def parts(self) -> tuple[Sequence[Sequence[int]], Sequence[float]]:
        """The sentences, and what one trait of each counts."""
        return self.sentences, self.counts or [share(len(some)) for some in self.sentences]

    def less(self, kept: Container[int]) -> "Example":
        """With only the `kept` hashes, each counting what it did."""
        sentences = [[n for n in some if n in kept] for some in self.sentences]
        return replace(self, sentences=sentences, whole=[n for n in self.whole if n in kept], counts=self.parts[1])


@dataclass(slots=True)
class Model:
    """Weights under way. `moved`: the squares of all steps so far; much moved weights move less."""

    weights: list[float]
    moved: list[float]
    bias: float = 0.0

    def weight(self, example: Example) -> float:
        """As `Hunch.weight`, before the weights are rounded."""
        return pooled(self._each(example)) + sum(map(self.weights.__getitem__, example.whole)) + self.bias

    def _each(self, example: Example) -> list[float]:
        return [sum(map(self.weights.__getitem__, some)) * part for some, part in zip(*example.parts, strict=True)]

    def step(self, example: Example) -> None:
        """A little nearer to what this example is."""
        each = self._each(example)
        total = pooled(each) + sum(map(self.weights.__getitem__, example.whole)) + self.bias
        wrong = 1 / (1 + exp(-max(-30.0, min(30.0, total)))) - example.target
        self.bias -= STEP / 20 * wrong
        self._move(example.whole, wrong)
        most = max(each, default=0.0)
        parts = [exp(SHARPNESS * (one - most)) for one in each]
        for some, counts, part in zip(*example.parts, parts, strict=True):
            if part > 1e-4:
                self._move(some, wrong * part / sum(parts) * counts)

    def _move(self, numbers: Sequence[int], slope: float) -> None:
        weights, moved = self.weights, self.moved
        for n in numbers:
            down = slope + SHRINK * weights[n]
            moved[n] += down * down
            weights[n] -= STEP * down / sqrt(moved[n] + 1e-8)


def learned(examples: Sequence[Example]) -> Model:
    """The model that fits `examples`; about a second for every thousand and round."""
    size = 1 << BITS
    model = Model([0.0] * size, [0.0] * size)
    seen = Counter(n for example in examples for n in {*example.whole}.union(*example.sentences))
    kept = {n for n, texts in seen.items() if texts >= FEWEST}
    order = [example.less(kept) for example in examples]
    shuffler = random.Random(SEED)
    for _ in range(ROUNDS):
        shuffler.shuffle(order)
        for example in order:
            model.step(example)
    return model
