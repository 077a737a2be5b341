"""Which versions of a template were there, who published them, and to how many people did each go?"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from outreach.core.terms import MessageState, Mode
from outreach.store.schema import audits, outbox, template_revisions

PUBLISHED = "publish"
#: A message in one of these has left us, or may have.
_LEFT = (MessageState.HANDED, MessageState.ACCEPTED, MessageState.IN_DOUBT, MessageState.UNKNOWN)


def used(c: sa.Connection, file: str) -> list[Any]:
    """Every stored revision of a file, oldest first, without its skeleton. Reads the whole table: some rows a file."""
    t = template_revisions.c
    query = sa.select(t.revision, t.source, t.first_used_at).where(t.file == file)
    return list(c.execute(query.order_by(t.first_used_at, t.revision)))


def published(c: sa.Connection, file: str) -> list[Any]:
    """Who published what of a file, oldest first: (id, at, actor, detail). Reads the audit: acts of hands, few."""
    where = (audits.c.action == PUBLISHED, audits.c.about == file)
    return list(c.execute(sa.select(audits).where(*where).order_by(audits.c.id)))


def reviewed(c: sa.Connection) -> frozenset[tuple[str, str]]:
    """(file, hash of its words) of everything a second person read before it was published."""
    rows = c.execute(sa.select(audits.c.about, audits.c.detail).where(audits.c.action == PUBLISHED))
    return frozenset((row.about, row.detail["words"]) for row in rows if row.detail.get("reviewed_by"))


def people_told(c: sa.Connection, revisions: Sequence[str], mode: Mode) -> dict[str, int]:
    """{revision: customers a message of it went to}. Asked by hand, about a few revisions; reads the outbox once."""
    t = outbox.c
    where = (t.template_revision.in_(revisions), t.mode == mode.value, t.state.in_([state.value for state in _LEFT]))
    query = sa.select(t.template_revision, sa.func.count(sa.distinct(t.customer_id))).where(*where)
    return {row[0]: row[1] for row in c.execute(query.group_by(t.template_revision))}


def tests_since(c: sa.Connection, moment: Any, action: str) -> int:
    """How many tests were sent since an instant."""
    where = (audits.c.action == action, audits.c.at >= moment)
    return c.execute(sa.select(sa.func.count()).select_from(audits).where(*where)).scalar_one()
