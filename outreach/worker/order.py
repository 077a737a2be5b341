"""What is one worker process told, and what does it say at its end?

The overseer starts it as a program of its own, so everything passes as words: the order in its arguments, the result
as one line of JSON on its stdout.
"""

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from outreach.core.errors import Problem
from outreach.core.terms import Channel


@dataclass(frozen=True, slots=True)
class Order:
    """`channels`: those to serve. `threads`: hints taken at once. `until_empty`: end when nothing is due."""

    project: Path
    channels: tuple[Channel, ...]
    threads: int = 2
    until_empty: bool = False
    verbose: int = 0

    def command(self) -> list[str]:
        """How a process of its own is started with this order."""
        told = {
            "project": str(self.project),
            "channels": list(self.channels),
            "threads": self.threads,
            "until_empty": self.until_empty,
            "verbose": self.verbose,
        }
        return [sys.executable, "-P", "-m", "outreach.worker", json.dumps(told)]

    @staticmethod
    def environment() -> dict[str, str]:
        """Ours; and this very package is the one it finds, whatever lies in the folder it starts in."""
        here = str(Path(__file__).parents[2])
        return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (here, os.environ.get("PYTHONPATH"))))}

    @staticmethod
    def read(words: Sequence[str]) -> "Order":
        """The order of a process that was started with it."""
        told = json.loads(words[0])
        channels = tuple(Channel(name) for name in told.pop("channels"))
        return Order(project=Path(told.pop("project")), channels=channels, **told)


@dataclass(frozen=True, slots=True)
class Result:
    """How one process ended: its exit code, what became of messages by state, and what stopped it, if anything did."""

    code: int
    states: dict[str, int]
    problem: dict[str, Any] | None = None

    @staticmethod
    def of(code: int, states: dict[str, int], problem: Problem | None = None) -> "Result":
        """With a problem as another process can read it."""
        if problem is None:
            return Result(code, states)
        said = {"code": problem.code, "message": problem.message, "facts": problem.facts, "help": problem.help}
        return Result(problem.exit_code, states, said)

    def line(self) -> str:
        """As one line."""
        return json.dumps(asdict(self))

    @staticmethod
    def read(code: int, said: str) -> "Result":
        """What a process that ended with `code` said last; one that was killed said nothing."""
        lines = said.strip().splitlines()
        try:
            told = json.loads(lines[-1]) if lines else {}
        except json.JSONDecodeError:
            told = {}
        return Result(code, told.get("states", {}), told.get("problem"))
