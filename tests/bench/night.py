"""How fast is a night, and does it stay so as the shop grows? `python3 dev.py bench night`

Makes shops of N/10 and N customers (three orders each), runs every stage in a process of its own on a fresh copy of
the same database, and prints rows/s, the ratio to the bare work of the same run, peak memory and growth, then the
budgets. Seconds differ from machine to machine, ratios hardly: compare those. Nothing here is a test.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from outreach.flows.start_project import start
from outreach.records.invented import write_big_shop
from tests.bench._databases import Databases, databases
from tests.bench._project import NIGHT
from tests.bench._table import table, verdicts

ROOT = Path(__file__).resolve().parents[2]
CAMPAIGNS = ("delivery_check", "we_were_late", "running_late", "upgrade_offer", "quiet_customer")
#: The small shop of speed.md: customers, orders.
SMALL_SHOP = (25_000, 100_000)
Found = dict[str, Any]


@dataclass
class Shop:
    """One size of shop on one kind of database: every stage in order, each from the state the last one left."""

    project: Path
    databases: Databases
    size: int
    runs: int
    found: dict[str, Found] = field(default_factory=dict)

    def measure(self) -> dict[str, Found]:
        """All stages; what a stage needs more than once is copied from a database that is kept."""
        self.databases.make("loaded")
        self._keep("import", [self._child("import", "loaded", self.databases.make("bare"))])
        self._keep("parse", [self._child("parse", "loaded") for _ in range(self.runs)])
        for name in CAMPAIGNS:
            self._keep(f"scan {name}", [self._child("scan", "loaded", name)])
        self.databases.copy("loaded", "found")
        self._keep("find", [self._child("find", "found")])
        self._keep("decide", [self._child("decide", "found")])
        self._several("plan", "found", "planned")
        self._several("render", "planned", "ready")
        self._several("record", "ready", "work")
        self._several("hand over, on disk", "ready", "work")
        return self.found

    def older(self) -> None:
        """What ten times the history costs; on a copy, because it is left with it."""
        self.databases.copy("loaded", "work")
        self._keep("history", [self._child("history", "work")])

    def _several(self, stage: str, source: str, target: str) -> None:
        results = []
        for _ in range(self.runs):
            self.databases.copy(source, target)
            bare = self.databases.copy(source, "bare") if stage in ("plan", "record") else ""
            results.append(self._child(stage, target, bare))
        self._keep(stage, results)

    def _keep(self, stage: str, results: Sequence[Found]) -> None:
        middle = sorted(results, key=lambda r: float(r["cost"]["busy"]))[len(results) // 2]
        self.found[stage] = {**middle, "peak": median(r["peak"] for r in results), "runs": len(results)}

    def _child(self, stage: str, database: str, extra: str = "") -> Found:
        word = {"hand over, on disk": "files"}.get(stage, stage.partition(" ")[0])
        return child(word, self.project, self.databases.of(database), extra)


def child(stage: str, project: Path, url: str, extra: str = "") -> Found:
    """One stage in a process of its own. Raises SystemExit with what it said when it fails."""
    command = [sys.executable, "-m", "tests.bench._stages", stage, str(project), extra]
    environment = {**os.environ, "OUTREACH_DATABASE_URL": url, "PYTHONPATH": str(ROOT)}
    began = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"bench: the stage {stage} failed:\n{done.stderr}")
    print(f"  {stage} {extra if stage == 'scan' else ''} {time.monotonic() - began:.1f} s", file=sys.stderr, flush=True)
    found: Found = json.loads(done.stdout)
    return found


def main(words: Sequence[str]) -> int:
    """Measure, print; exit code 0 whatever the figures say."""
    asked = _arguments(words)
    figures: dict[str, dict[int, dict[str, Found]]] = {}
    sizes = (max(10, asked.customers // 10), asked.customers)
    with tempfile.TemporaryDirectory(prefix="outreach-bench-") as folder:
        projects = {size: _project(Path(folder) / str(size), size, 3 * size) for size in sizes}
        small_shop = _project(Path(folder) / "small", *SMALL_SHOP)
        for kind in ("sqlite", "postgresql") if asked.db == "both" else (asked.db,):
            with databases(kind, Path(folder)) as where:
                figures[kind] = {size: _measured(projects[size], where, size, asked.runs) for size in sizes}
                where.make("loaded")
                child("import", small_shop, where.of("loaded"), where.make("bare"))
                figures[kind][sizes[1]]["night"] = child("night", small_shop, where.of("loaded"))
    help_seconds = median(_help() for _ in range(5))
    if asked.json:
        print(json.dumps({"sizes": sizes, "help_seconds": help_seconds, "figures": figures}))
    else:
        _show(figures, sizes, help_seconds)
    return 0


def _measured(project: Path, where: Databases, size: int, runs: int) -> dict[str, Found]:
    print(f"{where.kind}, {size:,} customers", file=sys.stderr, flush=True)
    shop = Shop(project, where, size, runs)
    shop.measure()
    shop.older()
    return shop.found


def _arguments(words: Sequence[str]) -> argparse.Namespace:
    read = argparse.ArgumentParser(prog="python3 dev.py bench night", description=(__doc__ or "").split("\n\n")[1])
    read.add_argument("--customers", type=int, default=100_000, help="of the bigger shop (default 100,000)")
    read.add_argument("--db", choices=("sqlite", "postgresql", "both"), default="both")
    read.add_argument("--runs", type=int, default=3, help="of each stage; the median counts (default 3)")
    read.add_argument("--json", action="store_true", help="every figure as one JSON document")
    return read.parse_args(words)


def _project(folder: Path, customers: int, orders: int) -> Path:
    start(folder)
    write_big_shop(folder / "records", customers=customers, orders=orders, as_of=NIGHT)
    return folder


def _help() -> float:
    began = time.perf_counter()
    command = [sys.executable, "-c", "from outreach.cli.main import main; raise SystemExit(main(['--help']))"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return time.perf_counter() - began


def _show(figures: dict[str, dict[int, dict[str, Found]]], sizes: tuple[int, int], help_seconds: float) -> None:
    for kind in figures:
        print()
        print("\n".join(table(kind, sizes, figures)))
    for kind, by_size in figures.items():
        print(f"\nbudgets of speed.md, {kind}, {sizes[1]:,} customers (small shop: {SMALL_SHOP[0]:,})")
        for said, met, figure in verdicts(kind, by_size[sizes[1]], help_seconds):
            print(f"  {'met' if met else 'NOT MET':<8} {said:<40} {figure:>16}")
    print(
        f"\n{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}; import and scans once per size, else the median"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
