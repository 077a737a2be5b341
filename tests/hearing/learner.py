"""How do weights follow from texts whose meaning is known? Logistic regression, by AdaGrad, over pooled sentences.

Nothing but the standard library, and the same result every time: the orders of the texts are shuffled from fixed seeds
and all sums are made in one order.
"""

import random
from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from math import exp, sqrt

from outreach.core.hunch import BITS, SHARPNESS, pooled, share

#: All of these are in the digest that the weights carry.
ROUNDS = 8
STEP = 0.12
SHRINK = 1e-4
#: What a model makes of rare words depends on the order in which it met the texts. So two learn, each in an order of
#: its own, and the weights are the means of theirs: a tenth of the mistakes go with that, as with four.
SEEDS = (4, 5)
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
    """The mean of the models that fit `examples`; two seconds for every thousand and round."""
    seen = Counter(n for example in examples for n in {*example.whole}.union(*example.sentences))
    kept = {n for n, texts in seen.items() if texts >= FEWEST}
    ready = [example.less(kept) for example in examples]
    models = [_one(ready, random.Random(seed)) for seed in SEEDS]
    weights = [sum(those) / len(SEEDS) for those in zip(*(model.weights for model in models), strict=True)]
    return Model(weights, [], sum(model.bias for model in models) / len(SEEDS))


def _one(examples: Sequence[Example], shuffler: random.Random) -> Model:
    """A model that met them in one order."""
    size, order = 1 << BITS, list(examples)
    model = Model([0.0] * size, [0.0] * size)
    for _ in range(ROUNDS):
        shuffler.shuffle(order)
        for example in order:
            model.step(example)
    return model
