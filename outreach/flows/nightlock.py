"""How is it made sure that one nightly works at a time? A lock that death frees."""

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from outreach.core.errors import Busy
from outreach.flows.app import App
from outreach.store.engine import session_lock

_LOCK = 823_548


@contextmanager
def alone(app: App) -> Iterator[None]:
    """Hold flock on .outreach/nightly.lock, and on PostgreSQL an advisory lock for nights on other machines.

    Raises Busy (OUT-301, exit 75) naming who holds it.
    """
    path = app.project / ".outreach" / "nightly.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _busy(_holder(path)) from None
        with session_lock(app.engine, _LOCK) as got:
            if not got:
                raise _busy("on another machine")
            file.truncate(0)
            now = datetime.now(UTC).strftime("%H:%M:%S")
            file.write(f"since {now} UTC, pid {os.getpid()}, {socket.gethostname()}")
            file.flush()
            yield


def holder(app: App) -> str | None:
    """Who is working on a night on this machine, or None."""
    path = app.project / ".outreach" / "nightly.lock"
    if not path.is_file():
        return None
    with path.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _holder(path)
    return None


def _holder(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip() or "just started"


def _busy(who: str) -> Busy:
    facts = ("nothing was sent by this one. Exit 75: safe to try again",)
    return Busy("OUT-301", f"another nightly is running ({who})", facts=facts, help="outreach status")
