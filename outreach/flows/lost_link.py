"""How does somebody who lost their link get it back, without anybody learning whom we know?

The page answers the same to everyone, before anything is looked up. A link goes out only to an address that is still
in the record of somebody who bought or wrote, that wants to hear from us, and at most once a day (settled 22).
"""

from datetime import date, datetime

import sqlalchemy as sa

from outreach.core.page_choice import What, standing
from outreach.core.terms import Scope
from outreach.flows.answering import Answer, answer
from outreach.flows.app import App, shop_day
from outreach.flows.opt_out import hashes
from outreach.store import visitors
from outreach.store.engine import now, reading, writing
from outreach.store.visitors import Visitor

CAMPAIGN = "lost_link"


def is_address(app: App, word: str) -> bool:
    """Whether this could be written to at all. Asks nobody."""
    return bool(hashes(app, word))


def awake(app: App) -> None:
    """Whether a wish could be kept at all. Raises Busy (OUT-302): then the page says so, to everyone."""
    with reading(app.engine) as c:
        now(c)


def ask(app: App, word: str, *, language: str) -> bool:
    """Mail the link, if it may be mailed. Whoever asked never learns which: True is for the tests and the log."""
    with writing(app.engine) as c:
        at = now(c)
        for channel, address in hashes(app, word):
            for contact_point_id in visitors.living_at(c, address):
                visitor = visitors.visitor(c, contact_point_id)
                if visitor is not None and _welcome_at(app, c, visitor, shop_day(app, at), at):
                    key = f"hello:{at.isoformat()}"
                    what = Answer(CAMPAIGN, contact_point_id, channel, key, at, language=visitor.language or language)
                    return answer(app, c, what).outbox_id is not None
    return False


def _welcome_at(app: App, c: sa.Connection, visitor: Visitor, today: date, at: datetime) -> bool:
    """Whether they want to be written to there at all: not silent for good, nor for a while, nor on that channel."""
    point = visitor.came_by
    every = [address for _, address in visitor.addresses]
    wishes = visitors.wishes(c, every)
    bounces = any(wish.scope is Scope.ADDRESS and wish.address_hash == point.address_hash for wish in wishes)
    current = [(known.channel, known.address_hash) for known in visitor.reached_at]
    stands = standing(wishes, visitors.grants(c, every, by=at), current, today=today)
    silent = stands.what in (What.NOTHING, What.PAUSE)
    return not bounces and not silent and point.channel in stands.on
