"""What is a story of faults told with? A shop whose messages are due, a crew, the fake provider, and time at will."""

import signal
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from outreach.bootstrap import build
from outreach.core.terms import Scope
from outreach.flows import opt_out
from outreach.store.contacts import contact_points
from outreach.store.schema import outbox
from outreach.store.send_schema import provider_states
from tests.fake.running import Running
from tests.faults.hands import Crew, End
from tests.faults.scene import Scene
from tests.faults.verdict import Evidence, OptOut, Verdict, judge

STOP = signal.SIGSTOP
#: The how-manyth time a point is reached: a provider's first message goes alone, and a story wants many in flight.
NTH = {"after_claim": 1, "after_handed": 3, "after_accept": 7, "before_record": 3, "after_record": 2, "mid_sweep": 1}
#: The same for a sleeper, who serves one channel: while it sleeps, none of its threads may hold SQLite's one lock.
ASLEEP = {"after_claim": 1, "after_handed": 2, "after_accept": 2, "before_record": 2, "mid_sweep": 1}


@dataclass
class Stand:
    """Everything a story is told with."""

    scene: Scene
    crew: Crew
    fake: Running
    planned: dict[int, datetime] = field(default_factory=dict)
    wishes: list[OptOut] = field(default_factory=list)
    broken: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self.count()

    def count(self) -> None:
        """These are the messages there are."""
        self.planned = {number: message.not_before for number, message in self.scene.messages().items()}

    def states(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for message in self.scene.messages().values():
            found[message.state] = found.get(message.state, 0) + 1
        return found

    def stopped(self, role: str, point: str, nth: int | None = None) -> int:
        """Start one that stops itself at a fail point."""
        pid = self.crew.start(role, fail_at=f"{point}:stop:{nth or ASLEEP[point]}", channels=["email"])
        end = self.crew.wait(pid)
        assert end.stopped == STOP, f"{role} did not come to {point}: {end}"
        return pid

    def killed(self, role: str, point: str) -> None:
        """Run one that dies at a fail point."""
        end = self.crew.run(role, fail_at=f"{point}:kill:{NTH[point]}")
        assert end.killed, f"no {role} died at {point}: {end}"

    def goes_on(self, pid: int) -> End:
        self.crew.signal(pid, signal.SIGCONT)
        return self.crew.wait(pid)

    def time_passes(self) -> None:
        """Leases run out, and somebody sweeps."""
        self.scene.leases_run_out()
        self.crew.does("sweep")

    def pauses_end(self) -> None:
        """As if providers' own waiting times were over, and the messages' own with them."""
        hour_ago = sa.update(outbox).where(outbox.c.state == "ready").values(not_before=self.scene.clock())
        self.scene.change(sa.update(provider_states).values(paused_until=None, because=None), hour_ago)

    def drained(self) -> Verdict:
        """Until nothing is left to do; then a day passes for what nobody knows."""
        for _ in range(6):
            self.pauses_end()
            self.crew.does("send")
            self.time_passes()
            if not set(self.states()) & {"ready", "claimed", "handed"}:
                break
        self.scene.doubts_age()
        self.crew.does("sweep")
        return self.verdict()

    def verdict(self, *, ended: bool = True) -> Verdict:
        evidence = Evidence(self.scene, self.fake.lines(), self.planned, self.wishes, self.broken)
        evidence.logs, evidence.ended = [self.crew.log], ended
        return judge(evidence)

    def opts_out(self, message: Any) -> None:
        """Whom a message is for wants nothing more. The time is the database's, right after the commit."""
        (point,) = self.scene.rows(sa.select(contact_points).where(contact_points.c.id == message.contact_point_id))
        app = build(self.scene.project)
        try:
            asked = opt_out.Asked(Scope.EVERYTHING, "asked", "staff", "a trial", None, self.scene.clock())
            opt_out.add(app, point.address, asked)
        finally:
            app.engine.dispose()
        self.wishes.append(OptOut((message.contact_hash,), self.scene.clock()))

    def overlooked(self, message: Any) -> None:
        """As if a wish had been taken down while its message was just changing hands, and so was not withdrawn with
        the others: only T1 and T2, which ask again, stand between it and the customer now."""
        was = {"state": message.state, "owner": message.owner, "lease_until": message.lease_until, "because": None}
        self.scene.change(sa.update(outbox).where(outbox.c.id == message.id).values(was))
