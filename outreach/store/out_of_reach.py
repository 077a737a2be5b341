"""Which texts, whose phone was switched off or out of reach, wait to be tried once more? (respect.md 26)

It is the same message: its once-only key, its place under the cap and the rest after it stay as they are.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from outreach.core.fates import TEXT_ENDED
from outreach.core.lifecycle import TRIES, UNREACHABLE_WAIT, Fault
from outreach.core.terms import Channel, MessageState
from outreach.store import sending
from outreach.store.rowset import ROWS, rows, rowset
from outreach.store.schema import attempts, outbox
from outreach.store.types import Utc

_READY = MessageState.READY.value
_MISSED = {"id": sa.BigInteger(), "attempt": sa.Integer(), "said": sa.Text()}


class Missed(NamedTuple):
    """One hand-off that did not reach its phone, and what the provider said, for people."""

    id: int
    attempt: int
    said: str | None


def wait_again(
    c: sa.Connection, missed: Iterable[Missed], state: MessageState, *, at: datetime
) -> tuple[set[int], Counter[str]]:
    """Texts in `state` go back to ready, while they have tries left and will still be useful.

    Returns the ids of those that did, and their counts by state: what was asked for meanwhile counts at once, so that
    such a one is `suppressed` or `cancelled`.
    """
    listed = sorted(set(missed), key=lambda one: one[:2])
    if not listed:
        return set(), Counter()
    moving, finishing = _moving(c.dialect.name)
    said = {ROWS: rows(c.dialect.name, _MISSED, listed), "b_at": at, "b_next": at + UNREACHABLE_WAIT}
    moved = {row.id for row in c.execute(moving, {**said, "b_state": state.value})}
    states = Counter[str]()
    if moved:
        again = [one for one in listed if one.id in moved]
        c.execute(finishing, {ROWS: rows(c.dialect.name, _MISSED, again), "b_at": at})
        ended = sending.settle_refused(c, sorted(moved), at=at, clock=at)
        states = +Counter({**ended, _READY: len(moved) - sum(ended.values())})
    return moved, states


@cache
def _moving(dialect: str) -> tuple[Any, Any]:
    """The messages, and their attempts: by these `fates` knows that nothing more counts that is told of this try."""
    v, at = rowset(dialect, _MISSED), sa.bindparam("b_at", type_=Utc())
    o, following = outbox.c, sa.bindparam("b_next", type_=Utc())
    mine = (o.id == v.c.id, o.attempt == v.c.attempt, o.state == sa.bindparam("b_state"))
    # a text whose way has ended, be it that it was delivered, is not tried again (respect.md 25)
    text = (o.channel == Channel.TEXT.value, sa.func.coalesce(o.fate_rank, 0) < TEXT_ENDED)
    moving = (
        sa.update(outbox)
        .where(*mine, *text, o.attempt < TRIES, o.not_after > following)
        .values(
            state=_READY,
            not_before=following,
            provider_message_id=None,
            fate=None,
            fate_rank=None,
            fate_at=None,
            last_error=v.c.said,
            updated_at=at,
        )
        .returning(o.id)
    )
    done = {
        "outcome": _READY,
        "error": v.c.said,
        "error_class": Fault.UNREACHABLE.value,
        "finished_at": sa.func.coalesce(attempts.c.finished_at, at),
    }
    tried = (attempts.c.outbox_id == v.c.id, attempts.c.attempt == v.c.attempt)
    return moving, sa.update(attempts).where(*tried).values(done)
