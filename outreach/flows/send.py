"""How do due messages leave? Claim, hand, record: three short transactions, and the provider called outside them.

In outbox mode the night's messages are handed at their own `not_before`, so that a past night can be played whole
(settled 1); nothing leaves this machine.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date

from outreach.core.terms import Channel, MessageState, Mode
from outreach.flows.app import App
from outreach.flows.claiming import Asked
from outreach.flows.envelopes import message_name
from outreach.flows.epoch import require_same_database
from outreach.flows.errand import Errand
from outreach.flows.lane import Lane
from outreach.flows.ownership import me
from outreach.flows.release import sweep
from outreach.store.address_locks import AddressLocks
from outreach.store.sending import Due

__all__ = ["BATCH", "Handed", "hand_over", "message_name", "send_due"]

#: Messages per claim.
BATCH = 500
#: Where a provider takes only so many a second, a claim is what leaves in so many seconds: leases hold for 60.
_AHEAD = 10
#: Threads that speak to the database: SQLite takes one writer at a time, and waits badly.
_THREADS = {"sqlite": 1, "postgresql": 3}


@dataclass(frozen=True, slots=True)
class Handed:
    """What became of the messages that were due: counts by state."""

    states: dict[str, int]

    @property
    def accepted(self) -> int:
        return self.states.get(MessageState.ACCEPTED.value, 0)


def hand_over(app: App, *, before: date | None = None, told: Callable[[int], None] = lambda _: None) -> Handed:
    """Hand over what is due: in outbox mode everything waiting (of nights before `before`, when given)."""
    sweep(app)
    return asyncio.run(_whole(app, before, told))


async def _whole(app: App, before: date | None, told: Callable[[int], None]) -> Handed:
    try:
        return await send_due(app, before=before, told=told)
    finally:
        for provider in app.providers.values():
            await provider.close()


async def send_due(
    app: App,
    *,
    ids: Sequence[int] | None = None,
    before: date | None = None,
    stop: Callable[[], bool] = lambda: False,
    told: Callable[[int], None] = lambda _: None,
) -> Handed:
    """Hand over all that is due now (of `ids` only, when hinted), every channel at once. Returns when it is recorded.

    `stop`, once true: no new hand-offs; calls under way are waited for, claims given back. `told`: the sum so far.
    Raises Busy when the database does not answer, Held (OUT-430) when it is another one; nothing is lost by either.
    """
    instance = await asyncio.to_thread(require_same_database, app)
    states = Counter[str]()

    def tell(news: Counter[str]) -> None:
        states.update(news)
        told(states.total())

    dialect = app.engine.dialect.name
    with ThreadPoolExecutor(_THREADS[dialect], "outreach-send") as database:
        locks = AddressLocks(app.engine) if app.house.sending.strict and dialect == "postgresql" else None
        errand = Errand(app, instance, app.house.mode is not Mode.OUTBOX, database, stop, tell, locks)
        ends = await asyncio.gather(*(_all(errand, c, ids, before) for c in app.providers), return_exceptions=True)
        if locks is not None:
            await errand.work(locks.close)
    for end in ends:
        if end is not None:
            raise end
    return Handed(dict(+states))


async def _all(errand: Errand, channel: Channel, ids: Sequence[int] | None, before: date | None) -> None:
    """One channel, again as long as this machine was too slow for some messages' first bytes."""
    late = True
    while late and not errand.stop():
        lane = _lane(errand, channel, ids, before)
        await lane.run()
        late = lane.late > 0


def _lane(errand: Errand, channel: Channel, ids: Sequence[int] | None, before: date | None) -> Lane:
    app, provider = errand.app, errand.app.providers[channel]
    hinted = None if ids is None else tuple(ids)
    which = Due(app.house.mode.value, (channel.value,), None, before, hinted)
    pace = provider.per_second
    size = BATCH if pace is None else max(1, min(BATCH, int(pace * _AHEAD)))
    return Lane(errand, provider, Asked(which, size, provider.name, me(), errand.timed))
