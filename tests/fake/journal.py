"""What did the fake provider take? One line per hand-off, on disk before any answer leaves.

A line is written by one write(2), so it outlives a kill -9 of the fake. Duplicates are written like everything else:
to find them is what the journal is for.
"""

import hashlib
import json
import os
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class Line:
    """One hand-off, taken or not.

    `at` is wall time, `mono` CLOCK_MONOTONIC (the same for every process of this machine), both in seconds, of the
    moment the whole request was here. `to` is a hash, `sum` the body's CRC-32; `wait`: seconds we told the sender to
    stay away. `kept`: what the vendor's own list of messages must show again.
    """

    provider: str
    reference: str
    to: str
    sum: int
    took: bool
    behaviour: str
    at: float
    mono: float
    id: str | None = None
    wait: float | None = None
    wrong: str | None = None
    kept: dict[str, str] | None = None


_NAMES = tuple(field.name for field in fields(Line))


def hashed(address: str) -> str:
    """An address as the journal writes it."""
    return hashlib.sha256(address.strip().lower().encode()).hexdigest()[:16]


class Journal:
    """The file, and what was taken so far by reference. An existing file is read first: a restart forgets nothing."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.taken = Counter[str]()
        self.seen = Counter[tuple[str, str]]()
        self.wrong: list[str] = []
        self.kept: dict[str, Line] = {}  # by the vendor's id
        for line in read(path) if path.exists() else ():
            self._count(line)
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def write(self, line: Line) -> None:
        """Returns when the line would outlive this process."""
        said = {name: value for name in _NAMES if (value := getattr(line, name)) is not None}
        os.write(self._file, orjson.dumps(said) + b"\n")
        self._count(line)

    def _count(self, line: Line) -> None:
        self.seen[line.provider, line.behaviour] += 1
        if line.took:
            self.taken[line.reference] += 1
        if line.wrong and len(self.wrong) < 20:
            self.wrong.append(line.wrong)
        if line.kept is not None and line.id is not None and line.took:
            self.kept[line.id] = line

    def forget(self) -> None:
        """Begin anew, for the next test."""
        os.ftruncate(self._file, 0)
        self.taken.clear()
        self.seen.clear()
        self.wrong.clear()
        self.kept.clear()

    def summary(self) -> dict[str, Any]:
        """Counts for people and tests; the file has the rest."""
        twice = {reference: n for reference, n in self.taken.items() if n > 1}
        asked: dict[str, dict[str, int]] = {}
        for (provider, behaviour), n in sorted(self.seen.items()):
            asked.setdefault(provider, {})[behaviour] = n
        return {
            "taken": self.taken.total(),
            "references": len(self.taken),
            "twice": dict(sorted(twice.items())[:20]),
            "asked": asked,
            "wrong": self.wrong,
        }

    def close(self) -> None:
        os.close(self._file)


def now() -> tuple[float, float]:
    """(wall time, monotonic time)"""
    return time.time(), time.monotonic()


def read(path: Path) -> Iterator[Line]:
    """Every line of a journal; a last line cut by a crash is left out."""
    with path.open(encoding="utf-8") as file:
        for text in file:
            if text.endswith("\n"):
                yield Line(**json.loads(text))
