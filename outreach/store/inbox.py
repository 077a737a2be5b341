"""What came in, once each: which of it is new, and which message of ours does it speak of?"""

import zlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from outreach.core.inbound import Told
from outreach.store.among import among
from outreach.store.contacts import contact_points
from outreach.store.engine import insert_new
from outreach.store.inbox_schema import inbox_events
from outreach.store.schema import outbox

#: SQLSTATEs of a transaction that did nothing wrong but meet another: serialization failure, deadlock.
_COLLISIONS = frozenset({"40001", "40P01"})
#: What a database says that cannot hold what it is given.
NOT_TAKEN = sa.exc.DBAPIError
#: What providers tell, and machines in reports; nobody wrote it to us (inbound.sorts.Kind).
_NEWS = (*(told.value for told in Told), "complaint", "bounce", "auto")
#: Bytes from which a mail is compressed in a hurry: it is mostly pictures, which do not get smaller.
_BIG = 1 << 20


@dataclass(frozen=True, slots=True)
class Came:
    """One thing that came in. `kind`: what it is, in our words. `raw`: its own bytes."""

    provider: str
    event_id: str
    kind: str
    contact_hash: str | None
    outbox_id: int | None
    occurred_at: datetime | None
    received_at: datetime
    raw: bytes
    problem: str | None = None

    @property
    def key(self) -> tuple[str, str]:
        return self.provider, self.event_id

    def stumbled(self) -> "Came":
        """The same, set aside for a person because a mistake of ours kept it from being applied."""
        return replace(self, event_id=f"{self.event_id}:set-aside", problem="the program stumbled over it")


_COLUMNS = tuple(field.name for field in fields(Came))


def puzzling(c: sa.Connection, since: datetime) -> int:
    """How much came in after a moment that could not be understood; index on received_at."""
    e = inbox_events.c
    where = (e.received_at > since, e.problem.is_not(None))
    return c.execute(sa.select(sa.func.count()).select_from(inbox_events).where(*where)).scalar_one()


def set_aside(c: sa.Connection, since: datetime, *, limit: int) -> list[Any]:
    """Those, the newest first."""
    e = inbox_events.c
    where = (e.received_at > since, e.problem.is_not(None))
    query = sa.select(inbox_events).where(*where).order_by(e.received_at.desc(), e.id.desc())
    return list(c.execute(query.limit(limit)))


def one_set_aside(c: sa.Connection, inbox_id: int) -> Any:
    """One of those, however old; None for any other number."""
    e = inbox_events.c
    return c.execute(sa.select(inbox_events).where(e.id == inbox_id, e.problem.is_not(None))).one_or_none()


def keep(c: sa.Connection, came: Sequence[Came]) -> dict[tuple[str, str], int]:
    """Write down what is not here yet: {(provider, event id): its number}. What is here already is not in the answer.

    In the order of their keys: of two posts with the same events one waits for the other, and never both.
    """
    rows = {one.key: {**{name: getattr(one, name) for name in _COLUMNS}, "raw": packed(one.raw)} for one in came}
    if not rows:
        return {}
    t = inbox_events.c
    insert = insert_new(c, inbox_events).returning(t.id, t.provider, t.event_id)
    kept = {(row.provider, row.event_id): row.id for row in c.execute(insert, [rows[key] for key in sorted(rows)])}
    _without_the_erased(c, kept.values())
    return kept


def _without_the_erased(c: sa.Connection, ids: Collection[int]) -> None:
    """News of a message to somebody who was forgotten meanwhile names their address: only the news is kept.

    What they write themselves stays, and so does what is told of whoever shares their address.
    """
    t, erased, living = inbox_events.c, contact_points.alias(), contact_points.alias()
    gone = sa.exists().where(erased.c.address_hash == t.contact_hash, erased.c.erased_at.is_not(None))
    stays = sa.exists().where(living.c.address_hash == t.contact_hash, living.c.erased_at.is_(None))
    news = t.kind.in_(_NEWS)
    if ids:
        c.execute(sa.update(inbox_events).where(among(t.id, ids), news, gone, ~stays).values(raw=None))


def packed(raw: bytes) -> bytes:
    """As it is kept."""
    return zlib.compress(raw, 1 if len(raw) > _BIG else 6)


def unpacked(raw: bytes) -> bytes:
    """As it came."""
    return zlib.decompress(raw)


def messages(c: sa.Connection, ids: Collection[int]) -> dict[int, Any]:
    """These messages of ours by their id, as far as they are here."""
    if not ids:
        return {}
    o = outbox.c
    columns = (o.id, o.attempt, o.state, o.mode, o.campaign, o.channel, o.contact_hash, o.provider)
    return {row.id: row for row in c.execute(sa.select(*columns).where(among(o.id, sorted(ids))))}


def lock(c: sa.Connection, ids: Collection[int]) -> None:
    """Messages in the order of their ids: two posts never wait for each other in a circle.

    One alone, too: what is then asked of it and of its attempts is as whoever held it before us left both.
    """
    if ids and c.dialect.name == "postgresql":
        query = sa.select(outbox.c.id).where(among(outbox.c.id, sorted(ids))).order_by(outbox.c.id)
        c.execute(query.with_for_update()).all()


def written_to(c: sa.Connection, hashes: Collection[str]) -> set[str]:
    """Those of these address hashes that a message of ours was for. ix_outbox_contact_hash_night."""
    query = sa.select(outbox.c.contact_hash).where(among(outbox.c.contact_hash, sorted(hashes))).distinct()
    return set(c.execute(query).scalars())


def collided(problem: BaseException) -> bool:
    """Whether the database gave up one of two transactions that met: the same again will do."""
    said = getattr(problem.__cause__, "orig", None)
    return getattr(said, "sqlstate", None) in _COLLISIONS
