"""How do tonight's decisions become messages, and how are they let go together, or not at all?

A pass writes `planned` rows; nothing claims those. When ceiling, guard and the templates' whole-audience check are
settled, one statement makes them `ready`, or one set of statements takes them back.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from outreach.core.terms import MessageState
from outreach.store.bulk import amend, put, take_ids
from outreach.store.decisions import in_state
from outreach.store.runs import Run
from outreach.store.schema import contents, outbox, told
from outreach.store.types import FactsText

PLANNED = MessageState.PLANNED.value


class Message(NamedTuple):
    """A message to be: the columns of outbox in which the messages of a pass differ."""

    campaign: str
    kind: str
    legal: str
    customer_id: int
    contact_point_id: int
    contact_hash: str
    channel: str
    subject_key: str
    subjects: list[str]
    facts: Mapping[str, Any]
    rank: int
    draw: int
    not_before: datetime
    not_after: datetime


def add(c: sa.Connection, run: Run, messages: Sequence[Message], at: datetime) -> list[int | None]:
    """Insert planned messages; the id of each, None where the key is taken: it was told."""
    ids = take_ids(c, outbox, len(messages))
    mode = run.mode.value
    keys = [f"{mode}|{m.campaign}|{m.customer_id}|{m.subject_key}" for m in messages]
    rows = [(i, key, *m) for i, key, m in zip(ids, keys, messages, strict=True)]
    same = {"run_id": run.id, "night": run.night, "mode": mode, "state": PLANNED, "created_at": at, "updated_at": at}
    put(c, outbox, columns=("id", "dedupe_key", *Message._fields), rows=rows, same=same)
    if not ids:
        return []
    mine = (outbox.c.run_id == run.id, outbox.c.id.between(ids[0], ids[-1]))
    went_in = set(c.execute(sa.select(outbox.c.id).where(*mine)).scalars())
    return [i if i in went_in else None for i in ids]


class Told(NamedTuple):
    """One subject of a message: what is not told again."""

    customer_id: int
    campaign: str
    subject_key: str
    contact_hash: str
    outbox_id: int


def tell(c: sa.Connection, run: Run, rows: Sequence[Told]) -> None:
    """Write the once-only keys of planned messages."""
    put(c, told, columns=Told._fields, rows=rows, same={"mode": run.mode.value})


def drop(c: sa.Connection, messages: sa.Select[Any]) -> int:
    """Take messages back as if never planned: their keys, contents and rows. `messages` selects outbox ids."""
    ids = sa.select(messages.subquery().c[0])
    c.execute(sa.delete(contents).where(contents.c.outbox_id.in_(ids)))
    c.execute(sa.delete(told).where(told.c.outbox_id.in_(ids)))
    return c.execute(sa.delete(outbox).where(outbox.c.id.in_(ids))).rowcount


def over(run: Run, ceiling: int) -> sa.Select[Any]:
    """Ids of planned messages beyond the ceiling: by priority, then the night's draw (settled 8)."""
    place = sa.func.row_number().over(order_by=[outbox.c.rank, outbox.c.draw, outbox.c.id]).label("place")
    ranked = (
        sa.select(outbox.c.id, place).where(outbox.c.run_id == run.id, outbox.c.state == PLANNED).subquery("ranked")
    )
    return sa.select(ranked.c.id).where(ranked.c.place > ceiling)


def chosen(ids: Sequence[int]) -> sa.Select[Any]:
    """These messages, in the form `drop` and `decisions.overrule` take."""
    return sa.select(outbox.c.id).where(outbox.c.id.in_(ids))


def planned_per_campaign(c: sa.Connection, run: Run) -> dict[str, int]:
    """How many messages this run has planned and not yet let go."""
    where = (outbox.c.run_id == run.id, outbox.c.state == PLANNED)
    rows = c.execute(sa.select(outbox.c.campaign, sa.func.count()).where(*where).group_by(outbox.c.campaign))
    return {row[0]: row[1] for row in rows}


def of_the_night(c: sa.Connection, run: Run) -> dict[str, int]:
    """All messages of this run per campaign, with those earlier passes let go: what ceiling and guard count."""
    query = sa.select(outbox.c.campaign, sa.func.count()).where(outbox.c.run_id == run.id)
    return {row[0]: row[1] for row in c.execute(query.group_by(outbox.c.campaign))}


def unrendered(c: sa.Connection, run: Run, *, after: int, size: int) -> list[Any]:
    """What is asked to render the next planned messages without content, by keyset on id."""
    o = outbox.c
    where = (o.run_id == run.id, o.state == PLANNED, o.template_revision.is_(None), o.id > after)
    facts = sa.cast(o.facts, FactsText()).label("facts")
    columns = (o.id, o.campaign, o.channel, o.customer_id, o.contact_point_id, o.subject_key, o.not_before, facts)
    return list(c.execute(sa.select(*columns).where(*where).order_by(o.id).limit(size)))


class Written(NamedTuple):
    """What a message learns by being rendered. `facts` None: they stay as planned; a str is JSON already."""

    id: int
    template_revision: str
    language: str
    parts: int | None
    facts: Mapping[str, Any] | str | None


class Body(NamedTuple):
    """A message's content: `body` packed with the revision's skeleton, `sha` of what was packed."""

    outbox_id: int
    revision: str
    body: bytes
    sha: str


def store_rendered(c: sa.Connection, written: Sequence[Written], bodies: Sequence[Body]) -> None:
    """Content beside its message, in the same transaction."""
    amend(c, outbox, columns=Written._fields, rows=written, only={"state": PLANNED})
    put(c, contents, columns=Body._fields, rows=bodies, same={})


def let_go(c: sa.Connection, run: Run, campaigns: Sequence[str], at: Any) -> int:
    """planned -> ready, all at once, for campaigns whose whole check passed."""
    where = (outbox.c.id.in_(in_state(run.id, PLANNED, campaigns)), outbox.c.state == PLANNED)
    done = sa.update(outbox).where(*where).values(state=MessageState.READY.value, updated_at=at)
    return c.execute(done).rowcount
