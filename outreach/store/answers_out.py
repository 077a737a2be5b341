"""How does an answer get into the outbox, once? Its day's run, its row and content, and its place in the address's day.

Everything here is an INSERT that leaves a taken key alone: two processes that answer the same message say it once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from outreach.core.terms import Channel, Mode, RunState
from outreach.store.contacts import contact_points
from outreach.store.engine import insert_new
from outreach.store.schema import contact_ledger, contents, outbox, runs

#: The job of a run that no night is: each day's answers, as they come up.
ANSWERS = "answers"
#: The cap's class under which an address gets one confirmation a day.
CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True)
class Point:
    """An address that can be written to now, and whose it is."""

    id: int
    customer_id: int
    contact_hash: str


def point(c: sa.Connection, contact_point_id: int, channel: Channel) -> Point | None:
    """The address, unless it was erased, the record names another by now, or it is another channel's; primary key."""
    p = contact_points.c
    where = (p.id == contact_point_id, p.channel == channel.value, p.current, p.address.is_not(None))
    row = c.execute(sa.select(p.id, p.customer_id, p.address_hash).where(*where)).one_or_none()
    return None if row is None else Point(*row)


def run_of(c: sa.Connection, day: date, mode: Mode, at: datetime) -> int:
    """The run that this day's answers belong to, found or made; unique key (job, business_date, mode)."""
    row = {
        "name": f"a-{day.isoformat()}",
        "job": ANSWERS,
        "business_date": day,
        "mode": mode.value,
        "state": RunState.DONE.value,
        "started_at": at,
    }
    where = (runs.c.job == ANSWERS, runs.c.business_date == day, runs.c.mode == mode.value)
    found: int | None = c.execute(sa.select(runs.c.id).where(*where)).scalar_one_or_none()
    if found is not None:
        return found
    c.execute(insert_new(c, runs).values(row))
    return int(c.execute(sa.select(runs.c.id).where(*where)).scalar_one())


def is_said(c: sa.Connection, dedupe_key: str) -> bool:
    """Whether this was queued before; unique key."""
    return c.execute(sa.select(outbox.c.id).where(outbox.c.dedupe_key == dedupe_key)).first() is not None


def put(c: sa.Connection, row: Mapping[str, Any], body: Mapping[str, Any]) -> int | None:
    """A message in the outbox with its content; its id, or None where its dedupe_key is taken."""
    insert = insert_new(c, outbox).values(dict(row)).returning(outbox.c.id)
    made: int | None = c.execute(insert).scalar_one_or_none()
    if made is not None:
        c.execute(sa.insert(contents).values(outbox_id=made, **body))
    return made


def take_back(c: sa.Connection, outbox_id: int) -> None:
    """As if `put` had not been asked, in the same transaction."""
    c.execute(sa.delete(contents).where(contents.c.outbox_id == outbox_id))
    c.execute(sa.delete(outbox).where(outbox.c.id == outbox_id))


def takes_the_day(c: sa.Connection, outbox_id: int, contact_hash: str, *, mode: Mode, day: date) -> bool:
    """Whether this is the address's first confirmation of the day; the primary key of contact_ledger says so."""
    slot = f"{mode.value}|{day.isoformat()}"
    row = {"contact_hash": contact_hash, "cap_class": CONFIRMED, "slot": slot, "outbox_id": outbox_id}
    insert = insert_new(c, contact_ledger).values(row).returning(contact_ledger.c.outbox_id)
    return c.execute(insert).first() is not None
