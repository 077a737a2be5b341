"""How does a test start a real `outreach worker`, hear what it says, and know that a process is gone?"""

import json
import os
import re
import select
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from outreach.worker.order import Order

ROOT = Path(__file__).resolve().parents[2]
_MAIN = "import sys; from outreach.cli.main import main; sys.exit(main(sys.argv[1:]))"
#: How long anything may take before the test is given up, in seconds.
PATIENCE = 40.0


@dataclass
class Started:
    """One worker with its processes. `said`: what it logged so far, JSON lines as values."""

    program: "subprocess.Popen[str]"
    said: list[dict[str, Any]] = field(default_factory=list)
    text: str = ""

    def until(self, event: str, *, times: int = 1) -> list[dict[str, Any]]:
        """Read its log until it said so, so often."""
        while len(found := [line for line in self.said if line.get("event") == event]) < times:
            assert self._read(), f"it ended without saying {event!r}: {self.text}"
        return found

    def _read(self) -> bool:
        assert self.program.stderr is not None
        line = self.program.stderr.readline()
        self.text += line
        if line.startswith("{"):
            self.said.append(json.loads(line))
        return bool(line)

    def done(self) -> tuple[int, dict[str, Any]]:
        """Its exit code and its one JSON document, when it ended."""
        while self._read():
            pass
        assert self.program.stdout is not None
        out = self.program.stdout.read()
        return self.program.wait(PATIENCE), json.loads(out) if out.startswith("{") else {}

    def signal(self, number: signal.Signals) -> None:
        self.program.send_signal(number)

    def children(self) -> list[int]:
        """The processes it runs, as they said themselves when they started."""
        return [int(line["owner"].split(":")[1]) for line in self.said if line.get("event") == "started"]

    def end(self) -> None:
        for pid in self.children():
            _kill(pid)
        self.program.kill()
        self.program.wait()
        for pipe in (self.program.stdout, self.program.stderr):
            if pipe is not None:
                pipe.close()


@dataclass(frozen=True)
class Starter:
    """`start(project, "--processes", 2, OUTREACH_REDIS_URL=...)`."""

    running: list[Started]

    def __call__(self, project: Path, *words: object, **environment: str) -> Started:
        words = ("-c", _MAIN, "-C", project, "--json", "-v", "worker", *words)
        return self._started(words, environment)

    def live(self, order: Order, processes: int, **environment: str) -> Started:
        """The same in live mode (tests.worker.live_worker)."""
        return self._started(("-m", "tests.worker.live_worker", order.command()[-1], processes), environment)

    def _started(self, words: Sequence[object], environment: Mapping[str, str]) -> Started:
        self.running.append(Started(_program(words, environment)))
        return self.running[-1]


def typed(project: Path, *words: object, **environment: str) -> tuple[int, str, str]:
    """Type a command in a process of its own: (exit code, stdout, stderr)."""
    program = _program(("-c", _MAIN, "-C", project, *words), environment)
    out, err = program.communicate(timeout=PATIENCE)
    return program.returncode, out, err


def _program(words: Sequence[object], environment: Mapping[str, str]) -> "subprocess.Popen[str]":
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OUTREACH_")}
    return subprocess.Popen(
        [sys.executable, *map(str, words)],
        cwd=ROOT,
        env={**kept, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def gone(pid: int, *, within: float = PATIENCE) -> bool:
    """Whether a process that need not be our child ends in time."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], within)[0])
    finally:
        os.close(handle)


def _kill(pid: int) -> None:
    """One we started; a number that is somebody else's by now is left alone."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
        if re.search(rb"outreach\.worker|live_worker", command):
            os.kill(pid, signal.SIGKILL)
    except (FileNotFoundError, ProcessLookupError):
        return
