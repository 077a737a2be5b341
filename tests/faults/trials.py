"""Which short stories must end well, whatever dies in them? Told in order, without chance and without waiting.

Each takes a stand (a shop whose messages are due, a crew, the fake provider) and returns a verdict that must be good.
Time passes by moving what the database remembers of it: a lease runs out, a doubt grows old.
"""

from collections.abc import Callable

import sqlalchemy as sa

from outreach.store.schema import outbox
from tests.faults.scene import make_due
from tests.faults.stand import STOP, Stand
from tests.faults.verdict import Verdict

#: So many transactions into an approval of small steps: some are decided and others not; some are written, others not.
DECIDING, WRITING = 4, 10

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


def opted_out_at_plan(after: int) -> Trial:
    """Ten people opt out between two steps of the night that has something for them."""

    def trial(stand: Stand) -> Verdict:
        people = list(stand.scene.messages().values())
        stand.scene.unplanned()
        stand.crew.does("plan")
        planner = stand.crew.start("approve", stops_after=after)
        assert stand.crew.wait(planner).stopped == STOP
        for message in people[:: len(people) // 10]:
            stand.opts_out(message)
        assert stand.goes_on(planner).well
        make_due(stand.scene.engine)
        stand.count()
        return stand.drained()

    return trial


def broken_campaign(stand: Stand) -> Verdict:
    """The words of one campaign are lost. It sends nothing; everybody else's arrive."""
    stand.broken = frozenset({stand.scene.breaks_one()})
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
    "a broken campaign": broken_campaign,
    "opt-out while decided": opted_out_at_plan(DECIDING),
    "opt-out while written": opted_out_at_plan(WRITING),
    "opt-out while ready": opted_out_while_ready,
    "opt-out while claimed": opted_out_at("after_claim"),
    "opt-out while handed": opted_out_at("after_handed"),
    "opt-out after the provider accepted": opted_out_at("after_accept"),
    "a late answer": late_answer,
}
