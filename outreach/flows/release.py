"""What was left lying, and what is due? One sweep: leases, doubts, what came too late; then hints for the workers.

Safe to run at any time, several at once, and to be killed anywhere: each statement asks for the state it changes.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import inf
from typing import Any

from outreach.core.reference import Reference
from outreach.core.terms import Channel, Mode
from outreach.flows.app import App
from outreach.flows.envelopes import Claimed, HandOff, envelope
from outreach.flows.epoch import require_same_database
from outreach.flows.failpoint import reached
from outreach.flows.ownership import is_gone
from outreach.providers.base import Envelope, Found, LookUp
from outreach.store import doubts, leases, recipients, revisions, sending
from outreach.store.engine import now, reading, writing

#: Ids in one hint, and messages hinted at in one sweep: workers look for themselves besides.
HINT, MOST = 500, 10_000
#: How long a provider gets to list a message before we look, and how many are looked for in one sweep.
SETTLES, LOOKS = timedelta(minutes=5), 50


@dataclass(frozen=True, slots=True)
class Released:
    """What one sweep did, in messages. `found` and `again`: doubts a look at the provider settled."""

    freed: int = 0  # claims of a dead worker: back to ready
    doubted: int = 0  # hand-offs nobody finished: in doubt
    expired: int = 0
    unknown: int = 0
    found: int = 0
    again: int = 0
    hinted: int = 0


def release(app: App, hint: Callable[[Sequence[int]], None]) -> Released:
    """One sweep, then a hint for each batch of what is due. Raises Held (OUT-430) for another database."""
    instance = require_same_database(app)
    freed, doubted, expired, unknown = sweep(app)
    found, again = asyncio.run(_look(app, instance)) if app.house.mode is not Mode.OUTBOX else (0, 0)
    return Released(freed, doubted, expired, unknown, found, again, _hint(app, hint))


def sweep(app: App) -> tuple[int, int, int, int]:
    """(freed, doubted, expired, unknown). In outbox mode nothing expires: past nights are played at their own hours."""
    again = [channel.value for channel, provider in app.providers.items() if provider.idempotent]
    with writing(app.engine) as c:
        freed, doubted = leases.free_expired_leases(c, at=now(c), idempotent=again)
    reached("mid_sweep")
    timed = app.house.mode is not Mode.OUTBOX
    with writing(app.engine) as c:
        at = now(c)
        expired = leases.expire_late(c, app.house.mode.value, at=at) if timed else 0
        return freed, doubted, expired, leases.doubt_runs_out(c, at=at)


def _hint(app: App, hint: Callable[[Sequence[int]], None]) -> int:
    channels = tuple(channel.value for channel in app.providers)
    place, total = None, 0
    while total < MOST:
        with writing(app.engine) as c:
            at = None if app.house.mode is Mode.OUTBOX else now(c)
            which = sending.Due(app.house.mode.value, channels, at)
            rows = sending.due(c, which, after=place, size=HINT)
        if not rows:
            break
        place, total = (rows[-1].not_before, rows[-1].id), total + len(rows)
        hint([row.id for row in rows])
        reached("after_release_hint")
    return total


async def _look(app: App, instance: str) -> tuple[int, int]:
    """Ask providers that can tell. Returns (found there, surely absent and so ready again)."""
    found = again = 0
    for channel, provider in app.providers.items():
        for row, asked in await asyncio.to_thread(_doubted, app, channel, instance):
            answer = (await asyncio.gather(provider.look_up(asked, row.handed_at), return_exceptions=True))[0]
            if not isinstance(answer, LookUp) or answer.found is Found.CANNOT_TELL:
                break
            there, sent_again = await asyncio.to_thread(_settled, app, row, answer, instance)
            found, again = found + there, again + sent_again
        await provider.close()
    return found, again


def _doubted(app: App, channel: Channel, instance: str) -> list[tuple[Any, Envelope]]:
    with reading(app.engine) as c:
        before = now(c) - SETTLES
        rows = leases.doubted(c, channel.value, app.house.mode.value, before=before, size=LOOKS)
        to = recipients.addresses(c, [row.contact_point_id for row in rows])
        stored = revisions.stored(c, [row.id for row in rows])
    found = []
    for row in rows:
        address, claimed = to.get(row.contact_point_id), Claimed(row, stored.get(row.id, (None, None)), row.not_after)
        asked = address and envelope(app, claimed, address, HandOff(instance, row.handed_at, inf))
        if asked:
            found.append((row, asked))
    return found


def _settled(app: App, row: Any, answer: LookUp, instance: str) -> tuple[int, int]:
    """There: it was accepted. Surely absent: sent again only if the shop said so, and who handed it cannot any more."""
    with writing(app.engine) as c:
        at = now(c)
        if answer.found is Found.THERE:
            reference = Reference(instance, row.id, row.attempt)
            return int(doubts.evidence(c, reference, answer.message_id, at=at)), 0
        sure = app.house.sending.look_first and is_gone(row.owner)
        done = leases.looked_at(c, (row.id, row.attempt), at=at, surely_absent=sure)
        return 0, int(done and sure)
