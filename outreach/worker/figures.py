"""Which figures does Prometheus get? The same as `outreach status`, from the database."""

from collections.abc import Iterator

from outreach.core.errors import Busy
from outreach.core.terms import MessageState
from outreach.flows.app import App
from outreach.flows.outlook import Lane, Outlook, lately, outlook
from outreach.observe.metrics import Figure


def figures(app: App) -> list[Figure]:
    """Everything at this moment. When the database does not answer: only that it does not."""
    try:
        now = outlook(app)
        states = lately(app)
    except Busy:
        return [Figure("database_answers", "1 when the database answers", 0)]
    return [
        Figure("database_answers", "1 when the database answers", 1),
        *(figure for lane in now.lanes for figure in _lane(lane, now)),
        *_states(states),
        *_doubts(now),
        Figure("workers", "Worker processes seen in the last half minute", sum(not w.silent for w in now.workers)),
    ]


def _lane(lane: Lane, now: Outlook) -> Iterator[Figure]:
    labels = (("channel", lane.channel.value), ("provider", lane.provider))
    yield Figure("due", "Messages that could leave now", lane.due, labels)
    yield Figure("waiting", "Messages not yet handed over", lane.wait, labels)
    yield Figure("under_way", "Messages a worker holds", lane.under_way, labels)
    yield Figure("handed_over_today", "Messages it took since midnight in the shop's zone", lane.today, labels)
    yield Figure("provider_stopped", "1 while nothing is handed to the provider", lane.stop is not None, labels)
    person = lane.stop is not None and lane.stop.needs_person
    yield Figure("provider_needs_person", "1 while the provider refuses our key", person, labels)
    left = (lane.useless - now.at).total_seconds() if lane.useless else 0.0
    yield Figure("first_useless_in_seconds", "Until the first waiting message is too late", left, labels)


def _states(states: dict[tuple[str, str], int]) -> Iterator[Figure]:
    """Every state is always there, so that a graph has no gaps."""
    for channel in sorted({channel for channel, _ in states}):
        for state in MessageState:
            labels = (("channel", channel), ("state", state.value))
            yield Figure("messages", "Messages of the last 8 days", states.get((channel, state.value), 0), labels)


def _doubts(now: Outlook) -> Iterator[Figure]:
    for state in (MessageState.IN_DOUBT, MessageState.UNKNOWN):
        labels = (("state", state.value),)
        yield Figure("fate_unknown", "Messages of which nobody knows", now.doubts.get(state.value, 0), labels)
