"""What did staff stop? Pauses, holds and struck-out messages."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from outreach.core.terms import Kind, MessageState
from outreach.store.contacts import holds, pauses
from outreach.store.engine import dialect_insert
from outreach.store.schema import outbox
from outreach.store.wishes import WAITING


def pause(c: sa.Connection, campaign: str, *, because: str, at: datetime) -> None:
    """One row per paused campaign; '' is the kill switch for all."""
    insert = dialect_insert(c, pauses).values(campaign=campaign, because=because, since=at)
    c.execute(insert.on_conflict_do_update(index_elements=["campaign"], set_={"because": because, "since": at}))


def resume(c: sa.Connection, campaign: str) -> bool:
    """Lift one pause."""
    return bool(c.execute(sa.delete(pauses).where(pauses.c.campaign == campaign)).rowcount)


def paused(c: sa.Connection) -> list[Any]:
    """What is paused, since when and why."""
    return list(c.execute(sa.select(pauses).order_by(pauses.c.campaign)))


def waiting(c: sa.Connection, campaign: str) -> int:
    """Messages that wait to leave, of one campaign or ('') of all."""
    where: list[sa.ColumnElement[bool]] = [outbox.c.state.in_(WAITING)]
    if campaign:
        where.append(outbox.c.campaign == campaign)
    return c.execute(sa.select(sa.func.count()).select_from(outbox).where(*where)).scalar_one()


def hold(c: sa.Connection, customer_id: int, *, until: date | None, because: str, at: datetime) -> int:
    """Put a customer on hold and cancel what waits for them, safety aside. Returns messages cancelled."""
    insert = dialect_insert(c, holds).values(customer_id=customer_id, until=until, because=because, since=at)
    changed = {"until": until, "because": because, "since": at}
    c.execute(insert.on_conflict_do_update(index_elements=["customer_id"], set_=changed))
    where = (outbox.c.customer_id == customer_id, outbox.c.state.in_(WAITING), outbox.c.kind != Kind.SAFETY.value)
    return _cancel(c, where, f"on hold: {because}", at)


def release(c: sa.Connection, customer_id: int) -> bool:
    """End a hold."""
    return bool(c.execute(sa.delete(holds).where(holds.c.customer_id == customer_id)).rowcount)


def state_of(c: sa.Connection, message: int) -> str | None:
    """The state of one message, None when there is none."""
    return c.execute(sa.select(outbox.c.state).where(outbox.c.id == message)).scalar_one_or_none()


def cancel(
    c: sa.Connection, *, because: str, at: datetime, message: int | None = None, campaign: str | None = None
) -> int:
    """Waiting messages -> cancelled: one, a campaign's, or all. Returns how many."""
    where: list[sa.ColumnElement[bool]] = [outbox.c.state.in_(WAITING)]
    if message is not None:
        where.append(outbox.c.id == message)
    if campaign is not None:
        where.append(outbox.c.campaign == campaign)
    return _cancel(c, tuple(where), because, at)


def _cancel(c: sa.Connection, where: tuple[sa.ColumnElement[bool], ...], because: str, at: datetime) -> int:
    values = {"state": MessageState.CANCELLED.value, "because": because, "updated_at": at}
    return c.execute(sa.update(outbox).where(*where).values(values)).rowcount
