"""Which campaigns fail too often to go on? The last 100 hand-offs of each, kept beside the recording of them."""

from collections.abc import Callable, Mapping
from functools import partial

import sqlalchemy as sa

from outreach.core.breaker import FAILED, FINE, WINDOW, after, trips
from outreach.store.engine import dialect_insert
from outreach.store.send_schema import breakers


def note(c: sa.Connection, mode: str, news: Mapping[str, str]) -> list[str]:
    """Add what became of hand-offs ({campaign: letters, newest last}); returns the campaigns that are to stop.

    A campaign that stops begins anew once a person lets it go on. One whose last 100 all went well, and whose news
    is good too, writes nothing.
    """
    t = breakers.c
    known = sa.select(t.campaign, t.recent).where(t.mode == mode, t.campaign.in_(sorted(news)))
    full = {row.campaign for row in c.execute(known) if len(row.recent) == WINDOW and FAILED not in row.recent}
    told = {campaign: said for campaign, said in news.items() if campaign not in full or FAILED in said}
    return _changed(c, mode, {campaign: partial(after, news=said) for campaign, said in told.items()})


def turned(c: sa.Connection, mode: str, failed: Mapping[str, int]) -> list[str]:
    """So many hand-offs of each campaign that were noted as fine failed after all; returns those that are to stop."""

    def worse(recent: str, count: int) -> str:
        return recent.replace(FINE, FAILED, count)

    return _changed(c, mode, {campaign: partial(worse, count=count) for campaign, count in failed.items()})


def _changed(c: sa.Connection, mode: str, how: Mapping[str, Callable[[str], str]]) -> list[str]:
    stopped = []
    for campaign in sorted(how):  # always in this order: no two workers wait for each other in a circle
        where = (breakers.c.campaign == campaign, breakers.c.mode == mode)
        locked = c.execute(sa.select(breakers.c.recent).where(*where).with_for_update()).scalar_one_or_none()
        recent = how[campaign](locked or "")
        if trips(recent):
            stopped.append(campaign)
            recent = ""
        insert = dialect_insert(c, breakers).values(campaign=campaign, mode=mode, recent=recent)
        c.execute(insert.on_conflict_do_update(index_elements=["campaign", "mode"], set_={"recent": recent}))
    return stopped
