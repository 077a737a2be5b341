"""How well are people heard from whose texts nothing was learned? .venv/bin/python -m tests.hearing.exam [FILE.tsv ...]

By default the texts of tests/payloads/exam, with the shipped words and weights.
"""

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from outreach.core.keywords import Wish, heard
from outreach.wishes_words import load_words
from tests.hearing.texts import EXAM, ROOT, Text, texts, texts_of


@dataclass(frozen=True, slots=True)
class Marks:
    """What was heard: counts by wish, of those that are wishes and of ordinary texts."""

    wishes: Counter[Wish]
    ordinary: Counter[Wish]

    @property
    def stopped(self) -> float:
        """The share of wishes that stop at once."""
        return self.wishes[Wish.STOP] / max(self.wishes.total(), 1)

    @property
    def wrongly(self) -> float:
        """The share of ordinary texts that are taken for a wish."""
        return self.ordinary[Wish.STOP] / max(self.ordinary.total(), 1)

    def line(self, name: str) -> str:
        """For people."""
        parts = []
        for called, found in (("wishes", self.wishes), ("ordinary", self.ordinary)):
            stop, unsure = (100 * found[wish] / max(found.total(), 1) for wish in (Wish.STOP, Wish.UNSURE))
            parts.append(f"{found.total():5} {called}: {stop:5.1f} % stop, {unsure:4.1f} % a person looks")
        return f"{name:14} {'; '.join(parts)}"


def marks(said: Iterable[Text]) -> Marks:
    """What the program as it is hears in these."""
    words, found = load_words(ROOT), {"stop": Counter[Wish](), "ordinary": Counter[Wish](), "unsure": Counter[Wish]()}
    for text in said:
        found[text.label][heard(text.body, words, channel=text.channel).wish] += 1
    return Marks(found["stop"], found["ordinary"])


def main(files: Sequence[str]) -> None:
    """Print one line for each file, each language, and all."""
    said = [text for file in files for text in texts_of(Path(file))] if files else texts(EXAM)
    parts = [(text.file, text.language, "all") for text in said]
    for name in sorted({name for each in parts for name in each}):
        print(marks(text for text, each in zip(said, parts, strict=True) if name in each).line(name), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
