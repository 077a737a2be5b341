"""How does a test get messages that were sent, and news of them?"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from outreach.core.inbound import Event
from outreach.flows.app import App
from outreach.flows.receive import receive
from outreach.providers.sendgrid_events import events
from outreach.store import epochs
from outreach.store.contacts import suppression_events, suppressions
from outreach.store.engine import now, reading, writing
from outreach.store.inbox_schema import inbox_events
from outreach.store.schema import attempts, outbox
from tests.fake import posting
from tests.flows import outgoing as o


def sent(app: App, count: int = 1, *, state: str = "accepted", **values: Any) -> list[tuple[int, str]]:
    """(id, reference) of messages that were handed over once and then became `state`."""
    ids = o.queue(app.engine, count, state=state, attempt=1, provider="sendgrid", **values)
    with writing(app.engine) as c:
        instance, at = epochs.name_it(c), now(c)
        tries = [{"outbox_id": i, "attempt": 1, "owner": "w", "claimed_at": at, "handed_at": at} for i in ids]
        c.execute(sa.insert(attempts), tries)
    return [(i, f"{instance}-{i}-1") for i in ids]


def told(app: App, *said: dict[str, Any]) -> int:
    """One post of SendGrid's; how many of its events were new."""
    return receive(app, events(posting.batch(said))).new


def heard(app: App, *heard: Event) -> int:
    return receive(app, heard).new


def closed(app: App) -> set[tuple[str, str, str, str]]:
    """(contact hash, channel, scope, reason) of every suppression."""
    s = suppressions.c
    with reading(app.engine) as c:
        return {tuple(row) for row in c.execute(sa.select(s.contact_hash, s.channel, s.scope, s.reason))}


def fates(app: App) -> dict[int, tuple[str, str | None]]:
    """{message: (state, fate)}."""
    with reading(app.engine) as c:
        return {row.id: (row.state, row.fate) for row in c.execute(sa.select(outbox))}


def inbox(app: App) -> list[Any]:
    with reading(app.engine) as c:
        return list(c.execute(sa.select(inbox_events).order_by(inbox_events.c.id)))


def ledger(app: App) -> list[Any]:
    with reading(app.engine) as c:
        return list(c.execute(sa.select(suppression_events).order_by(suppression_events.c.id)))


def end_state(app: App) -> Any:
    """All that events may change, in a form that two orders can be compared by."""
    o_, columns = outbox.c, ("id", "state", "attempt", "fate", "fate_rank", "fate_at", "last_error", "because")
    with reading(app.engine) as c:
        messages = [tuple(row) for row in c.execute(sa.select(*(o_[name] for name in columns)).order_by(o_.id))]
        kept = set(c.execute(sa.select(inbox_events.c.event_id, inbox_events.c.kind, inbox_events.c.contact_hash)))
    return messages, kept, closed(app)


__all__: Sequence[str] = ("closed", "end_state", "fates", "heard", "inbox", "ledger", "sent", "told")
