"""How does a message leave so that no crash sends it twice and no opt-out is overtaken? (design: state.md)

T1 claim, T2 hand-off (committed before the first byte), T3 record. Every UPDATE carries state and attempt, never the
id alone; T1 and T2 both ask the suppressions again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from outreach.core.terms import MessageState
from outreach.store.engine import insert_new
from outreach.store.forbids import asked_not_to, on_hold, paused
from outreach.store.schema import attempts, contact_ledger, outbox

READY, CLAIMED, HANDED = MessageState.READY.value, MessageState.CLAIMED.value, MessageState.HANDED.value
#: Word for word the condition of ix_outbox_leased: with bound values SQLite would read the whole outbox instead.
LEASED = sa.text("outbox.state IN ('claimed', 'handed')")
#: How long a claim holds (settled 34), in seconds.
LEASE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Due:
    """Which ready messages: of a mode, due `at` (None: whatever their hour), of nights before `before` (None: all)."""

    mode: str
    at: datetime | None
    before: date | None = None


def due(c: sa.Connection, which: Due, *, after: int, size: int) -> list[Any]:
    """Ids of the next ready messages whose time has come and whose campaign is not paused, by keyset."""
    at, where = which.at, [outbox.c.state == READY, outbox.c.mode == which.mode, outbox.c.id > after]
    if which.before is not None:
        where.append(outbox.c.night < which.before)
    if at is not None:
        where.append(outbox.c.not_before <= at)
    return list(c.execute(sa.select(outbox.c.id).where(*where, sa.not_(paused())).order_by(outbox.c.id).limit(size)))


def settle_before_claim(c: sa.Connection, ids: Sequence[int], *, at: datetime, clock: datetime | None) -> None:
    """Ready messages that may not be claimed reach their named end: suppressed, cancelled or expired."""
    ends: list[tuple[MessageState, str, sa.ColumnElement[bool]]] = [
        (MessageState.SUPPRESSED, "asked not to be written to", asked_not_to()),
        (MessageState.CANCELLED, "on hold", on_hold()),
    ]
    if clock is not None:
        ends.append((MessageState.EXPIRED, "too late to be useful", outbox.c.not_after <= clock))
    for state, because, found in ends:
        values = {"state": state.value, "because": because, "updated_at": at}
        c.execute(sa.update(outbox).where(outbox.c.id.in_(ids), outbox.c.state == READY, found).values(values))


def _free() -> sa.ColumnElement[bool]:
    """Nothing forbids it now: no wish, no hold, no pause."""
    return sa.not_(sa.or_(asked_not_to(), on_hold(), paused()))


def claim(c: sa.Connection, ids: Sequence[int], *, owner: str, at: datetime) -> list[Any]:
    """T1: ready -> claimed with a lease by the database's clock, attempt + 1. Returns the rows we now hold."""
    statement = (
        sa.update(outbox)
        .where(outbox.c.id.in_(ids), outbox.c.state == READY, _free())
        .values(
            state=CLAIMED,
            attempt=outbox.c.attempt + 1,
            owner=owner,
            lease_until=at + timedelta(seconds=LEASE_SECONDS),
            updated_at=at,
        )
        .returning(outbox)
    )
    rows = list(c.execute(statement))
    if rows:
        started = [{"outbox_id": r.id, "attempt": r.attempt, "owner": owner, "claimed_at": at} for r in rows]
        c.execute(sa.insert(attempts), started)
    return rows


def take_cap(c: sa.Connection, rows: Sequence[tuple[int, str, str]]) -> set[int]:
    """The frequency cap as a unique key: (message id, contact hash, slot). Returns the ids that got their slot."""
    if not rows:
        return set()
    values = [{"contact_hash": h, "cap_class": "marketing", "slot": slot, "outbox_id": i} for i, h, slot in rows]
    c.execute(insert_new(c, contact_ledger), values)
    ids = [i for i, _, _ in rows]
    held = c.execute(sa.select(contact_ledger.c.outbox_id).where(contact_ledger.c.outbox_id.in_(ids)))
    return {row.outbox_id for row in held}


def end(c: sa.Connection, held: Sequence[tuple[int, int, str]], *, state: MessageState, at: datetime) -> None:
    """claimed -> a named end, before anything left: (id, attempt, why in words)."""
    statement = (
        sa.update(outbox)
        .where(
            outbox.c.id == sa.bindparam("b_id"),
            outbox.c.attempt == sa.bindparam("b_attempt"),
            outbox.c.state == CLAIMED,
        )
        .values(state=state.value, because=sa.bindparam("b_because"), lease_until=None, updated_at=at)
    )
    if held:
        c.execute(statement, [{"b_id": i, "b_attempt": n, "b_because": why} for i, n, why in held])


def hand(
    c: sa.Connection,
    held: Sequence[tuple[int, int]],
    *,
    at: datetime,
    deadline: timedelta,
    clock: datetime | None = None,
) -> set[int]:
    """T2: claimed -> handed, committed before the first byte. Asks lease, wishes and usefulness again."""
    handed: set[int] = set()
    for attempt, group in _by_attempt(held).items():
        statement = (
            sa.update(outbox)
            .where(
                outbox.c.id.in_(group),
                outbox.c.attempt == attempt,
                outbox.c.state == CLAIMED,
                outbox.c.lease_until > at + deadline,
                sa.true() if clock is None else outbox.c.not_after > clock,
                _free(),
            )
            .values(state=HANDED, updated_at=at)
            .returning(outbox.c.id)
        )
        handed |= {row.id for row in c.execute(statement)}
        where = (attempts.c.outbox_id.in_(handed & set(group)), attempts.c.attempt == attempt)
        c.execute(sa.update(attempts).where(*where).values(handed_at=at))
    return handed


def _by_attempt(held: Sequence[tuple[int, int]]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for message_id, attempt in held:
        found.setdefault(attempt, []).append(message_id)
    return found


def record(c: sa.Connection, results: Sequence[dict[str, Any]], *, at: datetime) -> int:
    """T3, fenced by (state, attempt): what the provider said. Each result: id, attempt, state, provider, message id,
    error. Returns how many were ours to record."""
    statement = (
        sa.update(outbox)
        .where(
            outbox.c.id == sa.bindparam("b_id"),
            outbox.c.attempt == sa.bindparam("b_attempt"),
            outbox.c.state == HANDED,
        )
        .values(
            state=sa.bindparam("b_state"),
            provider=sa.bindparam("b_provider"),
            provider_message_id=sa.bindparam("b_message_id"),
            last_error=sa.bindparam("b_error"),
            lease_until=None,
            updated_at=at,
        )
    )
    finished = (
        sa.update(attempts)
        .where(attempts.c.outbox_id == sa.bindparam("b_id"), attempts.c.attempt == sa.bindparam("b_attempt"))
        .values(
            finished_at=at,
            outcome=sa.bindparam("b_state"),
            error=sa.bindparam("b_error"),
            provider_message_id=sa.bindparam("b_message_id"),
        )
    )
    if not results:
        return 0
    done = c.execute(statement, list(results)).rowcount
    c.execute(finished, list(results))
    return done


def give_back(c: sa.Connection, held: Sequence[tuple[int, int]], *, at: datetime) -> dict[str, int]:
    """Claims that T2 refused go back to ready; those a wish or a hold ended are named. Returns counts by state."""
    statement = (
        sa.update(outbox)
        .where(
            outbox.c.id == sa.bindparam("b_id"),
            outbox.c.attempt == sa.bindparam("b_attempt"),
            outbox.c.state == CLAIMED,
        )
        .values(state=READY, owner=None, lease_until=None, updated_at=at)
    )
    if not held:
        return {}
    c.execute(statement, [{"b_id": i, "b_attempt": n} for i, n in held])
    ids = [i for i, _ in held]
    settle_before_claim(c, ids, at=at, clock=None)
    rows = c.execute(sa.select(outbox.c.state, sa.func.count()).where(outbox.c.id.in_(ids)).group_by(outbox.c.state))
    return {row[0]: row[1] for row in rows}


def free_expired_leases(c: sa.Connection, *, at: datetime, idempotent: Sequence[str] = ()) -> tuple[int, int]:
    """The sweeper: an expired claim is surely unsent and goes back; an expired hand-off is in doubt.

    `idempotent`: channels whose provider takes the same message twice as one; there a hand-off goes back too.
    """
    leased = (LEASED, outbox.c.lease_until <= at)
    surely = sa.or_(outbox.c.state == CLAIMED, outbox.c.channel.in_(idempotent))
    back = sa.update(outbox).where(*leased, surely)
    doubt = sa.update(outbox).where(*leased, outbox.c.state == HANDED)
    freed = c.execute(back.values(state=READY, owner=None, lease_until=None, updated_at=at)).rowcount
    values = {"state": MessageState.IN_DOUBT.value, "doubt_since": at, "lease_until": None, "updated_at": at}
    return freed, c.execute(doubt.values(values)).rowcount
