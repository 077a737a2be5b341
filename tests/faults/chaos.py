"""Does a whole night survive everything at once? python3 dev.py chaos --seed N --minutes M --db postgres|sqlite

A shop with thousands of messages, several workers on Redis, a fake provider behind a bad line; things go wrong at
random, by the seed, while customers opt out. Then all is mended, what is left is drained, and every invariant is asked
of the database and of the provider's journal. Exit 1 when one was broken.

`--mutations` puts six known mistakes into copies of the program instead, and exits 1 when one goes unnoticed.
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import sqlalchemy as sa

from outreach.store.engine import writing
from outreach.store.schema import attempts, outbox
from tests.fake.proxy import Proxy
from tests.fake.running import Running, start
from tests.faults.hands import Crew
from tests.faults.mutations import MUTATIONS, mutated
from tests.faults.scene import Scene, copied, plan_night, settle_in
from tests.faults.servers import Mortal
from tests.faults.stand import Stand
from tests.faults.trials import TRIALS
from tests.faults.verdict import Evidence, Verdict, judge
from tests.faults.weather import TIMES, Weather
from tests.faults.wishers import Wishers
from tests.services import own_redis, start_postgres

WORKERS = 3
#: How long the end may take once nothing goes wrong any more, in seconds.
PATIENCE = 240.0


def main(words: list[str]) -> int:
    said = argparse.ArgumentParser(prog="chaos", description=(__doc__ or "").partition("\n")[0])
    said.add_argument("--seed", type=int, default=1)
    said.add_argument("--minutes", type=float, default=2.0)
    said.add_argument("--db", choices=("postgres", "sqlite"), default="sqlite")
    said.add_argument("--customers", type=int, default=10_000)
    said.add_argument("--strict", action="store_true", help="send.strict (postgres): no call outlives an opt-out")
    said.add_argument("--mutations", action="store_true")
    said.add_argument("--keep", action="store_true", help="leave the project, logs and journal where they are")
    asked = said.parse_args(words)
    folder = Path(tempfile.mkdtemp(prefix="outreach-chaos-"))
    try:
        return try_mutations(folder) if asked.mutations else soak(asked, folder)
    finally:
        if asked.keep:
            print(f"kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


def soak(asked: argparse.Namespace, folder: Path) -> int:
    """One seed."""
    with ExitStack() as stack:
        weather = _set_up(asked, folder, stack)
        wishers = Wishers(weather.scene, Random(asked.seed + 1), seconds=asked.minutes * 60)
        planned = _spread(weather, asked.minutes * 60)
        broken = weather.scene.breaks_one()
        said = f"{len(planned)} messages, {asked.minutes:g} minutes, {broken} is broken"
        print(f"seed {asked.seed}, {asked.db}{', strict' * asked.strict}: {said}", flush=True)
        began = time.monotonic()
        wishers.start()
        while time.monotonic() - began < asked.minutes * 60:
            weather.staffed(WORKERS, armed=0.5)
            time.sleep(weather.draw.uniform(0.1, 0.8))
            weather.strikes()
        wishers.end()
        drained = _drain(weather)
        evidence = Evidence(weather.scene, weather.fake.lines(), planned, wishers.done, logs=[weather.crew.log])
        evidence.broken_campaigns, evidence.posts = frozenset({broken}), wishers.posts
        evidence.strict, evidence.server_ends = asked.strict, weather.server_ends
        found = judge(evidence)
        _table(weather, wishers, found, drained)
        return 0 if found.good else 1


def _set_up(asked: argparse.Namespace, folder: Path, stack: ExitStack) -> Weather:
    fake = start(folder / "journal.jsonl", "--fast")
    stack.callback(fake.stop)
    redis = Mortal(own_redis())
    stack.callback(redis.close)
    postgres, url = None, None
    if asked.db == "postgres":
        postgres = Mortal(start_postgres())
        stack.callback(postgres.close)
        url = postgres.server.url
    line = stack.enter_context(Proxy(fake.http))
    environment = {**fake.environment, "OUTREACH_REDIS_URL": redis.server.url}
    environment |= dict.fromkeys(("OUTREACH_SENDGRID_URL", "OUTREACH_TWILIO_URL"), f"http://127.0.0.1:{line.port}")
    project = settle_in(folder / "shop", url, environment, strict=asked.strict)
    plan_night(project, asked.customers)
    scene = Scene(project, url or f"sqlite:///{project / '.outreach' / 'outreach.db'}", patience_ms=500)
    stack.callback(scene.close)
    crew = Crew().serve(project)
    stack.callback(crew.close)
    return Weather(Random(asked.seed), scene, crew, fake, line, redis, postgres)


def _spread(weather: Weather, seconds: float) -> dict[int, Any]:
    """Messages fall due over the whole time; some are of use for seconds only. Returns from when each may leave."""
    at, draw = weather.scene.clock(), weather.draw
    rows = []
    for number, message in weather.scene.messages().items():
        begins = at + timedelta(seconds=draw.uniform(-5, 0.9 * seconds))
        ends = begins + timedelta(seconds=draw.uniform(3, 30)) if draw.random() < 0.03 else message.not_after
        rows.append({"b_id": number, "b_begins": begins, "b_ends": ends})
    spread: dict[str, Any] = {"not_before": sa.bindparam("b_begins"), "not_after": sa.bindparam("b_ends")}
    with writing(weather.scene.engine) as c:
        c.execute(sa.update(outbox).where(outbox.c.id == sa.bindparam("b_id")).values(spread), rows)
    return {row["b_id"]: row["b_begins"] for row in rows}


def _drain(weather: Weather) -> float:
    """Two sound workers until nothing is left; then a day passes for what nobody knows. Returns the seconds it took."""
    weather.clears()
    weather.staffed(2)
    began = time.monotonic()
    while time.monotonic() - began < PATIENCE:
        time.sleep(0.5)
        weather.staffed(2)
        weather.people_mend()
        open_ = weather.scene.rows(
            sa.select(sa.func.count()).select_from(outbox).where(outbox.c.state.in_(("ready", "claimed", "handed")))
        )[0][0]
        if not open_:
            break
    weather.clears()
    weather.scene.doubts_age()
    weather.crew.does("sweep", shorten=TIMES)
    return time.monotonic() - began


def _table(weather: Weather, wishers: Wishers, found: Verdict, drained: float) -> None:
    tried = weather.scene.rows(sa.select(sa.func.count()).select_from(attempts))[0][0]
    counts = {
        "messages": found.messages,
        "attempts": tried,
        "taken by the provider": found.taken,
        "opt-outs in flight": len(wishers.done),
        "after an opt-out, on the way before": len(found.tails_ms),
        "of these by a lock that was lost": found.lost_locks,
        "longest tail": f"{max(found.tails_ms, default=0):.0f} ms",
        "unknown": f"{found.states['unknown']} (taken: {found.unknown_taken})",
        "drained in": f"{drained:.0f} s",
    }
    counts |= {f"  opted out: {door}": count for door, count in sorted(wishers.doors.items())}
    why = {f"  unknown: {said}": count for said, count in _why_unknown(weather.scene).items()}
    for name, value in (*counts.items(), *why.items(), *sorted(weather.hurt.items())):
        print(f"  {name:40} {value}")
    for name, promise in PROMISES.items():
        broken = found.broken.get(name, [])
        print(f"{name} {promise:50} {'held' if not broken else f'BROKEN {len(broken)} times'}")
    print(found, flush=True)


def _why_unknown(scene: Scene) -> Counter[str]:
    """What is known of the last try of each message nobody knows about."""
    last = sa.and_(attempts.c.outbox_id == outbox.c.id, attempts.c.attempt == outbox.c.attempt)
    query = sa.select(attempts.c.error).select_from(outbox.join(attempts, last)).where(outbox.c.state == "unknown")
    return Counter(row.error or "its worker never said" for row in scene.rows(query))


PROMISES = {
    "I1": "no hand-off after an opt-out",
    "I2": "nothing accepted twice",
    "I3": "every message there, and at an end",
    "I4": "database and journal agree",
    "I5": "nothing outside its hours",
    "I6": "no campaign pays for another",
    "I7": "what is posted twice counts once",
    "I8": "no address in a log",
}


def try_mutations(folder: Path) -> int:
    """Every mutation against the story that must find it; then the program itself against the same."""
    fake = start(folder / "journal.jsonl", "--fast")
    missed = 0
    try:
        planned = settle_in(folder / "planned", None, fake.environment)
        plan_night(planned, 150)
        for number, mutation in enumerate(MUTATIONS):
            wrong = mutated(mutation, folder / f"wrong-{number}")
            with_it = _tell(mutation.caught_by, copied(planned, folder / f"w{number}"), fake, Crew(wrong))
            without = _tell(mutation.caught_by, copied(planned, folder / f"r{number}"), fake, Crew())
            caught = not with_it.good and without.good
            missed += not caught
            broken = ", ".join(f"{name} x {len(what)}" for name, what in with_it.broken.items())
            print(f"{mutation.name:45} {'caught' if caught else 'MISSED'}: {mutation.caught_by}: {broken}", flush=True)
    finally:
        fake.stop()
    return 1 if missed else 0


def _tell(name: str, project: Path, fake: Running, crew: Crew) -> Verdict:
    fake.forget()
    scene = Scene(project, f"sqlite:///{project / '.outreach' / 'outreach.db'}")
    try:
        return TRIALS[name](Stand(scene, crew.serve(project), fake))
    finally:
        scene.close()
        crew.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
