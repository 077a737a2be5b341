"""How is it made sure that one template is published at a time? A lock that death frees."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from outreach.core.errors import Busy, Misuse
from outreach.flows.app import App
from outreach.store.engine import session_lock

_LOCK = 823_549


@contextmanager
def alone(app: App, *, dry: bool = False) -> Iterator[None]:
    """Hold flock on .outreach/publish.lock, and on PostgreSQL an advisory lock for people on other machines.

    From reading the file to the line in the audit, so that disk, git and history tell one story. A dry run writes
    nothing and needs none. Raises Busy (OUT-189, exit 75).
    """
    if dry:
        yield
        return
    path = app.project / ".outreach" / "publish.lock"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a", encoding="utf-8")
    except OSError as error:
        raise Misuse("OUT-110", f".outreach/publish.lock cannot be written: {error.strerror}") from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _busy() from None
        with session_lock(app.engine, _LOCK) as got:
            if not got:
                raise _busy()
            yield


def _busy() -> Busy:
    facts = ("nothing was written by this one. Exit 75: safe to try again",)
    return Busy("OUT-189", "somebody else is publishing just now", facts=facts, help="wait a moment, then again")
