"""How does a test tell the crew what to do? It starts members, waits for their ends, and sends them signals."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.flows.stage import ROOT

#: Short enough for a test that waits for it, long enough for a machine that is busy: one call in all, in seconds.
QUICK = {"DEADLINE": 1.0}


@dataclass(frozen=True)
class End:
    """How a member of the crew fared: its exit code, or the signal that stopped it."""

    ended: int | None = None
    stopped: int | None = None

    @property
    def killed(self) -> bool:
        return self.ended == -signal.SIGKILL

    @property
    def well(self) -> bool:
        return self.ended == 0


@dataclass
class Crew:
    """Processes of the program. `code`: the folder that holds the package `outreach` they run."""

    code: Path = ROOT
    project: Path = field(init=False)
    log: Path = field(init=False)

    def __post_init__(self) -> None:
        path = os.pathsep.join(dict.fromkeys([str(self.code), str(ROOT)]))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.crew"],
            cwd=self.code,
            env={**os.environ, "PYTHONPATH": path},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        said = self._said()
        assert said["code"] == str(self.code / "outreach"), "the crew runs other code than it should"

    def serve(self, project: Path) -> "Crew":
        """Work for this project from now on; what they write goes into a log of its own."""
        self.project, self.log = project, project.parent / f"{project.name}.log"
        self.log.touch()
        self._ask(do="prepare", project=str(project))
        return self

    def start(self, role: str, *, fail_at: str = "", **told: Any) -> int:
        """Start one; returns its process id."""
        environment = {"OUTREACH_FAIL_AT": fail_at} if fail_at else {}
        order = {"role": role, "project": str(self.project), "log": str(self.log), "shorten": QUICK, **told}
        order["environment"] = {**environment, **told.get("environment", {})}
        pid: int = self._ask(do="start", **order)["pid"]
        return pid

    def wait(self, pid: int) -> End:
        """Until it ends or stops itself."""
        return End(**self._ask(do="wait", pid=pid))

    def look(self, pid: int) -> End:
        """How it is, without waiting."""
        return End(**self._ask(do="wait", pid=pid, patient=False))

    def signal(self, pid: int, number: int) -> None:
        self._ask(do="signal", pid=pid, number=number)

    def run(self, role: str, *, fail_at: str = "", **told: Any) -> End:
        """Start one and wait."""
        return self.wait(self.start(role, fail_at=fail_at, **told))

    def does(self, *roles: str, **told: Any) -> None:
        """Run these one after the other; each must end well."""
        for role in roles:
            end = self.run(role, **told)
            assert end.well, f"{role}: {end}\n{self.log.read_text(errors='replace')[-3000:]}"

    def _ask(self, **told: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(told) + "\n")
        self._process.stdin.flush()
        return self._said()

    def _said(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the crew is gone")
        found: dict[str, Any] = json.loads(line)
        return found

    def dismiss(self) -> None:
        """End everybody at once; others may be started."""
        self._ask(do="dismiss")

    def close(self) -> None:
        """End everybody, for good."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(20)
        self._process.stdout.close()
