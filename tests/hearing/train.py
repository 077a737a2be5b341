"""Make outreach/hunch/weights.bin from tests/payloads/wishes: .venv/bin/python -m tests.hearing.train

With --folds first: each file is heard by weights learned without it, and what came of that is printed.
"""

import hashlib
import json
import sys
import zlib
from array import array
from collections.abc import Sequence
from pathlib import Path

from outreach.core.wording import marks, prepared
from outreach.wishes_words import FILE, GLOSSARY, WEIGHTS, glossary, wording
from tests.hearing import examples as made
from tests.hearing import folds, learner, texts

#: From the scores of texts that were not learned from (folds); see docs/hearing.md.
STOP, UNSURE, ORDINARY = 0.6, -1.2, -3.5
_SOURCES = (
    "outreach/core/traits.py", "outreach/core/hunch.py", "outreach/core/glossary.py", "outreach/core/plain_words.py",
    "outreach/core/phrases.py", "outreach/core/slips.py", "outreach/core/reading.py", "tests/hearing/learner.py",
    "tests/hearing/examples.py", "tests/hearing/texts.py",
)  # fmt: skip


def digest() -> str:
    """A SHA-256 over all that decides the weights: texts, words, glossary, and how they are learned."""
    paths = [*sorted(texts.FOLDER.glob("*.tsv")), texts.ROOT / FILE, GLOSSARY, *(texts.ROOT / one for one in _SOURCES)]
    whole = hashlib.sha256()
    for path in paths:
        whole.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def main(arguments: Sequence[str]) -> None:
    said = texts.texts()
    words = prepared(wording(texts.ROOT))
    seen = made.examples(said, words, glossary())
    if "--folds" in arguments:
        folds.report(said, seen, STOP, UNSURE)
    model = learner.learned(seen)
    WEIGHTS.write_bytes(packed(model, sorted(set(marks(wording(texts.ROOT)))), len(said)))
    print(f"{WEIGHTS.relative_to(texts.ROOT)}: {WEIGHTS.stat().st_size:,} bytes from {len(said):,} texts")


def packed(model: learner.Model, known: Sequence[int], count: int) -> bytes:
    """The file as `wishes_words.hunch` reads it."""
    unit = max(map(abs, model.weights)) / 32_000
    head = {
        "learned_from": digest(), "texts": count, "marks": len(known), "unit": unit, "bias": model.bias,
        "stop": STOP, "unsure": UNSURE, "ordinary": ORDINARY,
    }  # fmt: skip
    numbers, weights = array("I", known), array("h", (round(weight / unit) for weight in model.weights))
    if sys.byteorder == "big":
        numbers.byteswap()
        weights.byteswap()
    return json.dumps(head).encode() + b"\n" + zlib.compress(numbers.tobytes() + weights.tobytes(), 9)


if __name__ == "__main__":
    main(sys.argv[1:])
