"""Which short stories must end well, whatever dies in them? Told in order, without chance and without waiting.

Each takes a stand (a shop whose messages are due, a crew, the fake provider) and returns a verdict that must be good.
Time passes by moving what the database remembers of it: a lease runs out, a doubt grows old.
"""

import signal
from collections.abc import Callable
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

    def __post_init__(self) -> None:
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
        lines = self.fake.lines()
        return judge(Evidence(self.scene, lines, self.planned, self.wishes, logs=[self.crew.log], ended=ended))

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


Trial = Callable[[Stand], Verdict]


def killed_at(point: str) -> Trial:
    """A worker dies at a moment of its work; another goes on."""

    def trial(stand: Stand) -> Verdict:
        stand.killed("send", point)
        stand.crew.does("send")
        return stand.drained()

    return trial


def killed_while_sweeping(stand: Stand) -> Verdict:
    """A worker holds claims, a sweeper dies over them; the next one does all of it."""
    stand.killed("send", "after_claim")
    stand.scene.leases_run_out()
    stand.killed("sweep", "mid_sweep")
    return stand.drained()


def two_sweepers(stand: Stand) -> Verdict:
    """Both at once, over the same dead workers' rows, while a third worker sends."""
    for point in ("after_accept", "after_claim"):
        stand.killed("send", point)
    stand.scene.leases_run_out()
    started = [stand.crew.start(role) for role in ("sweep", "sweep", "send", "sweep")]
    assert all(stand.crew.wait(pid).well for pid in started)
    return stand.drained()


def slow_sweeper(stand: Stand) -> Verdict:
    """A sweeper stops in the middle, with a worker's expired claims before it. They are sent by others meanwhile; when
    it goes on, it knows nothing of that."""
    stand.killed("send", "after_claim")
    stand.scene.leases_run_out()
    sweeper = stand.stopped("sweep", "mid_sweep")
    stand.crew.does("sweep", "send")
    assert stand.goes_on(sweeper).well
    return stand.drained()


def sleeper_at(point: str) -> Trial:
    """A worker sleeps past its lease; its messages go on without it; it wakes up and wants to go on."""

    def trial(stand: Stand) -> Verdict:
        sleeper = stand.stopped("send", point)
        stand.time_passes()
        stand.crew.does("send")
        assert stand.goes_on(sleeper).well
        return stand.drained()

    return trial


def provider_says(word: str, *, many: int = 3) -> Trial:
    """The vendors answer so to some messages."""

    def trial(stand: Stand) -> Verdict:
        stand.fake.mode(sendgrid={"next": [word] * many}, twilio={"next": [word] * many})
        stand.crew.does("send")
        return stand.drained()

    return trial


def opted_out_at(point: str) -> Trial:
    """Two people opt out while a worker stands at this moment with their messages in its hands."""

    def trial(stand: Stand) -> Verdict:
        worker = stand.stopped("send", point)
        held = [m for m in stand.scene.messages().values() if m.state in ("claimed", "handed")]
        for message in held[:2]:
            stand.opts_out(message)
        stand.overlooked(held[1])
        assert stand.goes_on(worker).well
        return stand.drained()

    return trial


def opted_out_while_ready(stand: Stand) -> Verdict:
    """Before anybody claims."""
    first, second, *_ = stand.scene.messages().values()
    stand.opts_out(first)
    stand.opts_out(second)
    stand.overlooked(second)
    return stand.drained()


def late_answer(stand: Stand) -> Verdict:
    """A worker hears a refusal and sleeps before it writes that down. A person has the message sent again; now another
    worker holds it, and the first one wakes up: what it has to say is of the first attempt, not of the second."""
    stand.fake.mode(sendgrid={"chances": {"429": 1.0}, "retry_after": 0}, twilio={"chances": {"429": 1.0}})
    sleeper = stand.stopped("send", "before_record", 1)
    held = [m.id for m in stand.scene.messages().values() if m.state == "handed"]
    stand.fake.mode(sendgrid={}, twilio={})
    again = {"state": "ready", "owner": None, "lease_until": None, "doubt_since": None}
    stand.scene.change(sa.update(outbox).where(outbox.c.id.in_(held), outbox.c.state == "handed").values(again))
    second = stand.stopped("send", "after_accept", 1)
    assert stand.goes_on(sleeper).well
    mine = [stand.scene.messages()[number] for number in held]
    overwritten = [m.id for m in mine if m.attempt == 2 and m.state == "ready"]
    assert stand.goes_on(second).well or overwritten
    found = stand.drained()
    if overwritten:
        found.broken["fence"] = [f"m-{number}: attempt 1 spoke for attempt 2" for number in overwritten]
    return found


TRIALS: dict[str, Trial] = {
    "killed after the claim": killed_at("after_claim"),
    "killed after the hand-off": killed_at("after_handed"),
    "killed after the provider accepted": killed_at("after_accept"),
    "killed before recording": killed_at("before_record"),
    "killed after recording": killed_at("after_record"),
    "sweeper killed": killed_while_sweeping,
    "two sweepers": two_sweepers,
    "a slow sweeper": slow_sweeper,
    "asleep after the claim": sleeper_at("after_claim"),
    "asleep after the hand-off": sleeper_at("after_handed"),
    "asleep before recording": sleeper_at("before_record"),
    "taken, then silence": provider_says("accept_hang"),
    "taken, then a reset": provider_says("accept_reset"),
    "taken, then 500": provider_says("accept_500"),
    "taken, then half an answer": provider_says("accept_half"),
    "taken, then a byte a second": provider_says("accept_trickle"),
    "silence": provider_says("hang"),
    "a reset": provider_says("reset"),
    "500": provider_says("500"),
    "429": provider_says("429"),
    "503": provider_says("503"),
    "opt-out while ready": opted_out_while_ready,
    "opt-out while claimed": opted_out_at("after_claim"),
    "opt-out while handed": opted_out_at("after_handed"),
    "opt-out after the provider accepted": opted_out_at("after_accept"),
    "a late answer": late_answer,
}
