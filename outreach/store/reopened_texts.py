"""What does START lift? Only what a text had closed, and only for texts (respect.md 13). The ledger keeps both."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from outreach.core.terms import Channel, Scope
from outreach.store.contacts import suppression_events, suppressions
from outreach.store.engine import insert_new
from outreach.store.wishes import Asked

#: A text in words or by a word; or the provider, who heard STOP before we did.
_BY_TEXT = ("stop", "provider")


def reopen(
    c: sa.Connection, addresses: Sequence[tuple[Channel, str]], asked: Asked, *, said_at: datetime | None = None
) -> int:
    """Texts may go to these (channel, address hash) again, as far as a text had stopped them. Returns what ended.

    A STOP by text that closed everything leaves email closed: nobody asked for that back. OFFERS stay closed, too:
    START is the answer to STOP, not to "no offers". A bounced number stays bounced. `said_at`: when they sent it, where
    that is known: one that reaches us late lifts no wish they had after it.
    """
    ended = [row for row in _closed_by_text(c, [h for _, h in addresses]) if said_at is None or row.since <= said_at]
    for row in ended:
        of = _key(row)
        c.execute(sa.insert(suppression_events).values(**of, **_said(asked), action="undo", until=None))
        c.execute(sa.delete(suppressions).where(*(suppressions.c[name] == value for name, value in of.items())))
        if row.channel == Channel.EMAIL.value and row.scope == Scope.EVERYTHING.value:
            _keep_email_closed(c, row, asked)
    return len(ended)


def _closed_by_text(c: sa.Connection, hashes: Sequence[str]) -> list[Any]:
    s = suppressions.c
    scopes = [Scope.EVERYTHING.value, Scope.TEXT.value]
    where = (s.contact_hash.in_(hashes), s.door.in_(_BY_TEXT), s.scope.in_(scopes))
    by_a_text = sa.or_(s.door == "stop", s.channel == Channel.TEXT.value)  # a provider of mail knows of no texts
    return list(c.execute(sa.select(suppressions).where(*where, by_a_text)))


def _keep_email_closed(c: sa.Connection, row: Any, asked: Asked) -> None:
    """The wish stands for email as it was said, since when it was said."""
    still = {**_key(row), "scope": Scope.EMAIL.value, "reason": row.reason, "door": row.door, "evidence": row.evidence}
    c.execute(insert_new(c, suppressions).values(**still, since=row.since, until=row.until))
    c.execute(sa.insert(suppression_events).values(**still, action="add", until=row.until, at=asked.at))


def _key(row: Any) -> dict[str, Any]:
    return {"contact_hash": row.contact_hash, "channel": row.channel, "scope": row.scope}


def _said(asked: Asked) -> dict[str, Any]:
    return {"reason": asked.reason, "door": asked.door, "evidence": asked.evidence, "at": asked.at}
