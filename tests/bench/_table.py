"""How do the figures look on a screen of 80 columns, and which budgets of speed.md do they meet?"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

#: database -> size -> stage -> what was measured (median run).
Figures = Mapping[str, Mapping[int, Mapping[str, Mapping[str, Any]]]]
_HEAD = f"{'stage':<22}{'rows':>9}{'seconds':>9}{'rows/s':>11}{'x bare':>8}{'peak MB':>9}{'growth':>8}"
DELIVERY = ("scan delivery_check", "scan we_were_late", "scan running_late")


@dataclass(frozen=True)
class Budget:
    """One line of speed.md. `figure` of one database's stages; met when `holds`."""

    said: str
    figure: Callable[[Mapping[str, Any]], float]
    holds: Callable[[float], bool]
    unit: str
    only: str | None = None


def table(kind: str, sizes: tuple[int, int], figures: Figures) -> Iterator[str]:
    """One database. `growth`: time at the bigger size over time at the smaller one."""
    small, big = (figures[kind][size] for size in sizes)
    yield f"{kind}: {sizes[1]:,} customers; growth is from {sizes[0]:,}"
    yield _HEAD
    for stage, found in big.items():
        if stage in ("find", "history"):
            continue
        bare = f"{found['seconds'] / found['bare']:.1f}" if found["bare"] else ""
        growth = f"{found['seconds'] / small[stage]['seconds']:.1f}" if stage in small else ""
        rate = found["rows"] / found["seconds"]
        yield (
            f"{stage:<22}{found['rows']:>9,}{found['seconds']:>9.3f}{rate:>11,.0f}{bare:>8}{found['peak']:>9.0f}"
            f"{growth:>8}"
        )
    old = big.get("history") or small["history"]
    grown = old["seconds"] / old["more"]["before"]
    yield f"three delivery scans with ten times the history, same day's changes: x {grown:.1f}"
    yield f"candidates a message: {big['plan']['rows'] / max(1, big['render']['rows']):.1f}"


def _rate(stage: str) -> Callable[[Mapping[str, Any]], float]:
    return lambda f: float(f[stage]["rows"] / f[stage]["seconds"])


def _both(f: Mapping[str, Any]) -> float:
    return float(f["render"]["rows"] / (f["plan"]["seconds"] + f["render"]["seconds"]))


def _import_200k(f: Mapping[str, Any]) -> float:
    """Seconds for 200,000 rows at the rate of all four files (orders and lines are nearly all of them)."""
    return 200_000.0 / _rate("import")(f)


def budgets(limits: Mapping[str, float]) -> list[Budget]:
    """The budgets of this issue. `limits`: the figures that differ by database."""
    return [
        Budget(
            f"three delivery scans <= {limits['scans']:.0f} ms",
            lambda f: 1e3 * sum(f[name]["seconds"] for name in DELIVERY),
            lambda x: x <= limits["scans"],
            "ms",
        ),
        Budget(
            "ten times the history <= 1.5 x",
            lambda f: float(f["history"]["seconds"] / f["history"]["more"]["before"]),
            lambda x: x <= 1.5,
            "x",
        ),
        Budget(
            "decide <= 10 us a customer",
            lambda f: float(f["decide"]["more"]["us_per_customer"]),
            lambda x: x <= 10,
            "us",
        ),
        Budget(f"plan >= {limits['plan']:,.0f}/s", _rate("plan"), lambda x: x >= limits["plan"], "/s"),
        Budget("plan + render >= 4,000 messages/s", _both, lambda x: x >= 4_000, "/s"),
        Budget("outbox row <= 600 B", lambda f: float(f["render"]["more"]["outbox_bytes"]), lambda x: x <= 600, "B"),
        Budget("content <= 1,536 B", lambda f: float(f["render"]["more"]["content_bytes"]), lambda x: x <= 1_536, "B"),
        Budget("parse >= 100,000 rows/s", _rate("parse"), lambda x: x >= 100_000, "/s"),
        Budget("import 200,000 rows <= 20 s", _import_200k, lambda x: x <= 20, "s"),
        Budget("import <= 250 MB", lambda f: float(f["import"]["peak"]), lambda x: x <= 250, "MB"),
        Budget("small shop's night <= 30 s", lambda f: float(f["night"]["seconds"]), lambda x: x <= 30, "s"),
        Budget("small shop's night <= 150 MB", lambda f: float(f["night"]["peak"]), lambda x: x <= 150, "MB"),
    ]


LIMITS = {"sqlite": {"scans": 100.0, "plan": 20_000.0}, "postgresql": {"scans": 200.0, "plan": 10_000.0}}


def verdicts(kind: str, found: Mapping[str, Any], help_seconds: float) -> Iterator[tuple[str, bool, str]]:
    """(budget, met, the figure in words)."""
    for budget in budgets(LIMITS[kind]):
        value = budget.figure(found)
        shown = f"{value:,.1f}" if value < 100 else f"{value:,.0f}"
        yield budget.said, budget.holds(value), f"{shown} {budget.unit}".replace(" /s", "/s")
    yield "outreach --help <= 0.3 s", help_seconds <= 0.3, f"{help_seconds:.2f} s"
