"""Is a person of ours dealing with somebody? While a conversation is open, no campaign writes to them."""

from functools import cache

import sqlalchemy as sa

from outreach.core.terms import Kind
from outreach.store.inbox_schema import conversations
from outreach.store.schema import outbox

#: What leaves all the same: a danger in what they own, and the answer itself.
STILL = (Kind.SAFETY.value, Kind.ANSWER.value)
#: Why their messages end.
BECAUSE = "a person is dealing with it"


@cache
def talking() -> sa.ColumnElement[bool]:
    """A conversation with this customer, or with somebody at this address, is open. Asked of `outbox`.

    Two questions rather than one with OR: each has its index.
    """
    t = conversations
    open_ = t.c.closed_at.is_(None)
    with_them = sa.select(sa.literal(1)).where(t.c.customer_id == outbox.c.customer_id, open_).correlate(outbox)
    there = sa.select(sa.literal(1)).where(t.c.contact_hash == outbox.c.contact_hash, open_).correlate(outbox)
    return sa.and_(outbox.c.kind.not_in(STILL), sa.or_(with_them.exists(), there.exists()))
