"""How do tonight's decisions become messages, and how are they let go together, or not at all?

A pass writes `planned` rows; nothing claims those. When ceiling, guard and the templates' whole-audience check are
settled, one statement makes them `ready`, or one set of statements takes them back.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from outreach.core.terms import MessageState
from outreach.store.decisions import in_state
from outreach.store.engine import insert_new
from outreach.store.runs import Run
from outreach.store.schema import contents, outbox, told

PLANNED = MessageState.PLANNED.value


def add(c: sa.Connection, rows: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Insert planned messages; returns {dedupe key: id} of those that went in. A taken key means it was told."""
    if not rows:
        return {}
    statement = insert_new(c, outbox).returning(outbox.c.dedupe_key, outbox.c.id)
    return {row.dedupe_key: row.id for row in c.execute(statement, list(rows))}


def tell(c: sa.Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Write the once-only keys of planned messages."""
    if rows:
        c.execute(insert_new(c, told), list(rows))


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
    """The next planned messages without content, by keyset on id."""
    where = (
        outbox.c.run_id == run.id,
        outbox.c.state == PLANNED,
        outbox.c.template_revision.is_(None),
        outbox.c.id > after,
    )
    return list(c.execute(sa.select(outbox).where(*where).order_by(outbox.c.id).limit(size)))


def store_rendered(c: sa.Connection, rows: Sequence[dict[str, Any]], bodies: Sequence[dict[str, Any]]) -> None:
    """Content beside its message. `rows`: b_id and the message's columns; `bodies`: rows of `content`."""
    if not rows:
        return
    changed: dict[str, Any] = {
        name: sa.bindparam(f"b_{name}") for name in ("template_revision", "language", "facts", "parts")
    }
    changed["facts"] = sa.bindparam("b_facts", type_=outbox.c.facts.type)
    c.execute(sa.update(outbox).where(outbox.c.id == sa.bindparam("b_id")).values(changed), list(rows))
    c.execute(sa.insert(contents), list(bodies))


def let_go(c: sa.Connection, run: Run, campaigns: Sequence[str], at: Any) -> int:
    """planned -> ready, all at once, for campaigns whose whole check passed."""
    where = (outbox.c.id.in_(in_state(run.id, PLANNED, campaigns)), outbox.c.state == PLANNED)
    done = sa.update(outbox).where(*where).values(state=MessageState.READY.value, updated_at=at)
    return c.execute(done).rowcount
