"""What follows when a mail comes in? First what it is (respect.md 29), then each kind its own way.

A way out, a complaint and a dead address close at once; a machine's answer is kept and nothing follows, least of all
an answer; a person is heard, and so is who only sounds like a machine.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from json import dumps

import sqlalchemy as sa

from outreach.core.inbound import Written
from outreach.core.posts import Mail
from outreach.core.terms import Channel, Scope
from outreach.flows.app import App
from outreach.flows.hear import hear, overheard
from outreach.flows.known_address import hash_of_address
from outreach.flows.wish_taken import take
from outreach.inbound.letter import Letter, letter_of_fields
from outreach.inbound.sorts import Kind, Sorted, sort
from outreach.render.links import Purpose
from outreach.store import hearing, inbox, visitors
from outreach.store.inbox import Came
from outreach.store.wishes import Asked

Addresses = list[tuple[Channel, str]]
#: A report is about one message to one person; whoever names more of our customers at once is making them up.
_MOST_REPORTED = 3


@dataclass(frozen=True, slots=True)
class Read:
    """A mail that was read and sorted, before anything is written."""

    app: App
    mail: Mail
    letter: Letter
    what: Sorted
    event_id: str

    def came(self, at: datetime) -> Came:
        """As it is kept."""
        sender = _hashes(self.app, (self.letter.from_address,) if self.letter.from_address else ())
        return Came(
            provider=self.mail.provider,
            event_id=self.event_id,
            kind=self.what.kind.value if self.mail.fields else "unread",
            contact_hash=sender[0][1] if sender else None,
            outbox_id=None,
            occurred_at=self.letter.date,
            received_at=at,
            raw=self.mail.raw,
            problem=None if self.mail.fields else "it is no form that a mail could be read from",
        )

    def take(self, c: sa.Connection, at: datetime) -> int:
        """Keep it, and if it is new apply it, in the caller's durable transaction."""
        kept = inbox.keep(c, [self.came(at)])
        for inbox_id in kept.values() if self.mail.fields else ():
            _FOLLOWS[self.what.kind](self, c, inbox_id, at)
        return len(kept)


def read_mail(app: App, mail: Mail) -> Read:
    """What it is. Takes its time with a big one, so it is done before the transaction."""
    letter = letter_of_fields(mail.fields, mail.files, authserv=app.house.replies.authserv)
    own = [address for address in (app.house.replies.address, app.links.mailbox) if address]
    what = sort(letter, read_token=lambda token: app.links.read(token, Purpose.ONE_CLICK), own=own)
    holder = _stops(app, letter)
    if holder is not None and what.token is None:
        sender = (letter.from_address,) if letter.from_address else ()
        what = replace(what, kind=Kind.TOKEN, token=holder, about=sender, suppress=sender)
    return Read(app, mail, letter, what, _once_key(letter, mail))


def _stops(app: App, letter: Letter) -> int | None:
    """Whose stop address it came to: the mailto of our List-Unsubscribe."""
    found = (app.links.read_stop_mail(address.rpartition("@")[0], letter.subject) for address in letter.to)
    return next((holder for holder in found if holder is not None), None)


def _once_key(letter: Letter, mail: Mail) -> str:
    """The same mail twice is one; a Message-ID alone would let one mail with a borrowed id hide another.

    Without one, who asks in the same words a second time, after a change of mind, is known by the date.
    """
    to, words = sorted(letter.to), letter.text if mail.fields else sha256(mail.raw).hexdigest()
    at = letter.date.isoformat() if letter.date else None
    said = dumps([letter.message_id, at, letter.from_address, to, letter.subject, words])
    return f"sha256:{sha256(said.encode()).hexdigest()}"


def _asked_out(read: Read, c: sa.Connection, inbox_id: int, at: datetime) -> None:
    """Whoever holds a token of ours may stop all it was written to; any other wish stands for its sender (33)."""
    addresses = _hashes(read.app, read.what.suppress)
    holder = visitors.visitor(c, read.what.token) if read.what.token is not None else None
    if holder is not None:
        addresses += holder.addresses
    scope = read.app.house.wishes.stop_by_button
    _close(read, c, addresses, Asked(scope, "asked", "header", f"inbox {inbox_id}", None, at))


def _complained(read: Read, c: sa.Connection, inbox_id: int, at: datetime) -> None:
    evidence = f"inbox {inbox_id}: {read.what.feedback_type}"
    asked = Asked(Scope.EVERYTHING, "complained", "complaint", evidence, None, at)
    _close(read, c, _reported(read, c), asked)


def _bounced(read: Read, c: sa.Connection, inbox_id: int, at: datetime) -> None:
    evidence = f"inbox {inbox_id}: {read.what.status}"
    asked = Asked(Scope.ADDRESS, "bounced", "provider", evidence, None, at)
    _close(read, c, _reported(read, c), asked)


def _reported(read: Read, c: sa.Connection) -> Addresses:
    """Whom a report may close: anybody can write one about anybody.

    Only addresses we wrote to, a few at most, and none where SPF and DKIM say that it is forged. Where it brings a
    message of ours back, only the one that went to.
    """
    if read.letter.vouched is False:
        return []
    addresses = _hashes(read.app, read.what.suppress)
    ours = inbox.written_to(c, [address for _, address in addresses])
    returned = hearing.named_in(c, read.what.references, ours)
    meant = {returned.contact_hash} if returned else ours
    return [(channel, address) for channel, address in addresses if address in meant][:_MOST_REPORTED]


def _by_machine(read: Read, c: sa.Connection, inbox_id: int, at: datetime) -> None:
    """It is kept, and that is all; unless nothing but its words says that a machine wrote it."""
    if read.what.by == "text":
        overheard(read.app, c, _written(read), inbox_id=inbox_id, letter=read.letter)


def _heard(read: Read, c: sa.Connection, inbox_id: int, at: datetime) -> None:
    hear(read.app, c, _written(read), inbox_id=inbox_id, letter=read.letter)


def _written(read: Read) -> Written:
    letter = read.letter
    return Written(
        provider=read.mail.provider,
        event_id=read.event_id,
        channel=Channel.EMAIL,
        sender=letter.from_address or "",
        to=letter.to[0] if letter.to else "",
        words=letter.text,
        raw=read.mail.raw,
        subject=letter.subject or None,
        message_id=letter.message_id,
        thread=tuple(dict.fromkeys((*letter.references, *filter(None, (letter.in_reply_to,))))),
        at=letter.date,
    )


_FOLLOWS: dict[Kind, Callable[[Read, sa.Connection, int, datetime], None]] = {
    Kind.TOKEN: _asked_out,
    Kind.COMPLAINT: _complained,
    Kind.BOUNCE: _bounced,
    Kind.AUTO: _by_machine,
    Kind.HUMAN: _heard,
}


def _close(read: Read, c: sa.Connection, addresses: Addresses, asked: Asked) -> None:
    if addresses:
        take(read.app, c, sorted(set(addresses)), asked)


def _hashes(app: App, addresses: Collection[str]) -> Addresses:
    """In the one spelling we remember them by; what is no address of anybody is left out."""
    known = (hash_of_address(app, Channel.EMAIL, address) for address in addresses)
    return [(Channel.EMAIL, found) for found in known if found is not None]
