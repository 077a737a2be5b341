"""What have the providers' own lists yet to be told? Another wall behind ours, built afterwards (respect.md, 22).

A row is written in the wish's own transaction and told later; its address is emptied as soon as it was. Only the
newest row of an address counts: who left and came back within a minute is told as one who stayed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from outreach.core.terms import Channel
from outreach.store.among import among
from outreach.store.contacts import contact_points
from outreach.store.inbox_schema import walls

ADD, REMOVE = "add", "remove"


@dataclass(frozen=True, slots=True)
class Closing:
    """What a provider's list of a channel is to learn, `at` a moment: ADD or REMOVE."""

    provider: str
    channel: Channel
    action: str
    at: datetime


def note(c: sa.Connection, closing: Closing, hashes: Iterable[str], plain: Mapping[str, str]) -> int:
    """Remember to tell of these address hashes; `plain` knows addresses that no customer has. Returns how many.

    An address whose newest row says the same already is left out. Carried by ix_wall_contact_hash.
    """
    asked = sorted(set(hashes))
    known = _addresses(c, closing.channel, asked)
    said = _last_said(c, closing.provider, asked)
    rows = [
        {
            "provider": closing.provider,
            "channel": closing.channel.value,
            "contact_hash": one,
            "address": known.get(one) or plain[one],
            "action": closing.action,
            "since": closing.at,
            "not_before": closing.at,
        }
        for one in asked
        if (one in known or one in plain) and said.get(one) != closing.action
    ]
    if rows:
        c.execute(sa.insert(walls), rows)
    return len(rows)


def _addresses(c: sa.Connection, channel: Channel, hashes: Sequence[str]) -> dict[str, str]:
    p = contact_points.c
    where = (among(p.address_hash, hashes), p.channel == channel.value, p.address.is_not(None))
    return {row.address_hash: row.address for row in c.execute(sa.select(p.address_hash, p.address).where(*where))}


def _last_said(c: sa.Connection, provider: str, hashes: Sequence[str]) -> dict[str, str]:
    w = walls.c
    newest = sa.select(sa.func.max(w.id)).where(w.provider == provider, among(w.contact_hash, hashes))
    mine = sa.select(w.contact_hash, w.action).where(w.id.in_(newest.group_by(w.contact_hash)))
    return {row.contact_hash: row.action for row in c.execute(mine)}


def untold(c: sa.Connection, providers: Sequence[str], *, at: datetime, size: int) -> list[Any]:
    """The oldest rows a provider has yet to be told, over ix_wall_untold."""
    w = walls.c
    where = (w.told_at.is_(None), w.not_before <= at, w.provider.in_(providers))
    return list(c.execute(sa.select(walls).where(*where).order_by(w.id).limit(size)))


def told(c: sa.Connection, ids: Sequence[int], *, at: datetime, refused: str | None = None) -> None:
    """Told, or `refused` for good: either way the address is no longer needed."""
    w = walls.c
    done = {"told_at": at, "address": None, "last_error": refused}
    c.execute(sa.update(walls).where(among(w.id, ids), w.told_at.is_(None)).values(done))


def overtaken(c: sa.Connection, *, at: datetime) -> int:
    """Rows whose address has a newer one need not be told. Returns how many."""
    w, newer = walls.c, walls.alias()
    later = sa.select(sa.literal(1)).where(
        newer.c.contact_hash == w.contact_hash, newer.c.provider == w.provider, newer.c.id > w.id
    )
    where = (w.told_at.is_(None), later.correlate(walls).exists())
    return c.execute(sa.update(walls).where(*where).values(told_at=at, address=None, last_error="overtaken")).rowcount


def last_change(c: sa.Connection, provider: str, hashes: Sequence[str]) -> dict[str, Any]:
    """{address hash: the newest row that bears on what the provider lists}: an ADD it took, or any REMOVE.

    What it refused, or was spared, put nothing on its list; whoever came back did so whether it was told or not.
    """
    w = walls.c
    took = sa.and_(w.told_at.is_not(None), w.last_error.is_(None))
    newest = sa.select(sa.func.max(w.id)).where(
        w.provider == provider, among(w.contact_hash, hashes), sa.or_(w.action == REMOVE, took)
    )
    rows = c.execute(sa.select(walls).where(w.id.in_(newest.group_by(w.contact_hash))))
    return {row.contact_hash: row for row in rows}


def put_off(c: sa.Connection, ids: Sequence[int], *, until: datetime, said: str) -> None:
    """Try these again later. `said` holds no address."""
    w = walls.c
    again = {"tries": w.tries + 1, "not_before": until, "last_error": said}
    c.execute(sa.update(walls).where(among(w.id, ids), w.told_at.is_(None)).values(again))


@dataclass(frozen=True, slots=True)
class Untold:
    """What a provider's list has yet to learn: how many wishes, since when, and what it said last."""

    wishes: int
    since: datetime
    said: str | None


def waiting(c: sa.Connection) -> dict[str, Untold]:
    """By provider; who has nothing to be told is not in it. Over ix_wall_untold."""
    w = walls.c
    query = sa.select(w.provider, sa.func.count(), sa.func.min(w.since), sa.func.max(w.last_error))
    rows = c.execute(query.where(w.told_at.is_(None)).group_by(w.provider))
    return {row[0]: Untold(*row[1:]) for row in rows}


def holding(c: sa.Connection, hashes: Sequence[str]) -> int:
    """Rows that hold one of these addresses until its provider was told."""
    w = walls.c
    where = (among(w.contact_hash, hashes), w.address.is_not(None))
    return c.execute(sa.select(sa.func.count()).select_from(walls).where(*where)).scalar_one()
