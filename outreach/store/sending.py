"""How does a message leave so that no crash sends it twice and no opt-out is overtaken? (design: state.md)

T1 claim and T2 hand-off (committed before the first byte); `recording` is T3, `leases` the sweeper. Every UPDATE
carries state and attempt, never the id alone; T1 and T2 both ask what forbids the message. No sender waits for a
row somebody else is changing: on PostgreSQL it is skipped, so that no two ever wait for each other in a circle.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from operator import itemgetter
from typing import Any

import sqlalchemy as sa

from outreach.core.terms import MessageState
from outreach.store import talking
from outreach.store.among import among, still
from outreach.store.engine import insert_new
from outreach.store.forbids import asked_not_to, free, on_hold, paused
from outreach.store.rowset import ROWS, rows, rowset
from outreach.store.schema import attempts, contact_ledger, outbox
from outreach.store.types import Utc

READY, CLAIMED, HANDED = MessageState.READY.value, MessageState.CLAIMED.value, MessageState.HANDED.value
#: Word for word the condition of ix_outbox_ready: with bound values SQLite would read the whole outbox instead.
WAITING = sa.text("outbox.state = 'ready'")
ANSWERS = sa.text("outbox.kind = 'answer'")  # with it, of ix_outbox_answers
#: How long a claim holds (settled 34), in seconds.
LEASE_SECONDS = 60

#: A place under the frequency cap, as it is asked for.
_SLOT = {"id": sa.BigInteger(), "contact_hash": sa.Text(), "slot": sa.Text()}

#: (id, attempt) of rows somebody holds.
Held = Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Due:
    """Which ready messages: of a mode and channels, due `at` (None: whatever their hour), of nights before `before`.

    `ids`: only these (a hint). Both None: all. `answers`: only answers, which somebody waits for.
    """

    mode: str
    channels: tuple[str, ...]
    at: datetime | None
    before: date | None = None
    ids: tuple[int, ...] | None = None
    answers: bool = False


def due(c: sa.Connection, which: Due, *, after: tuple[datetime, int] | None, size: int) -> list[Any]:
    """(id, not_before) of the next ready messages whose campaign is not paused, by keyset over ix_outbox_ready.

    On PostgreSQL they are locked, and those another worker is claiming are left out.
    """
    o = outbox.c
    where: list[Any] = [o.mode == which.mode, o.channel.in_(which.channels), sa.not_(paused())]
    if which.ids is not None:
        where.append(among(o.id, which.ids))
    if which.answers:
        where.append(ANSWERS)
    if which.before is not None:
        where.append(o.night < which.before)
    if which.at is not None:
        where.append(o.not_before <= which.at)
    if after is not None:
        last = (sa.literal(after[0], o.not_before.type), sa.literal(after[1]))
        where.append(sa.tuple_(o.not_before, o.id) > sa.tuple_(*last))
    query = sa.select(o.id, o.not_before).where(WAITING, *where).order_by(o.not_before, o.id).limit(size)
    return list(c.execute(query.with_for_update(skip_locked=True)).all())


def claim(
    c: sa.Connection, ids: Sequence[int], *, owner: str, at: datetime, clock: datetime | None = None
) -> list[Any]:
    """T1: ready -> claimed with a lease by the database's clock, attempt + 1.

    Returns (id, attempt) of those we now hold, in the order of `ids`; `held.look` tells what they are.

    `clock`: what `not_after` is measured by; None where the hour does not matter (outbox mode).
    """
    claiming, beginning = _claiming(timed=clock is not None)
    lease = at + timedelta(seconds=LEASE_SECONDS)
    said = {"b_ids": ids, "b_owner": owner, "b_lease": lease, "b_at": at, "b_clock": clock}
    ours = {row.id: row for row in c.execute(claiming, said).all()}
    if ours:
        c.execute(beginning, {"b_ids": list(ours), "b_at": at})
    return [ours[i] for i in ids if i in ours]


@cache
def _claiming(*, timed: bool) -> tuple[Any, Any]:
    """T1 for messages b_ids, and their new attempts. Built once: see `forbids`."""
    at = sa.bindparam("b_at", type_=Utc())
    claiming = (
        sa.update(outbox)
        .where(among(outbox.c.id, "b_ids"), still(outbox.c.state, READY), _in_time(timed), free())
        .values(
            state=CLAIMED,
            attempt=outbox.c.attempt + 1,
            owner=sa.bindparam("b_owner"),
            lease_until=sa.bindparam("b_lease", type_=Utc()),
            updated_at=at,
        )
        .returning(outbox.c.id, outbox.c.attempt)
    )
    held = (among(outbox.c.id, "b_ids"), still(outbox.c.state, CLAIMED))
    started = sa.select(outbox.c.id, outbox.c.attempt, outbox.c.owner, at).where(*held)
    return claiming, sa.insert(attempts).from_select(["outbox_id", "attempt", "owner", "claimed_at"], started)


def _in_time(timed: bool) -> sa.ColumnElement[bool]:
    return outbox.c.not_after > sa.bindparam("b_clock", type_=Utc()) if timed else sa.true()


def settle_refused(c: sa.Connection, ids: Sequence[int], *, at: datetime, clock: datetime | None) -> dict[str, int]:
    """Ready messages that may not leave reach their named end: suppressed, cancelled, expired. Counts by state.

    A paused campaign's stay ready.
    """
    ends: list[tuple[MessageState, str, sa.ColumnElement[bool]]] = [
        (MessageState.SUPPRESSED, "asked not to be written to", asked_not_to()),
        (MessageState.CANCELLED, "on hold", on_hold()),
        (MessageState.CANCELLED, talking.BECAUSE, talking.talking()),
    ]
    if clock is not None:
        ends.append((MessageState.EXPIRED, "too late to be useful", outbox.c.not_after <= clock))
    found: dict[str, int] = {}
    for state, because, why in ends:
        values = {"state": state.value, "because": because, "updated_at": at}
        ready = still(outbox.c.state, READY)
        mine = unlocked(c.dialect.name, among(outbox.c.id, ids), ready)
        done = c.execute(sa.update(outbox).where(mine, ready, why).values(values)).rowcount
        if done:
            found[state.value] = done
    return found


def unlocked(dialect: str, *where: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """These rows; on PostgreSQL without those another transaction is changing.

    As an array, which is made once. `id IN (SELECT ... FOR UPDATE)` would be asked, and lock, again for each row.
    """
    if dialect != "postgresql":
        return sa.and_(*where)
    free_ones = sa.select(outbox.c.id).where(*where).with_for_update(skip_locked=True)
    return outbox.c.id == sa.func.any(sa.func.array(free_ones.scalar_subquery()))


def take_cap(c: sa.Connection, asked: Sequence[tuple[int, str, str]]) -> set[int]:
    """The frequency cap as a unique key: (message id, contact hash, slot). Returns the ids that got their slot."""
    if not asked:
        return set()
    said = {ROWS: rows(c.dialect.name, _SLOT, sorted(asked, key=itemgetter(1, 2)))}  # no two wait in a circle
    v = rowset(c.dialect.name, _SLOT)
    wanted = sa.select(v.c.contact_hash, sa.literal("marketing"), v.c.slot, v.c.id).where(sa.true())
    taking = insert_new(c, contact_ledger).from_select(["contact_hash", "cap_class", "slot", "outbox_id"], wanted)
    got = {row.outbox_id for row in c.execute(taking.returning(contact_ledger.c.outbox_id), said).all()}
    if before := {(i, slot) for i, _, slot in asked if i not in got}:  # a try before this one may have taken it
        t = contact_ledger.c
        theirs = c.execute(sa.select(t.outbox_id, t.slot).where(among(t.outbox_id, [i for i, _ in before])))
        got |= {row.outbox_id for row in theirs if (row.outbox_id, row.slot) in before}
    return got


def end(c: sa.Connection, held: Sequence[tuple[int, int, str]], *, state: MessageState, at: datetime) -> None:
    """claimed -> a named end, before anything left: (id, attempt, why in words)."""
    mine = (
        outbox.c.id == sa.bindparam("b_id"),
        outbox.c.attempt == sa.bindparam("b_attempt"),
        still(outbox.c.state, CLAIMED),
    )
    because: sa.BindParameter[str] = sa.bindparam("b_because")
    ending = sa.update(outbox).where(*mine).values(state=state.value, because=because, lease_until=None, updated_at=at)
    if held:
        c.execute(ending, [{"b_id": i, "b_attempt": n, "b_because": why} for i, n, why in held])


def hand(
    c: sa.Connection, held: Held, *, at: datetime, deadline: timedelta, clock: datetime | None = None
) -> set[tuple[int, int]]:
    """T2: claimed -> handed, committed before the first byte. Asks lease, wishes and usefulness again.

    Returns those handed over. What another transaction is changing is passed over.
    """
    handing, noting = _handing(c.dialect.name, timed=clock is not None)
    handed: set[tuple[int, int]] = set()
    for attempt, group in by_attempt(held).items():
        said = {"b_ids": group, "b_attempt": attempt, "b_at": at, "b_until": at + deadline, "b_clock": clock}
        done = {row.id for row in c.execute(handing, said).all()}
        c.execute(noting, {"b_ids": list(done), "b_attempt": attempt, "b_at": at})
        handed |= {(i, attempt) for i in done}
    return handed


@cache
def _handing(dialect: str, *, timed: bool) -> tuple[Any, Any]:
    """T2 for messages b_ids, and their attempts. Built once: see `forbids`."""
    at, attempt = sa.bindparam("b_at", type_=Utc()), sa.bindparam("b_attempt", type_=sa.Integer)
    mine = (among(outbox.c.id, "b_ids"), outbox.c.attempt == attempt, still(outbox.c.state, CLAIMED))
    leased = outbox.c.lease_until > sa.bindparam("b_until", type_=Utc())
    guarded = sa.update(outbox).where(_mine(dialect, *mine), leased, _in_time(timed), free())
    handing = guarded.values(state=HANDED, updated_at=at).returning(outbox.c.id)
    tries = (among(attempts.c.outbox_id, "b_ids"), attempts.c.attempt == attempt)
    return handing, sa.update(attempts).where(*tries).values(handed_at=at)


def still_claimed(c: sa.Connection, held: Held) -> set[tuple[int, int]]:
    """Which of these we hold as before, neither handed over nor given back: another transaction was changing them."""
    o = outbox.c
    query = sa.select(o.id, o.attempt).where(among(o.id, [i for i, _ in held]), still(o.state, CLAIMED))
    return set(held).intersection((row.id, row.attempt) for row in c.execute(query))


def _mine(dialect: str, *where: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Those of these rows that nobody is changing, asked again of each as it then is."""
    return sa.and_(*where, unlocked(dialect, *where))


def by_attempt(held: Held) -> dict[int, list[int]]:
    """{attempt: ids}: nearly always one group."""
    found: dict[int, list[int]] = {}
    for message_id, attempt in held:
        found.setdefault(attempt, []).append(message_id)
    return found


def give_back(
    c: sa.Connection, held: Held, *, at: datetime, clock: datetime | None = None, not_before: datetime | None = None
) -> dict[str, int]:
    """What its holder surely did not send goes back to ready, `handed` too: only the holder knows that.

    Those that may not leave are named (suppressed, cancelled, expired). Returns counts by state.
    """
    moved = {} if not_before is None else {"not_before": not_before}
    back = 0
    for attempt, group in by_attempt(held).items():
        mine = (among(outbox.c.id, group), outbox.c.attempt == attempt, still(outbox.c.state, CLAIMED, HANDED))
        values = {"state": READY, "owner": None, "lease_until": None, "updated_at": at, **moved}
        back += c.execute(sa.update(outbox).where(_mine(c.dialect.name, *mine)).values(values)).rowcount
    ended = settle_refused(c, [i for i, _ in held], at=at, clock=clock) if back else {}
    return {**ended, READY: back - sum(ended.values())} if back > sum(ended.values()) else ended
