"""How is a server ended as a power cut would, and started again as it was? PostgreSQL and Redis of one's own.

What was started, and as whom, is read from the running process itself: the same program over the same folder and port.
"""

import ctypes
import os
import signal
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from tests.services import Redis, Server

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)
_PATIENCE = 30.0


@dataclass
class Mortal:
    """A server of ours that may be ended at any moment and started anew."""

    server: Server
    pid: int = 0
    _again: "subprocess.Popen[bytes] | None" = field(default=None)

    def __post_init__(self) -> None:
        assert self.server.pid is not None, "a server somebody else runs is not ended by us"
        self.pid = self.server.pid
        running = Path(f"/proc/{self.pid}")
        self._folder = os.readlink(running / "cwd")
        self._user = (running.stat().st_uid, running.stat().st_gid)
        self._program = os.readlink(running / "exe")
        self.port = urlsplit(self.server.url).port or 0
        self._options = self._redis() if isinstance(self.server, Redis) else _words(running / "cmdline")[1:]

    def end(self, number: int) -> None:
        """SIGQUIT is PostgreSQL's immediate stop, SIGKILL whatever else. Returns when it is gone."""
        os.kill(self.pid, number)
        if self._again is not None:
            self._again.wait(_PATIENCE)
            self._again = None
        until = time.monotonic() + _PATIENCE
        while Path(f"/proc/{self.pid}/fd").exists() and self._alive() and time.monotonic() < until:
            time.sleep(0.01)

    def _redis(self) -> list[str]:
        """Redis writes its own words over its command line, so these are told anew; nothing of it is kept on disk."""
        said = {"bind": "127.0.0.1", "port": str(self.port), "save": "", "appendonly": "no", "dir": self._folder}
        return [word for name, value in said.items() for word in (f"--{name}", value)]

    def _alive(self) -> bool:
        try:
            return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
        except FileNotFoundError:
            return False

    def start(self) -> None:
        """As it was. Returns when it takes connections."""
        user, group = self._user
        other = os.geteuid() != user
        self._again = subprocess.Popen(
            [self._program, *self._options],
            cwd=self._folder,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=_die_with_us,
            user=user if other else None,
            group=group if other else None,
            extra_groups=[] if other else None,
        )
        self.pid = self._again.pid
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise RuntimeError("the server did not come back")

    def close(self) -> None:
        """End it for good, with its guard."""
        if self._again is not None:
            self.end(signal.SIGQUIT)
        self.server.stop()


def _words(path: Path) -> list[str]:
    return [word.decode() for word in path.read_bytes().split(b"\0") if word]


def _die_with_us() -> None:
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)  # whoever was started in the background has it ignored
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)
