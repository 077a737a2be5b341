"""How does what people write reach the shop's own mailbox? By the email provider, outside every transaction.

Three short steps each: claimed for a while, sent, written down. Whoever dies in between leaves it to be sent again: a
mail too many is better than a person nobody reads. The conversation is open besides, whatever becomes of the mail.
"""

import asyncio
import logging
import zlib
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from outreach.core.lifecycle import Fault
from outreach.core.terms import Channel
from outreach.flows.app import App
from outreach.flows.forwarded_mail import Came, letter_on, never
from outreach.providers.base import DEADLINE, Envelope, Provider, Receipt
from outreach.render.problems import UNFORESEEN
from outreach.store import forwards, inbox, provider_states
from outreach.store.engine import now, reading, writing
from outreach.store.forwards import Forward, Ours, wait

__all__ = ["Forwarded", "forward", "forward_due", "wait"]

_log = logging.getLogger(__name__)
#: How long one is ours: longer than its call can last.
HELD = timedelta(minutes=2)
#: How long a failed one waits, by its try; then always the last.
PUT_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360))
#: After so many tries, what is refused for itself is given up.
MOST_TRIES = 5
#: So many tries carry what came along, and whom to answer; where that is why they fail, the words go alone.
WHOLE_TRIES = 2
#: The provider or the way there, not this mail: tried again for ever, and no other is tried meanwhile. Fault.SENDER may
#: be the Reply-To of this one.
_NOT_ITS_FAULT = frozenset({Fault.NOT_REACHED, Fault.LATE, Fault.REFUSED, Fault.KEY, Fault.DOUBT})


@dataclass(frozen=True, slots=True)
class Forwarded:
    """What one look did: sent on, put off, given up."""

    sent: int = 0
    waiting: int = 0
    refused: int = 0


def forward(app: App) -> Forwarded:
    """Send on all that waits for nobody else, then let go of the connections. Without email that is for others."""
    return asyncio.run(_and_close(app)) if Channel.EMAIL in app.providers else Forwarded()


async def _and_close(app: App) -> Forwarded:
    try:
        return await forward_due(app)
    finally:
        await app.providers[Channel.EMAIL].close()


async def forward_due(app: App) -> Forwarded:
    """The same inside a worker, whose connections stay. Nothing waits: one look by an index."""
    done, provider = Counter[str](), app.providers[Channel.EMAIL]
    while (ours := await asyncio.to_thread(_claimed, app)) is not None:
        written = await asyncio.to_thread(_written, app, ours)
        receipt = await _sent(provider, written) if isinstance(written, Envelope) else None
        why = _why(receipt) if isinstance(written, Envelope) else written
        done[await asyncio.to_thread(_settled, app, ours, receipt, why)] += 1
        if receipt is not None and receipt.fault in _NOT_ITS_FAULT:
            break
    return Forwarded(done[Forward.SENT], done[Forward.WAITING], done[Forward.REFUSED])


def _claimed(app: App) -> Ours | None:
    with reading(app.engine) as c:
        at = now(c)
        closed = provider_states.is_closed(provider_states.state(c, app.providers[Channel.EMAIL].name), at)
        seen = None if closed else forwards.due(c, at)
    while seen is not None:
        with writing(app.engine) as c:
            at = now(c)
            if (ours := forwards.claim(c, seen, at=at, until=at + HELD)) is not None:
                return ours
            seen = forwards.due(c, at)
    return None


def _written(app: App, ours: Ours) -> Envelope | str:
    """The mail, or why there will never be one."""
    with reading(app.engine) as c:
        at, row = now(c), forwards.read(c, ours.id)
        address = forwards.address_of(c, row.contact_hash)
    if row.raw is None:
        return "it was forgotten"
    try:
        came = Came(row, inbox.unpacked(row.raw), address)
        return never(app, came) or letter_on(app, came, at=at, whole=ours.tries <= WHOLE_TRIES)
    except (*UNFORESEEN, zlib.error) as error:  # one that cannot be read holds up no other
        return f"it cannot be read: {type(error).__name__}"


async def _sent(provider: Provider, envelope: Envelope) -> Receipt:
    """The provider's answer. It never raises; if it does, or takes too long, nobody knows what left."""
    await provider.ready(1)
    call = asyncio.ensure_future(provider.send(envelope))
    done, _ = await asyncio.wait([call], timeout=DEADLINE.total_seconds())
    if not done:
        call.cancel()
        return Receipt(Fault.DOUBT, said="no answer in time")
    if (error := call.exception()) is not None:
        return Receipt(Fault.DOUBT, said=f"a fault in the program: {type(error).__name__}")
    return call.result()


def _why(receipt: Receipt | None) -> str | None:
    return None if receipt is None or receipt.fault is None else receipt.said or receipt.fault.value


def _settled(app: App, ours: Ours, receipt: Receipt | None, why: str | None) -> Forward:
    with writing(app.engine) as c:
        at = now(c)
        state, when = _becomes(ours, receipt, at)
        forwards.settle(c, ours, state, at=when, said=why)
    if state is not Forward.SENT:
        _log.warning("f-%s is not sent on (try %s): %s", ours.id, ours.tries, why)
    return state


def _becomes(ours: Ours, receipt: Receipt | None, at: datetime) -> tuple[Forward, datetime]:
    """What follows from the answer, or from there being no mail to send."""
    if receipt is None:
        return Forward.REFUSED, at
    if receipt.fault is None:
        return Forward.SENT, at
    if receipt.fault not in _NOT_ITS_FAULT and ours.tries >= MOST_TRIES:
        return Forward.REFUSED, at
    put_off = PUT_OFF[min(ours.tries, len(PUT_OFF)) - 1]
    return Forward.WAITING, at + max(put_off, receipt.wait or put_off)
