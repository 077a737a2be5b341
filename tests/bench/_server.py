"""How busy was the database server? PostgreSQL works in processes of its own; SQLite works in ours."""

import os
from functools import cache
from pathlib import Path

import psycopg
import sqlalchemy as sa

_PROC = Path("/proc")


def busy() -> float | None:
    """Seconds the server of OUTREACH_DATABASE_URL has worked so far: 0 for SQLite, None where nobody can tell.

    Of its living processes by the nanosecond, of those that ended by the clock tick.
    """
    url = os.environ.get("OUTREACH_DATABASE_URL", "")
    if not url.startswith("postgresql"):
        return 0.0
    chief = _chief(url)
    if chief is None:
        return None
    children = (_PROC / f"{chief}/task/{chief}/children").read_text().split()
    ended = sum(int(ticks) for ticks in _fields(chief)[15:17]) / os.sysconf("SC_CLK_TCK")
    return ended + sum(_seconds(child) for child in children)


@cache
def _chief(url: str) -> int | None:
    """The postmaster of a server on this machine."""
    with psycopg.connect(sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)) as c:
        row = c.execute("SELECT pg_backend_pid()").fetchone()
        assert row is not None
        pid = int(row[0])
        return int(_fields(pid)[3]) if (_PROC / f"{pid}/schedstat").is_file() else None


def _fields(pid: int) -> list[str]:
    """/proc/PID/stat, numbered as in proc(5) less one; the name in brackets may hold blanks."""
    name, _, rest = (_PROC / f"{pid}/stat").read_text().rpartition(")")
    return [*name.split("(", 1), *rest.split()]


def _seconds(pid: str) -> float:
    try:
        return int((_PROC / pid / "schedstat").read_text().split()[0]) / 1e9
    except OSError:  # it has just ended
        return 0.0
