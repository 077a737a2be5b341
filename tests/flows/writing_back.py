"""How does a person write back to us in a test? Kept as the receiver keeps it, and heard in its transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from outreach.core.addresses import address_hash
from outreach.core.inbound import Written
from outreach.core.terms import Channel
from outreach.flows.app import App
from outreach.flows.hear import hear
from outreach.flows.heard import HeardBy
from outreach.inbound.letter import read_letter
from outreach.store.engine import now, reading, writing
from outreach.store.inbox_schema import conversations, inbox_events, replies
from tests.builders import PEPPER

ANA, BEN = "+447700900123", "+447700900456"
MAIL = "ana@example.com"


@dataclass
class Pen:
    """Writes to the shop as people do; every message is another."""

    app: App
    count: int = 0

    def text(self, words: str, *, by: str = ANA, asked_out: bool = False) -> HeardBy:
        """A text from a phone."""
        self.count += 1
        written = Written(
            "twilio", f"SM{self.count}", Channel.TEXT, by, "+447700900000", words, b"", asked_out=asked_out
        )
        return self._in(written)

    def mail(
        self, words: str, *, by: str = MAIL, to: str = "hello@reply.alder.example", subject: str = "Hello", **more: Any
    ) -> HeardBy:
        """A mail from somebody. `more`: `thread`."""
        self.count += 1
        name = f"<mail-{self.count}@example.com>"
        raw = f"From: {by}\r\nTo: {to}\r\nSubject: {subject}\r\nMessage-ID: {name}\r\n\r\n{words}\r\n".encode()
        letter = read_letter(raw)
        thread: Sequence[str] = more.get("thread", ())
        written = Written("sendgrid", name, Channel.EMAIL, by, to, letter.text, raw, subject, name, tuple(thread))
        return self._in(written, letter)

    def _in(self, written: Written, letter: Any = None) -> HeardBy:
        with writing(self.app.engine, durable=True) as c:
            row = {"provider": written.provider, "event_id": written.event_id, "kind": "written", "received_at": now(c)}
            inbox_id = c.execute(sa.insert(inbox_events).values(**row).returning(inbox_events.c.id)).scalar_one()
            return hear(self.app, c, written, inbox_id=inbox_id, letter=letter)


def rows(app: App, query: Any) -> list[Any]:
    with reading(app.engine) as c:
        return list(c.execute(query))


def talks(app: App) -> list[Any]:
    """Every conversation, oldest first."""
    return rows(app, sa.select(conversations).order_by(conversations.c.id))


def said(app: App) -> list[Any]:
    """Everything said in them."""
    return rows(app, sa.select(replies).order_by(replies.c.id))


def hash_of(address: str) -> str:
    return address_hash(PEPPER, Channel.EMAIL if "@" in address else Channel.TEXT, address)
