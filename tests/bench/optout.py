"""Is anybody written to after they said no? `python3 dev.py bench optout`

While two worker processes send to the fake provider, people opt out by the real flow, 500 of them at each place a
message can be: still being planned, ready, claimed, handed, accepted. Counted are hand-offs that began after the
opt-out's commit (none may), calls that were under way at it, and how long the longest of those went on; and what an
opt-out itself took while everything was busy. Exit code 1 when a hand-off began too late.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from statistics import quantiles
from typing import Any

import sqlalchemy as sa

from outreach.bootstrap import build
from outreach.core.terms import Scope
from outreach.flows import opt_out
from outreach.flows.app import App
from outreach.store.contacts import contact_points, suppressions
from outreach.store.engine import now, reading
from outreach.store.schema import attempts, outbox
from outreach.store.shop import customers
from tests.bench._crowd import crowd
from tests.bench._databases import databases
from tests.fake import running
from tests.faults.scene import plan_night, settle_in, tell
from tests.services import start_redis

ROOT = Path(__file__).resolve().parents[2]
#: Messages a second the provider takes: slow enough that every place is still to be found.
PACE, LATENCY = 250, 40
#: Messages for each opt-out at one place: some must be left when the last place's turn comes.
CROWD = 40
PLACES = ("planned", "ready", "claimed", "handed", "accepted")


@dataclass
class Wishes:
    """Who opted out where: (contact hash, the database's clock just after the commit), and how long each took."""

    made: dict[str, list[tuple[str, datetime]]] = field(default_factory=lambda: {place: [] for place in PLACES})
    took: list[float] = field(default_factory=list)

    def ask(self, app: App, place: str, person: Any) -> None:
        """One opt-out by the real flow."""
        with reading(app.engine) as c:
            asked = opt_out.Asked(Scope.EVERYTHING, "asked", "staff", "bench", None, now(c))
        began = time.perf_counter()
        opt_out.add(app, person.key, asked)
        self.took.append(time.perf_counter() - began)
        with reading(app.engine) as c:
            self.made[place].append((person.address_hash, now(c)))

    def known(self) -> set[str]:
        return {contact for made in self.made.values() for contact, _ in made}


def while_planning(folder: Path, url: str, count: int) -> tuple[App, Wishes]:
    """People opt out while the night that would write to them is being planned."""
    project = settle_in(folder, url, {})
    app, wishes = build(project), Wishes()
    with ThreadPoolExecutor(1) as night:
        planning = night.submit(plan_night, project, 6 * count)
        while not planning.done() and len(wishes.made["planned"]) < count:
            for person in _people(app, wishes, sa.true())[:10]:
                wishes.ask(app, "planned", person)
        planning.result()
    return app, wishes


def while_sending(app: App, wishes: Wishes, count: int) -> None:
    """The other places, in turn, for as long as anybody is to be found there."""
    for place in PLACES[1:]:
        ends = time.monotonic() + 60
        while len(wishes.made[place]) < count and time.monotonic() < ends:
            silent = sa.select(suppressions.c.contact_hash)
            its = sa.select(outbox.c.contact_point_id).where(
                outbox.c.state == place, outbox.c.contact_hash.not_in(silent)
            )
            for person in _people(app, wishes, contact_points.c.id.in_(its.order_by(outbox.c.id.desc()).limit(200)))[
                :5
            ]:
                wishes.ask(app, place, person)


def _people(app: App, wishes: Wishes, which: sa.ColumnElement[bool]) -> list[Any]:
    p = contact_points.c
    query = sa.select(customers.c.key, p.address_hash).join(customers, customers.c.id == p.customer_id)
    query = query.where(p.channel == "email", p.address.is_not(None), which).limit(2_000)
    with reading(app.engine) as c:
        return [person for person in c.execute(query) if person.address_hash not in wishes.known()]


@contextmanager
def working(project: Path, url: str, redis: str) -> Iterator[None]:
    """Two worker processes and the fake provider, until the block ends."""
    fake = running.start(project / "journal.jsonl", "--fast")
    fake.mode(sendgrid={"latency_ms": LATENCY})
    tell(project, {**fake.environment, "OUTREACH_DATABASE_URL": url, "OUTREACH_REDIS_URL": redis})
    order = json.dumps({"project": str(project), "channels": ["email"]})
    command, quiet = [sys.executable, "-m", "tests.bench._worker", order], subprocess.DEVNULL
    crew = [subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=quiet, stderr=quiet) for _ in range(2)]
    try:
        yield
    finally:
        for one in crew:
            one.terminate()
        for one in crew:
            one.communicate(timeout=60)
        fake.stop()


def judged(app: App, made: Sequence[tuple[str, datetime]]) -> dict[str, Any]:
    """What was handed over after these opt-outs, and what was under way at them."""
    o, a = outbox.c, attempts.c
    query = sa.select(o.contact_hash, a.handed_at, a.finished_at).join(outbox, o.id == a.outbox_id)
    since = dict(made)
    late, tails = 0, []
    with reading(app.engine) as c:
        for row in c.execute(query.where(a.handed_at.is_not(None))):
            at = since.get(row.contact_hash)
            if at is not None and row.handed_at > at:
                late += 1
            elif at is not None and row.finished_at is not None and row.finished_at > at:
                tails.append((row.finished_at - at).total_seconds())
    return {"opt_outs": len(made), "late": late, "under_way": len(tails), "longest": max(tails, default=0.0)}


def main(words: Sequence[str]) -> int:
    asked = _arguments(words)
    redis, found = start_redis(), {}
    try:
        with tempfile.TemporaryDirectory(prefix="outreach-bench-") as at, databases(asked.db, Path(at)) as where:
            folder = Path(at)
            early, wishes = while_planning(folder / "early", where.make("early"), asked.count)
            with working(early.project, where.of("early"), redis.url):
                _until_empty(early)
            found["planned"] = judged(early, wishes.made["planned"])
            project = _paced(crowd(folder / "shop", where.make("crowd"), {}, CROWD * asked.count))
            app, later = build(project), Wishes()
            with working(project, where.of("crowd"), redis.url):
                while_sending(app, later, asked.count)
            found |= {place: judged(app, later.made[place]) for place in PLACES[1:]}
            spans = quantiles([*wishes.took, *later.took], n=100)
            found["took_ms"] = {"median": 1e3 * spans[49], "p99": 1e3 * spans[98]}
            early.engine.dispose()
            app.engine.dispose()
    finally:
        redis.stop()
    print(json.dumps(found) if asked.json else _page(asked.db, found))
    return 1 if any(found[place]["late"] for place in PLACES) else 0


def _paced(project: Path) -> Path:
    config = project / "config" / "outreach.yaml"
    text = config.read_text(encoding="utf-8")
    assert text.count("provider: sendgrid}") == 1
    config.write_text(
        text.replace("provider: sendgrid}", f"provider: sendgrid, per_second: {PACE}}}"), encoding="utf-8"
    )
    return project


def _until_empty(app: App) -> None:
    """Until nothing is ready any more."""
    left = sa.select(sa.func.count()).where(
        outbox.c.state.in_(("ready", "claimed", "handed")), outbox.c.channel == "email"
    )
    ends = time.monotonic() + 120
    while time.monotonic() < ends:
        with reading(app.engine) as c:
            if c.execute(left).scalar_one() == 0:
                return
        time.sleep(0.25)
    raise SystemExit("bench: the night did not go out within two minutes")


def _page(kind: str, found: dict[str, Any]) -> str:
    lines = [f"{kind}, two worker processes, a provider that answers after {LATENCY} ms"]
    lines.append(f"{'opted out while':<17}{'opt-outs':>9}{'handed after':>14}{'under way':>11}{'longest ms':>12}")
    for place in PLACES:
        f = found[place]
        longest = 1e3 * f["longest"]
        lines.append(f"{place:<17}{f['opt_outs']:>9,}{f['late']:>14,}{f['under_way']:>11,}{longest:>12.0f}")
    took = found["took_ms"]
    lines.append(f"an opt-out took {took['median']:.1f} ms, p99 {took['p99']:.1f} ms (speed.md: p99 <= 50 ms)")
    return "\n".join(lines)


def _arguments(words: Sequence[str]) -> argparse.Namespace:
    read = argparse.ArgumentParser(prog="python3 dev.py bench optout", description=(__doc__ or "").split("\n\n")[1])
    read.add_argument("--count", type=int, default=500, help="opt-outs at each place (default 500)")
    read.add_argument("--db", choices=("sqlite", "postgresql"), default="postgresql")
    read.add_argument("--json", action="store_true", help="every figure as one JSON document")
    return read.parse_args(words)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
