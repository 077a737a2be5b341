"""What exactly did we send? Template revisions by content hash, and each message's bytes beside it."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from outreach.store.among import among
from outreach.store.engine import insert_new
from outreach.store.schema import contents, outbox, runs, template_revisions


def keep(c: sa.Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Store revisions in use; one that is known stays as it is (immutable by its hash)."""
    if rows:
        c.execute(insert_new(c, template_revisions), list(rows))


def stored(c: sa.Connection, outbox_ids: Iterable[int]) -> dict[int, tuple[bytes | None, bytes]]:
    """{message id: (packed content or None once purged, skeleton to unpack it with)}."""
    columns = (contents.c.outbox_id, contents.c.body, contents.c.revision)
    rows = c.execute(sa.select(*columns).where(among(contents.c.outbox_id, list(outbox_ids)))).all()
    made_from = sorted({row.revision for row in rows})
    skeletons = sa.select(template_revisions.c.revision, template_revisions.c.skeleton)
    found = c.execute(skeletons.where(template_revisions.c.revision.in_(made_from)))
    by_revision = {row.revision: row.skeleton for row in found}  # once per revision: it may be 32 kB
    return {row.outbox_id: (row.body, by_revision[row.revision]) for row in rows}


def purge(c: sa.Connection, *, older_than_days: int, at: datetime) -> int:
    """Forget the bytes of messages older than this; the hash stays."""
    real = sa.select(runs.c.id).where(runs.c.offset_seconds == 0)  # a past night that was played stays to be looked at
    old = sa.select(outbox.c.id).where(
        outbox.c.created_at < at - timedelta(days=older_than_days), outbox.c.run_id.in_(real)
    )
    where = (contents.c.body.is_not(None), contents.c.outbox_id.in_(old))
    return c.execute(sa.update(contents).where(*where).values(body=None, purged_at=at)).rowcount
