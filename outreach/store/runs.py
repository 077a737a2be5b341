"""Which nights ran, how far did each campaign of a night get, and what is usual?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from outreach.core.terms import MessageState, Mode, RunState
from outreach.store.engine import dialect_insert, insert_new
from outreach.store.schema import installation, outbox, run_campaigns, runs
from outreach.store.shop import orders

NIGHTLY = "nightly"
#: Where an import of order files leaves how many rows it read.
ORDERS_READ = "orders_read"
#: What a tally says of its campaign, under the names of its columns.
_LINE = ("state", "found", "queued", "because", "failed", "gap", "mend")


@dataclass(frozen=True, slots=True)
class Run:
    """One night in one mode. `offset_seconds`: the run's clock minus the database's (settled 1)."""

    id: int
    name: str
    night: date
    mode: Mode
    state: RunState
    attempt: int
    offset_seconds: int
    orders_read: int
    held_because: tuple[str, ...]
    note: str | None
    started_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Tally:
    """One campaign of one night: found = left alone (by reason) + queued."""

    campaign: str
    state: str
    found: int
    queued: int
    because: dict[str, int]
    gap: str | None = None
    mend: str | None = None
    failed: int = 0

    @property
    def left_alone(self) -> int:
        return sum(self.because.values())


def name_of(night: date) -> str:
    """`n-2026-11-14`."""
    return f"n-{night.isoformat()}"


def begin(c: sa.Connection, *, night: date, mode: Mode, at: datetime, offset_seconds: int) -> Run:
    """The run of this night and mode: the one there is, or a new one. Unique key (job, night, mode)."""
    row = {
        "name": name_of(night),
        "job": NIGHTLY,
        "business_date": night,
        "mode": mode.value,
        "state": RunState.RUNNING.value,
        "offset_seconds": offset_seconds,
        "orders_read": orders_read(c, night),
        "started_at": at,
    }
    c.execute(insert_new(c, runs).values(row))
    found = get(c, night=night, mode=mode)
    assert found is not None
    return found


def orders_read(c: sa.Connection, night: date) -> int:
    """Rows of the last whole export of orders; without one, the orders the night can see. The guard compares nights."""
    read = c.execute(sa.select(installation.c.value).where(installation.c.name == ORDERS_READ)).scalar_one_or_none()
    if read is not None:
        return int(read)
    return c.execute(sa.select(sa.func.count()).select_from(orders).where(orders.c.placed_on < night)).scalar_one()


def get(c: sa.Connection, *, night: date, mode: Mode) -> Run | None:
    """The run of a night in a mode, by its unique key."""
    where = (runs.c.job == NIGHTLY, runs.c.business_date == night, runs.c.mode == mode.value)
    row = c.execute(sa.select(runs).where(*where)).one_or_none()
    return _run(row) if row else None


def latest(c: sa.Connection, *, mode: Mode, before: date | None = None, done: bool = False) -> Run | None:
    """The newest night in a mode, or the newest before a date; `done`: of those that went through."""
    where = [runs.c.job == NIGHTLY, runs.c.mode == mode.value]
    if done:
        where.append(runs.c.state == RunState.DONE.value)
    if before is not None:
        where.append(runs.c.business_date < before)
    row = c.execute(sa.select(runs).where(*where).order_by(runs.c.business_date.desc()).limit(1)).one_or_none()
    return _run(row) if row else None


def broken_off(c: sa.Connection, *, before: date, mode: Mode) -> list[Run]:
    """Earlier nights that never ended, or ended with messages planned and not let go."""
    left = sa.exists().where(outbox.c.run_id == runs.c.id, outbox.c.state == MessageState.PLANNED.value)
    stuck = sa.or_(runs.c.state == RunState.RUNNING.value, left)
    where = (runs.c.job == NIGHTLY, runs.c.mode == mode.value, runs.c.business_date < before, stuck)
    return [_run(row) for row in c.execute(sa.select(runs).where(*where).order_by(runs.c.business_date))]


def first_live_night(c: sa.Connection) -> date | None:
    """The start line: the first live night that a person let go."""
    where = (runs.c.job == NIGHTLY, runs.c.mode == Mode.LIVE.value, runs.c.state == RunState.DONE.value)
    first: date | None = c.execute(sa.select(sa.func.min(runs.c.business_date)).where(*where)).scalar_one()
    return first


def usual(c: sa.Connection, *, before: date, nights: int = 14) -> list[dict[str, int]]:
    """Queued per campaign of the last live nights that went through, newest first."""
    recent = (
        sa.select(runs.c.id, runs.c.business_date)
        .where(runs.c.job == NIGHTLY, runs.c.mode == Mode.LIVE.value, runs.c.state == RunState.DONE.value)
        .where(runs.c.business_date < before)
        .order_by(runs.c.business_date.desc())
        .limit(nights)
        .subquery()
    )
    rows = c.execute(
        sa.select(recent.c.business_date, run_campaigns.c.campaign, run_campaigns.c.queued)
        .join(run_campaigns, run_campaigns.c.run_id == recent.c.id, isouter=True)
        .order_by(recent.c.business_date.desc())
    )
    found: dict[date, dict[str, int]] = {}
    for night, campaign, queued in rows:
        found.setdefault(night, {})
        if campaign:
            found[night][campaign] = queued
    return list(found.values())


def set_run(c: sa.Connection, run_id: int, **values: Any) -> None:
    """Update one run's columns; the caller holds the night's lock."""
    c.execute(sa.update(runs).where(runs.c.id == run_id).values(**values))


def supersede_held(c: sa.Connection, *, before: date, mode: Mode) -> int:
    """A new night takes the place of earlier ones nobody approved."""
    where = (runs.c.state == RunState.HELD.value, runs.c.mode == mode.value, runs.c.business_date < before)
    return c.execute(sa.update(runs).where(*where).values(state=RunState.SUPERSEDED.value)).rowcount


def tallies(c: sa.Connection, run_id: int) -> dict[str, Tally]:
    """Every campaign of a run, by name."""
    rows = c.execute(sa.select(run_campaigns).where(run_campaigns.c.run_id == run_id))
    found = [Tally(r.campaign, r.state, r.found, r.queued, dict(r.because), r.gap, r.mend, r.failed) for r in rows]
    return {tally.campaign: tally for tally in found}


def set_tally(c: sa.Connection, run_id: int, tally: Tally) -> None:
    """Write one campaign's line of the night, whole."""
    set_tallies(c, run_id, [tally])


def set_tallies(c: sa.Connection, run_id: int, several: Sequence[Tally]) -> None:
    """Write the lines of these campaigns, whole."""
    if not several:
        return
    insert = dialect_insert(c, run_campaigns)
    changed = {name: insert.excluded[name] for name in _LINE}
    statement = insert.on_conflict_do_update(index_elements=["run_id", "campaign"], set_=changed)
    rows = [{"run_id": run_id, "campaign": t.campaign, **{name: getattr(t, name) for name in _LINE}} for t in several]
    c.execute(statement, rows)


def _run(row: Any) -> Run:
    return Run(
        id=row.id,
        name=row.name,
        night=row.business_date,
        mode=Mode(row.mode),
        state=RunState(row.state),
        attempt=row.attempt,
        offset_seconds=row.offset_seconds,
        orders_read=row.orders_read,
        held_because=tuple(row.held_because or ()),
        note=row.note,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )
