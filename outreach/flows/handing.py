"""May these messages be handed over this very moment? T2 for a batch, committed before the first byte. (settled 35)"""

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import inf
from pathlib import Path
from time import monotonic

import sqlalchemy as sa

from outreach.flows.app import App
from outreach.flows.envelopes import Claimed, HandOff
from outreach.flows.epoch import Mark, remember
from outreach.flows.errand import Errand
from outreach.providers.base import DEADLINE, Provider
from outreach.store import provider_states, recipients, sending
from outreach.store.engine import now, writing
from outreach.store.provider_states import Allowance

_log = logging.getLogger(__name__)
#: Its first byte leaves this soon after T2, or the message goes back (settled 35), in seconds.
FIRST_BYTE = 0.1


@dataclass(frozen=True, slots=True)
class Handed:
    """What T2 let pass, with the address of each, and on what terms. `gone`: their address was erased.

    `later`: still ours, not yet allowed by the rate. `locked`: still ours, another transaction was changing them.

    `committed`: when, by this process's monotonic(); `at`: by the database's clock.
    """

    ours: tuple[tuple[Claimed, str], ...]
    hand_off: HandOff
    gone: tuple[Claimed, ...]
    later: tuple[Claimed, ...]
    locked: tuple[Claimed, ...]
    ended: Counter[str]
    allowance: Allowance
    committed: float
    at: datetime


def committed(errand: Errand, batch: Sequence[Claimed], provider: Provider) -> Handed:
    """T2, in a thread; this host remembers the last of it. With `send.strict`, under the locks of their addresses."""
    free = _locked(errand, batch)
    handed = hand(errand.app, free, provider, instance=errand.instance, timed=errand.timed)
    if errand.locks is not None:
        under_way = {each.row.id for each in (*(each for each, _ in handed.ours), *handed.gone)}
        errand.locks.free([each.row.contact_hash for each in free if each.row.id not in under_way])
    if handed.ours and errand.timed:
        row = handed.ours[-1][0].row
        _remembered(errand.app.project, Mark(errand.instance, row.id, row.attempt, handed.at))
    return handed


def _locked(errand: Errand, batch: Sequence[Claimed]) -> Sequence[Claimed]:
    """With `send.strict`, those to whom nobody's opt-out is being written; the others go back."""
    if errand.locks is None:
        return batch
    ours = errand.locks.take([each.row.contact_hash for each in batch])
    others = [each for each in batch if each.row.contact_hash not in ours]
    if others:
        give_all_back(errand.app, others, timed=errand.timed)
    return [each for each in batch if each.row.contact_hash in ours]


def _remembered(project: Path, mark: Mark) -> None:
    """T2 is committed: its calls begin, though this machine's disk takes no mark of it."""
    try:
        remember(project, mark)
    except OSError as error:
        _log.warning("the last hand-over is not remembered on this machine: %s", error.strerror)


def hand(app: App, batch: Sequence[Claimed], provider: Provider, *, instance: str, timed: bool) -> Handed:
    """Commits that these are in the provider's hands from now on. A closed provider gets none: all go back."""
    with writing(app.engine, durable=timed) as c:
        at = now(c)
        allowance = _allowed(c, provider, (at, len(batch)), timed)
        now_, later = batch[: allowance.count], batch[allowance.count :]
        if allowance.closed:
            now_, later = (), ()
            ended = Counter(sending.give_back(c, [each.held for each in batch], at=at, clock=at))
            handed: set[tuple[int, int]] = set()
            locked: set[tuple[int, int]] = set()
        else:
            handed, locked, ended = _guarded(c, now_, at, timed)
        if timed and provider.per_second is not None and handed:
            provider_states.took(c, provider.name, at=at, count=len(handed), per_second=provider.per_second)
        to = recipients.addresses(c, [each.row.contact_point_id for each in now_])
    committed = monotonic()
    hand_off = HandOff(instance, at, committed + FIRST_BYTE) if timed else HandOff(instance, None, inf)
    addressed = [(each, to.get(each.row.contact_point_id)) for each in now_ if each.held in handed]
    ours = tuple((each, address) for each, address in addressed if address is not None)
    gone = tuple(each for each, address in addressed if address is None)
    held_up = tuple(each for each in now_ if each.held in locked)
    return Handed(ours, hand_off, gone, tuple(later), held_up, ended, allowance, committed, at)


def give_all_back(app: App, held: Sequence[Claimed], *, timed: bool) -> None:
    """Messages we hold and surely did not send."""
    with writing(app.engine) as c:
        at = now(c)
        sending.give_back(c, [each.held for each in held], at=at, clock=at if timed else None)


def _allowed(c: sa.Connection, provider: Provider, asked: tuple[datetime, int], timed: bool) -> Allowance:
    at, wanted = asked
    if not timed:
        return Allowance(wanted)
    return provider_states.allow(c, provider.name, at=at, wanted=wanted, per_second=provider.per_second)


def _guarded(
    c: sa.Connection, batch: Sequence[Claimed], at: datetime, timed: bool
) -> tuple[set[tuple[int, int]], set[tuple[int, int]], Counter[str]]:
    """Lease, wishes, holds, pauses, usefulness, and the recipient's hours, which must leave time for a whole call.

    Returns those handed over, those that another transaction was changing, and how the others ended.
    """
    clock = at if timed else None
    open_ = [each.held for each in batch if not timed or each.closes > at + DEADLINE]
    handed = sending.hand(c, open_, at=at, deadline=DEADLINE, clock=clock)
    refused = [each.held for each in batch if each.held not in handed]
    back = Counter(sending.give_back(c, refused, at=at, clock=clock) if refused else {})
    return handed, sending.still_claimed(c, refused) if back.total() < len(refused) else set(), back
