"""What does it mean when a provider speaks of one of our messages? That it has it, whatever we believed."""

from datetime import datetime

import sqlalchemy as sa

from outreach.core.reference import Reference
from outreach.core.terms import MessageState
from outreach.store.epochs import knows
from outreach.store.schema import attempts, outbox

#: Where evidence of this very attempt changes something; `ready`: it was about to be tried again.
_OPEN = (MessageState.HANDED, MessageState.IN_DOUBT, MessageState.UNKNOWN, MessageState.READY)


def evidence(c: sa.Connection, reference: Reference, message_id: str | None, *, at: datetime) -> bool:
    """An event or a look-up names this hand-off: it was accepted. Whether that was news. Foreign references: False."""
    if not knows(c, reference):
        return False
    mine = (outbox.c.id == reference.message, outbox.c.attempt == reference.attempt)
    values: dict[str, object] = {
        "state": MessageState.ACCEPTED.value,
        "because": None,
        "owner": None,
        "lease_until": None,
        "doubt_since": None,
        "updated_at": at,
    }
    if message_id is not None:
        values["provider_message_id"] = sa.func.coalesce(outbox.c.provider_message_id, message_id)
    open_ = outbox.c.state.in_([state.value for state in _OPEN])
    news = bool(c.execute(sa.update(outbox).where(*mine, open_).values(values)).rowcount)
    if news:
        tried = (attempts.c.outbox_id == reference.message, attempts.c.attempt == reference.attempt)
        done = {"outcome": MessageState.ACCEPTED.value, "finished_at": sa.func.coalesce(attempts.c.finished_at, at)}
        c.execute(sa.update(attempts).where(*tried).values(done))
    return news
