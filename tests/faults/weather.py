"""What goes wrong next? Drawn from a seed: deaths, sleeps, servers gone, lines cut, vendors in a bad mood."""

import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

import redis
import sqlalchemy as sa

from outreach.core.errors import Busy
from outreach.store import levers, provider_states
from outreach.store.engine import now, writing
from tests.fake.proxy import Line, Proxy
from tests.fake.running import Running
from tests.faults.hands import Crew
from tests.faults.scene import Scene
from tests.faults.servers import Mortal

POINTS = ("after_claim", "after_handed", "after_accept", "before_record", "after_record", "mid_sweep")
#: A vendor's moods, and how often each; what is left over it accepts.
MOODS: tuple[dict[str, float], ...] = (
    {},
    {},
    {"accept_hang": 0.05, "accept_reset": 0.05, "accept_500": 0.03, "accept_half": 0.03, "accept_trickle": 0.02},
    {"hang": 0.05, "reset": 0.05, "500": 0.03, "502": 0.02},
    {"429": 0.3},
    {"503": 1.0},
    {"429": 0.05, "503": 0.05, "accept_reset": 0.05, "reset": 0.05},
    {"401": 0.02},
)
#: Exit codes no fault may lead to: wrong use, and a database that is not ours.
REFUSALS = frozenset({2, 3})
#: Shorter than a sleep and longer than a call, in seconds.
LEASE = 4.0
#: How long anybody at work may keep a person waiting for a lock, in seconds.
PATIENCE = 30.0
TIMES = {"DEADLINE": 1.0, "LEASE_SECONDS": LEASE}


@dataclass
class Weather:
    """Everything that can be hurt, and who hurts it. `hurt` counts what was done."""

    draw: Random
    scene: Scene
    crew: Crew
    fake: Running
    vendor_line: Proxy
    redis: Mortal
    postgres: Mortal | None
    workers: dict[int, str] = field(default_factory=dict)
    asleep: dict[int, float] = field(default_factory=dict)
    hurt: Counter[str] = field(default_factory=Counter)
    server_ends: list[float] = field(default_factory=list)

    def staffed(self, count: int, *, armed: float = 0.0) -> None:
        """As many workers as there should be; a share of them is armed to fail."""
        self.look()
        while len(self.workers) - len(self.asleep) < count:
            fail_at = self._fail_at() if self.draw.random() < armed else ""
            pid = self.crew.start("work", fail_at=fail_at, shorten=TIMES)
            self.workers[pid] = fail_at

    def _fail_at(self) -> str:
        how = self.draw.choice(("kill", "kill", "stop"))
        return f"{self.draw.choice(POINTS)}:{how}:{self.draw.randint(1, 12)}"

    def look(self) -> None:
        """Who ended, who stopped itself, whose sleep is over?"""
        for pid, fail_at in list(self.workers.items()):
            end = self.crew.look(pid)
            if end.ended in REFUSALS:
                raise RuntimeError(f"a worker refuses to work\n{self.crew.log.read_text(errors='replace')[-2000:]}")
            if end.ended is not None:
                self.hurt[f"ended {end.ended} ({fail_at.partition(':')[0] or 'unarmed'})"] += 1
                del self.workers[pid]
                self.asleep.pop(pid, None)
            elif end.stopped is not None and pid not in self.asleep:
                self.hurt[f"stopped itself {fail_at.partition(':')[0]}"] += 1
                self.asleep[pid] = time.monotonic() + self.draw.uniform(0.2, 2.5 * LEASE)
        for pid, until in list(self.asleep.items()):
            if time.monotonic() > until:
                self._wake(pid)

    def strikes(self) -> None:
        """One thing goes wrong."""
        what = self.draw.choice(self._ways())
        what()
        self.hurt[what.__name__.strip("_").replace("_", " ")] += 1

    def _ways(self) -> list[Callable[[], None]]:
        often = [self._kill_a_worker, self._stop_a_worker, self._mood] * 3
        rare = [self._redis_flushed, self._redis_killed, self._line_cut, self._line_silent, self._cron_twice]
        staff = [self._campaign_paused, self._people_mend, self._people_mend, self._sweep_dies]
        return often + rare + staff + ([self._postgres_stopped] * 2 if self.postgres else [])

    def _awake(self) -> list[int]:
        return [pid for pid in self.workers if pid not in self.asleep]

    def _kill_a_worker(self) -> None:
        if awake := self._awake():
            self.crew.signal(self.draw.choice(awake), signal.SIGKILL)

    def _stop_a_worker(self) -> None:
        if awake := self._awake():
            pid = self.draw.choice(awake)
            self.crew.signal(pid, signal.SIGSTOP)
            self.asleep[pid] = time.monotonic() + self.draw.uniform(0.5, 3 * LEASE)

    def _mood(self) -> None:
        told: dict[str, dict[str, Any]] = {}
        for vendor in ("sendgrid", "twilio"):
            latency = self.draw.choice((0, 0, 20, 200))
            chances = self.draw.choice(MOODS)
            told[vendor] = {"seed": self.draw.randint(1, 10**9), "latency_ms": latency, "chances": chances}
        self.fake.mode(**told)

    def _redis_flushed(self) -> None:
        with redis.Redis(port=self.redis.port) as client:
            client.flushall()

    def _redis_killed(self) -> None:
        self.redis.end(signal.SIGKILL)
        time.sleep(self.draw.uniform(0.1, 1.0))
        self.redis.start()

    def _postgres_stopped(self) -> None:
        assert self.postgres is not None
        self.server_ends.append(time.time())
        self.postgres.end(signal.SIGQUIT)
        time.sleep(self.draw.uniform(0.1, 1.0))
        self.postgres.start()
        until_answers(self.scene)

    def _line_cut(self) -> None:
        self.vendor_line.cut()

    def _line_silent(self) -> None:
        self.vendor_line.line = self.draw.choice((Line.SILENT, Line.DEAF, Line.REFUSED))
        time.sleep(self.draw.uniform(0.2, 1.5))
        self.vendor_line.line = Line.OPEN
        self.vendor_line.cut()

    def _cron_twice(self) -> None:
        for role in ("plan", "plan", "sweep", "sweep"):
            self.workers[self.crew.start(role, shorten=TIMES)] = role

    def _sweep_dies(self) -> None:
        self.workers[self.crew.start("sweep", fail_at="mid_sweep:kill:1", shorten=TIMES)] = "mid_sweep"

    def _campaign_paused(self) -> None:
        campaign = self.draw.choice(sorted({message.campaign for message in self.scene.messages().values()}))
        self._somebody_types(lambda c: levers.pause(c, campaign, because="chaos", at=now(c)))

    def _people_mend(self) -> None:
        self.people_mend()

    def people_mend(self) -> None:
        """What a person does in the end: a stopped campaign goes on, a refused key is mended."""

        def mend(c: sa.Connection) -> None:
            for row in levers.paused(c):
                levers.resume(c, row.campaign)
            for row in provider_states.every(c):
                provider_states.mended(c, row.provider)

        self._somebody_types(mend)

    def _somebody_types(self, work: Callable[[sa.Connection], object]) -> None:
        """Whoever was stopped, or stopped itself, may hold SQLite's one lock, or a row on PostgreSQL: we, who must wake
        them, ask in short tries. One that is not stopped and holds it for this long is a fault of the product."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                with writing(self.scene.engine) as c:
                    work(c)
                return
            except Busy:
                if time.monotonic() > until:
                    raise
                self.hurt["somebody slept on a lock"] += 1
                self.look()
                for pid in list(self.asleep):
                    self._wake(pid)

    def _wake(self, pid: int) -> None:
        self.crew.signal(pid, signal.SIGCONT)
        del self.asleep[pid]

    def clears(self) -> None:
        """Everybody awake, every line open, every vendor in a good mood."""
        self.fake.mode(sendgrid={}, twilio={})
        self.vendor_line.line = Line.OPEN
        for pid in list(self.asleep):
            self._wake(pid)
        for pid in list(self.workers):
            if self.crew.look(pid).ended is None:
                self.crew.signal(pid, signal.SIGKILL)
                self.crew.wait(pid)
        self.workers.clear()
        self.people_mend()


def until_answers(scene: Scene) -> None:
    """A database that recovers from a crash refuses for a moment."""
    for _ in range(200):
        try:
            with scene.engine.connect() as c:
                c.execute(sa.text("SELECT 1"))
                return
        except sa.exc.OperationalError:
            time.sleep(0.1)
    raise RuntimeError("the database did not come back")
