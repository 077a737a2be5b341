"""Which texts is learned from? tests/payloads/wishes, where each file is of one writer or one occasion."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from outreach.core.terms import Channel

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "tests" / "payloads" / "wishes"
#: Texts that nothing is ever learned from: by them it is told how well others are heard.
EXAM = ROOT / "tests" / "payloads" / "exam"
#: The words and phrases were mended by these until they heard them, so their hits there tell nothing new.
TUNED = frozenset({"optout", "ordinary", "unsure", "situations", "second", "third", "fourth"})
#: What is learned of a text: how likely it is a wish.
TARGETS = {"stop": 1.0, "unsure": 0.5, "ordinary": 0.0}


@dataclass(frozen=True, slots=True)
class Text:
    """One message and what it is (stop, unsure, ordinary). `file`: without its ending."""

    file: str
    label: str
    language: str
    channel: Channel
    body: str


def texts(folder: Path = FOLDER) -> list[Text]:
    """All of them, in the order of the files; without what they quote, as callers strip it."""
    return [text for path in sorted(folder.glob("*.tsv")) for text in texts_of(path)]


def texts_of(path: Path) -> Iterator[Text]:
    """Those of one file, a line each: label, language, channel, message."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            label, language, channel, body = line.split("\t")
            lines = body.replace("\\n", "\n").split("\n")
            own = "\n".join(one for one in lines if not one.startswith(">"))
            yield Text(path.stem, label, language, Channel(channel), own)
