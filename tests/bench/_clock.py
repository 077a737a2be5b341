"""How long did it take, how busy were this process and the database, and how much memory did it ever hold?"""

import resource
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.bench import _server

_STATUS, _RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


@dataclass(frozen=True)
class Cost:
    """Seconds by the wall, and seconds of work: this process's and the database server's, whoever else runs here."""

    wall: float
    busy: float

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.wall + other.wall, self.busy + other.busy)


NOTHING = Cost(0.0, 0.0)


@dataclass(frozen=True)
class Measured:
    """One run of one stage. `rows`: what its rate counts; `bare`: the bare work's cost; `peak`: MB."""

    cost: Cost
    rows: int
    peak: float
    bare: Cost | None = None
    more: dict[str, Any] | None = None

    def plain(self) -> dict[str, Any]:
        return asdict(self)


def timed(work: Callable[[], int]) -> Measured:
    """Run it once. `work` returns how many rows it did."""
    _forget_peak()
    rows: list[int] = []
    cost = spent(lambda: rows.append(work()))
    return Measured(cost, rows[0], peak_mb())


def spent(work: Callable[[], Any]) -> Cost:
    """What one run costs. Where nobody can tell what the server did, all the time counts as work."""
    before = _server.busy()
    alone = used(work)
    after = _server.busy()
    return Cost(alone.wall, alone.wall if after is None or before is None else alone.busy + after - before)


def used(work: Callable[[], Any]) -> Cost:
    """What one run costs that asks no database."""
    began, busy = time.perf_counter(), time.process_time()
    work()
    return Cost(time.perf_counter() - began, time.process_time() - busy)


def middle(costs: Iterable[Cost]) -> Cost:
    """The median run, by its work."""
    ordered = sorted(costs, key=lambda cost: cost.busy)
    return ordered[len(ordered) // 2]


def _forget_peak() -> None:
    """Linux can begin the high-water mark anew; elsewhere it is the whole process's."""
    try:
        _RESET.write_text("5")
    except OSError:
        return


def peak_mb() -> float:
    """The most memory this process held at once. Not ru_maxrss on Linux: that remembers the parent's, too."""
    if _STATUS.is_file():
        line = next(x for x in _STATUS.read_text().splitlines() if x.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
