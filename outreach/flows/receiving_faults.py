"""What follows when a provider says later that it is our number, our words or our pace that was wrong?

The same as when it says so at once (core/lifecycle): the campaign stops, the provider rests. The message itself keeps
its fate.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from outreach.core.inbound import Event
from outreach.core.lifecycle import CONSEQUENCES
from outreach.flows.app import App
from outreach.store import audits, breakers, levers, provider_states

#: An event with a fault, and the row of the message it is about.
Faulty = tuple[Event, Any]


def take_faults(app: App, c: sa.Connection, told: Iterable[Faulty], at: datetime) -> None:
    """Campaigns and providers these stop, each once. Events without a fault are passed over."""
    faulty = [(event, message) for event, message in told if event.fault is not None]
    if faulty:
        _providers(c, faulty, at)
        _campaigns(app, c, faulty, at)


def _providers(c: sa.Connection, faulty: Sequence[Faulty], at: datetime) -> None:
    for event, _ in faulty:
        assert event.fault is not None
        follows = CONSEQUENCES[event.fault]
        if follows.stop_provider:
            provider_states.stop(c, event.provider, at=at, because=_because(event))
        elif follows.pause_provider:
            provider_states.pause(c, event.provider, at=at, wait=None, because=_because(event))


def _campaigns(app: App, c: sa.Connection, faulty: Sequence[Faulty], at: datetime) -> None:
    stops: dict[str, str] = {}
    failed: Counter[str] = Counter()
    for event, message in faulty:
        assert event.fault is not None
        follows = CONSEQUENCES[event.fault]
        if follows.stop_campaign:
            stops.setdefault(message.campaign, f"the provider will not carry it: {_because(event)}")
        failed[message.campaign] += follows.counts
    for campaign in breakers.turned(c, app.house.mode.value, +failed):
        stops.setdefault(campaign, "most of its last messages failed at the provider")
    already = {row.campaign for row in levers.paused(c)} if stops else set()
    for campaign in sorted(stops.keys() - already):
        levers.pause(c, campaign, because=stops[campaign], at=at)
        audits.write(c, at, "pause", campaign, {"because": stops[campaign], "by": "the provider's report"})


def _because(event: Event) -> str:
    return event.said or event.code or str(event.fault)
