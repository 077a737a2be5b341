"""Which process holds a message, and is it surely gone?"""

import os
import socket
from functools import cache
from pathlib import Path


@cache
def _host() -> str:
    return socket.gethostname()


def me() -> str:
    """host:pid:start, where start tells this process from a later one with the same number."""
    return f"{_host()}:{os.getpid()}:{_started(os.getpid())}"


def is_gone(owner: str | None) -> bool:
    """Whether the process is surely dead, and so can send nothing any more. None: its call ended by itself.

    Of another machine nobody can tell: False.
    """
    if owner is None:
        return True
    host, _, rest = owner.partition(":")
    number, _, started = rest.partition(":")
    if host != _host() or not number.isdigit() or not started:
        return False
    return _started(int(number)) != started


def _started(pid: int) -> str:
    """The moment a process started, as the kernel counts it; empty when there is none (proc(5), stat, field 22)."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
    return text.rpartition(")")[2].split()[19]
