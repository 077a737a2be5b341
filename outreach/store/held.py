"""What must a sender know of the messages it has just claimed? One look, by primary keys; it changes nothing."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from outreach.store.among import among
from outreach.store.contacts import contact_points
from outreach.store.schema import contents, outbox, template_revisions
from outreach.store.sending import Held
from outreach.store.shop import customers
from outreach.store.types import Facts, FactsText


class Message(NamedTuple):
    """One of them. `named`: the customer's record still names its address; `country`, `state`, `zone`: the customer's.

    `body` is packed with the skeleton of `revision`; both are None once the words were purged.
    """

    id: int
    attempt: int
    night: date
    mode: str
    campaign: str
    kind: str
    channel: str
    customer_id: int
    contact_point_id: int
    contact_hash: str
    facts: Facts
    not_before: datetime
    not_after: datetime
    named: bool
    country: str | None
    state: str | None
    zone: str | None
    revision: str | None
    body: bytes | None


def look(c: sa.Connection, held: Held) -> list[Message]:
    """These messages, in this order; without those that somebody else tried by now, our lease being over."""
    found = {(row[0], row[1]): row for row in c.execute(_query(), {"b_ids": [i for i, _ in held]}).all()}
    return [Message._make(found[each]) for each in held if each in found]


def skeletons(c: sa.Connection, messages: Sequence[Message]) -> dict[str | None, bytes]:
    """{revision: what its messages were packed with}; once for all of them, for one may be 32 kB."""
    made_from = sorted({message.revision for message in messages if message.revision is not None})
    t = template_revisions.c
    return {row[0]: row[1] for row in c.execute(sa.select(t.revision, t.skeleton).where(t.revision.in_(made_from)))}


@cache
def _query() -> sa.Select[Any]:
    """Built once: its parts cost more to put together than the database takes for fifty messages."""
    points, people, words = contact_points, customers, contents
    named = sa.and_(points.c.current, points.c.address.is_not(None))
    facts = sa.cast(outbox.c.facts, FactsText()).label("facts")
    names = Message._fields[: Message._fields.index("named")]
    ours = (facts if name == "facts" else outbox.c[name] for name in names)
    theirs = (people.c.country, people.c.state, people.c.zone)
    return (
        sa.select(*ours, named, *theirs, words.c.revision, words.c.body)
        .select_from(
            outbox.join(points, points.c.id == outbox.c.contact_point_id)
            .join(people, people.c.id == outbox.c.customer_id)
            .outerjoin(words, words.c.outbox_id == outbox.c.id)
        )
        .where(among(outbox.c.id, "b_ids"))
    )
