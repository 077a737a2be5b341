"""How do two wishes of one person, said at once by two doors, not undo each other? (PostgreSQL; SQLite has one writer)

Whoever lifts a wish reads what stands and then changes it. In between nobody else may change it: each transaction
that does takes these locks first, for all the addresses it is about, and holds them to its end.
"""

from collections.abc import Iterable

import sqlalchemy as sa

from outreach.store.address_locks import key_of

#: One list of thousands takes no more locks than this; strangers who share one wait for each other a moment.
_LOCKS = 1024
#: Keeps these apart from every other advisory lock of the database.
_KIND = 823_548


def wait_for_turn(c: sa.Connection, hashes: Iterable[str]) -> None:
    """Until no other transaction changes wishes at these address hashes. Always in one order: never in a circle.

    To be asked once for all of a transaction's addresses; again for some of them costs nothing but the question.
    """
    numbers = sorted({key_of(h) % _LOCKS for h in hashes})
    asked = sa.func.unnest(sa.literal(numbers, sa.ARRAY(sa.Integer))).table_valued("number", name="asked")
    one = asked.render_derived().c.number
    c.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.literal(_KIND, sa.Integer), one))).all()
