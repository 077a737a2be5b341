"""Which campaigns fail too often to go on? The last 100 hand-offs of each, kept beside the recording of them."""

from collections.abc import Mapping

import sqlalchemy as sa

from outreach.core.breaker import FAILED, WINDOW, after, trips
from outreach.store.engine import dialect_insert
from outreach.store.send_schema import breakers


def note(c: sa.Connection, mode: str, news: Mapping[str, str]) -> list[str]:
    """Add what became of hand-offs ({campaign: letters, newest last}); returns the campaigns that are to stop.

    A campaign that stops begins anew once a person lets it go on. One whose last 100 all went well, and whose news
    is good too, writes nothing.
    """
    stopped = []
    for campaign in sorted(news):  # always in this order: no two workers wait for each other in a circle
        where = (breakers.c.campaign == campaign, breakers.c.mode == mode)
        recent = c.execute(sa.select(breakers.c.recent).where(*where)).scalar_one_or_none() or ""
        if len(recent) == WINDOW and FAILED not in recent + news[campaign]:
            continue
        locked = c.execute(sa.select(breakers.c.recent).where(*where).with_for_update()).scalar_one_or_none()
        recent = after(locked or "", news[campaign])
        if trips(recent):
            stopped.append(campaign)
            recent = ""
        insert = dialect_insert(c, breakers).values(campaign=campaign, mode=mode, recent=recent)
        c.execute(insert.on_conflict_do_update(index_elements=["campaign", "mode"], set_={"recent": recent}))
    return stopped
