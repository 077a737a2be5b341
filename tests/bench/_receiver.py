"""How does a bench or a test run `outreach serve pages` as a process that can be killed?"""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_START = "import sys; from outreach.cli.main import main; sys.exit(main(sys.argv[1:]))"


@dataclass
class Receiver:
    """One at a time, on a port of this machine. `peaks`: the most memory it was seen to hold, in MB."""

    project: Path
    port: int
    process: "subprocess.Popen[bytes] | None" = None
    peaks: list[float] = field(default_factory=list)

    def start(self, **environment: str) -> None:
        """Returns when it answers. Raises RuntimeError with what it said when it does not."""
        command = [sys.executable, "-c", _START, "-C", str(self.project), "serve", "pages", "--port", str(self.port)]
        log, known = self.project / "serve.log", {**os.environ, "PYTHONPATH": str(ROOT), **environment}
        with log.open("ab") as said:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=known, stdin=subprocess.DEVNULL, stdout=said, stderr=said
            )
        ends = time.monotonic() + 60
        while time.monotonic() < ends and self.process.poll() is None:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.05)
        self.end(signal.SIGKILL)
        raise RuntimeError(f"serve did not start:\n{log.read_text()[-2000:]}")

    def watch(self) -> None:
        """Note how much memory it holds at most so far (Linux)."""
        assert self.process is not None
        with suppress(OSError, StopIteration):
            lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
            self.peaks.append(int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024)

    def end(self, how: signal.Signals) -> None:
        """Send it a signal and wait until it is gone."""
        assert self.process is not None
        self.watch()
        self.process.send_signal(how)
        self.process.wait(30)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        return int(door.getsockname()[1])
