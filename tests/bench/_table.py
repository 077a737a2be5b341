"""How do the figures look on a screen of 80 columns, and which budgets of speed.md do they meet?"""

from collections.abc import Iterator, Mapping
from typing import Any

#: database -> size -> stage -> what was measured (median run).
Stage = Mapping[str, Any]
Figures = Mapping[str, Mapping[int, Mapping[str, Stage]]]
_HEAD = f"{'stage':<22}{'rows':>8}{'wall s':>8}{'busy s':>8}{'rows/s':>10}{'x bare':>7}{'MB':>6}{'growth':>8}"
DELIVERY = ("scan delivery_check", "scan we_were_late", "scan running_late")


def seconds(cost: Mapping[str, float]) -> float:
    """What a stage is judged by: the work of this process and of the database server, whatever else the machine does.

    They take turns, so this is the wall of a machine that does nothing else.
    """
    return max(1e-9, cost["busy"])


def table(kind: str, sizes: tuple[int, int], figures: Figures) -> Iterator[str]:
    """One database. `growth`: cost at the bigger size over cost at the smaller one."""
    small, big = (figures[kind][size] for size in sizes)
    yield f"{kind}: {sizes[1]:,} customers, {3 * sizes[1]:,} orders; growth is from {sizes[0]:,} customers"
    yield _HEAD
    for stage, found in big.items():
        if stage not in ("find", "history", "night"):
            yield _line(stage, found, small[stage])
    yield f"three delivery scans with ten times the history, same day's changes: x {_older(big):.1f}"
    yield f"candidates a message: {big['plan']['rows'] / max(1, big['render']['rows']):.1f}"


def _line(stage: str, found: Stage, before: Stage) -> str:
    cost = seconds(found["cost"])
    bare = f"{cost / seconds(found['bare']):.1f}" if found["bare"] else ""
    return (
        f"{stage:<22}{found['rows']:>8,}{found['cost']['wall']:>8.3f}{found['cost']['busy']:>8.3f}"
        f"{found['rows'] / cost:>10,.0f}{bare:>7}{found['peak']:>6.0f}{cost / seconds(before['cost']):>8.1f}"
    )


def _older(stages: Mapping[str, Stage]) -> float:
    found = stages["history"]
    return seconds(found["cost"]) / seconds(found["bare"])


def budgets(kind: str, f: Mapping[str, Stage]) -> list[tuple[str, float, str, bool]]:
    """(what speed.md asks, the figure, its unit, met) for the budgets of this issue."""
    cost = {name: seconds(found["cost"]) for name, found in f.items()}
    rate = {name: found["rows"] / cost[name] for name, found in f.items()}
    sizes, scans, plan = f["render"]["more"], 1e3 * sum(cost[name] for name in DELIVERY), LIMITS[kind]["plan"]
    decide = 1e6 * f["decide"]["cost"]["busy"] / max(1, f["decide"]["more"]["customers"])
    both = f["render"]["rows"] / (cost["plan"] + cost["render"])
    whole = 200_000 / rate["import"]  # orders and their lines are nearly all of its rows
    return [
        (f"three delivery scans <= {LIMITS[kind]['scans']:.0f} ms", scans, "ms", scans <= LIMITS[kind]["scans"]),
        ("ten times the history <= 1.5 x", _older(f), "x", _older(f) <= 1.5),
        ("decide <= 10 us a customer", decide, "us", decide <= 10),
        (f"plan >= {plan:,.0f} candidates/s", rate["plan"], "/s", rate["plan"] >= plan),
        ("plan + render >= 4,000 messages/s", both, "/s", both >= 4_000),
        ("outbox row <= 600 B", sizes["outbox_bytes"], "B", sizes["outbox_bytes"] <= 600),
        ("content <= 1,536 B", sizes["content_bytes"], "B", sizes["content_bytes"] <= 1_536),
        ("parse >= 100,000 rows/s", rate["parse"], "/s", rate["parse"] >= 100_000),
        ("import 200,000 rows <= 20 s", whole, "s", whole <= 20),
        ("import <= 250 MB", f["import"]["peak"], "MB", f["import"]["peak"] <= 250),
        ("small shop's night <= 30 s", f["night"]["cost"]["wall"], "s", f["night"]["cost"]["wall"] <= 30),
        ("small shop's night <= 150 MB", f["night"]["peak"], "MB", f["night"]["peak"] <= 150),
    ]


LIMITS = {"sqlite": {"scans": 100.0, "plan": 20_000.0}, "postgresql": {"scans": 200.0, "plan": 10_000.0}}


def verdicts(kind: str, found: Mapping[str, Stage], help_seconds: float) -> Iterator[tuple[str, bool, str]]:
    """(budget, met, the figure in words)."""
    asked = [*budgets(kind, found), ("outreach --help <= 0.3 s", help_seconds, "s", help_seconds <= 0.3)]
    for said, value, unit, met in asked:
        shown = f"{value:,.2f}" if value < 1 else f"{value:,.1f}" if value < 100 else f"{value:,.0f}"
        yield said, met, f"{shown} {unit}".replace(" /s", "/s")
