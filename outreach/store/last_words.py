"""With which words did each template last go into a night?"""

import sqlalchemy as sa

from outreach.store.schema import outbox, template_revisions


def last_words(c: sa.Connection) -> dict[str, str]:
    """{file: its whole source, as its newest message was made from it}. Asked by hand; reads the outbox once."""
    newest = (
        sa.select(outbox.c.template_revision, sa.func.max(outbox.c.id).label("newest"))
        .where(outbox.c.template_revision.is_not(None))
        .group_by(outbox.c.template_revision)
        .subquery()
    )
    t = template_revisions.c
    query = sa.select(t.file, t.source).join(newest, newest.c.template_revision == t.revision)
    return {row.file: row.source for row in c.execute(query.order_by(newest.c.newest))}
