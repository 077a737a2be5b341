"""How does an opt-out wait for a call to that address that is under way? (`send.strict`, PostgreSQL only)

A sender holds a shared advisory lock per address hash from before T2 until its answer is recorded; an opt-out takes
the exclusive one in its own transaction, and so commits when no call to that address is under way. Session locks on
a connection of their own: the database frees them when the process dies, and no transaction stays open meanwhile.
"""

import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from outreach.core.errors import Busy
from outreach.store.contacts import contact_points
from outreach.store.engine import said_plainly

#: Longer than any call may take: whoever still holds the lock then has been stopped, and an opt-out never waits on.
_PATIENCE_MS = 25_000


def key_of(address_hash: str) -> int:
    """The 64-bit number an address's lock has."""
    return int.from_bytes(bytes.fromhex(address_hash[:16]), signed=True)


class AddressLocks:
    """The shared locks of one sender. May be used from several threads."""

    def __init__(self, engine: sa.Engine) -> None:
        with said_plainly():
            self._connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        self._alone = threading.Lock()

    def take(self, hashes: Sequence[str]) -> set[str]:
        """Those of the addresses that nobody is opting out of just now. One hash asked for twice is held twice."""
        keys = [key_of(h) for h in hashes]
        asked = sa.func.unnest(sa.literal(keys, sa.ARRAY(sa.BigInteger)))
        numbers = asked.table_valued("key", name="asked").render_derived()
        query = sa.select(numbers.c.key, sa.func.pg_try_advisory_lock_shared(numbers.c.key))
        got = {row[0] for row in self._ask(query) if row[1]}
        return {h for h, key in zip(hashes, keys, strict=True) if key in got}

    def free(self, hashes: Sequence[str]) -> None:
        """Let go, once for each time it was taken. Where the session was lost, all is free already."""
        keys = sa.literal([key_of(h) for h in hashes], sa.ARRAY(sa.BigInteger))
        with suppress(Busy):
            self._ask(sa.select(sa.func.pg_advisory_unlock_shared(sa.func.unnest(keys))))

    def _ask(self, query: sa.Select[Any]) -> Sequence[Any]:
        """In the session that holds the locks, or not at all: another one would hold none. Raises Busy (OUT-302)."""
        with self._alone, said_plainly():
            if self._connection.invalidated:
                raise Busy("OUT-302", "the database ended the session that held the locks of addresses")
            return self._connection.execute(query).all()

    def close(self) -> None:
        """Let go of everything: the session ends."""
        with self._alone:
            self._connection.invalidate()
            self._connection.close()


def wait_for_calls(c: sa.Connection, hashes: Iterable[str]) -> bool:
    """In an opt-out's transaction, before it writes: until no call to these people is under way.

    Their other addresses too, for a wish covers those. False: somebody held on longer than a call may last.
    """
    asked = list(hashes)
    theirs = sa.select(contact_points.c.customer_id).where(contact_points.c.address_hash.in_(asked))
    others = sa.select(contact_points.c.address_hash).where(contact_points.c.customer_id.in_(theirs))
    keys = sorted({key_of(h) for h in (*asked, *c.execute(others).scalars())})
    try:
        with c.begin_nested():
            c.execute(sa.select(sa.func.set_config("lock_timeout", str(_PATIENCE_MS), True)))
            for key in keys:  # in order, so that two opt-outs never wait for each other in a circle
                c.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))
            c.execute(sa.select(sa.func.set_config("lock_timeout", "0", True)))
    except OperationalError:
        return False
    return True
