"""Make outreach/hunch/weights.bin from tests/payloads/wishes: .venv/bin/python -m tests.hearing.train"""

import hashlib
import json
import sys
import zlib
from array import array

from outreach.core.wording import marks, prepared
from outreach.wishes_words import FILE, GLOSSARY, WEIGHTS, glossary, wording
from tests.hearing import examples as made
from tests.hearing import learner, texts

#: Where a message is a wish, may be one, and is surely none even if a phrase says otherwise. Lower, and more ordinary
#: texts of the exam are taken for a wish; higher, and as many more wishes are missed, which is worse.
STOP, UNSURE, ORDINARY = -0.25, -1.0, -3.0
#: Where it is one if a phrase of `stop` says so too.
PHRASED = -0.75
#: Where it is one though a phrase says that nobody can tell ("no thanks").
DOUBTED = 0.75
#: What decides the weights besides the texts, the words and the glossary.
_SOURCES = (
    *(f"outreach/core/{name}.py" for name in ("glossary", "hunch", "phrases", "plain_words", "reading", "slips")),
    *(f"outreach/core/{name}.py" for name in ("traits", "wording")),
    *(f"tests/hearing/{name}.py" for name in ("examples", "learner", "texts", "train")),
)


def digest() -> str:
    """A SHA-256 over all that decides the weights: texts, words, glossary, and how they are learned."""
    paths = [*sorted(texts.FOLDER.glob("*.tsv")), texts.ROOT / FILE, GLOSSARY, *(texts.ROOT / one for one in _SOURCES)]
    whole = hashlib.sha256()
    for path in paths:
        whole.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def main() -> None:
    """Learn, and write the file."""
    said, words = texts.texts(), prepared(wording(texts.ROOT))
    seen = made.examples(said, words, glossary())
    WEIGHTS.write_bytes(packed(learner.learned(seen), len(said)))
    print(f"{WEIGHTS.relative_to(texts.ROOT)}: {WEIGHTS.stat().st_size:,} bytes from {len(said):,} texts")


def packed(model: learner.Model, count: int) -> bytes:
    """The file as `wishes_words.unpacked` reads it."""
    known = sorted(set(marks(wording(texts.ROOT))))
    unit = max(map(abs, model.weights)) / 32_000
    head = {
        "learned_from": digest(), "texts": count, "marks": len(known), "unit": unit, "bias": model.bias,
        "stop": STOP, "unsure": UNSURE, "ordinary": ORDINARY, "phrased": PHRASED, "doubted": DOUBTED,
    }  # fmt: skip
    numbers, weights = array("I", known), array("h", (round(weight / unit) for weight in model.weights))
    if sys.byteorder == "big":
        numbers.byteswap()
        weights.byteswap()
    return json.dumps(head).encode() + b"\n" + zlib.compress(numbers.tobytes() + weights.tobytes(), 9)


if __name__ == "__main__":
    main()
