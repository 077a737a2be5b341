"""How does what providers post take effect? Kept once, applied, and committed before anybody is answered.

One transaction for one post. What is here already changes nothing, so a provider may repeat itself as often as it
likes; what cannot be understood is kept with its problem, and the rest of the post counts. (respect.md 21, 28)
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import sqlalchemy as sa

from outreach.core.errors import Busy, Problem
from outreach.core.inbound import Event, Written
from outreach.core.posts import Heard, Mail
from outreach.flows.app import App
from outreach.flows.failpoint import reached
from outreach.flows.hear import hear
from outreach.flows.heard_who import hash_of
from outreach.flows.receiving_events import take_events
from outreach.flows.receiving_mail import read_mail
from outreach.store import inbox
from outreach.store.engine import now, writing
from outreach.store.inbox import Came

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Received:
    """What a post did: `new` of what it held were not here before."""

    new: int


def receive(app: App, heard: Heard) -> Received:
    """Keep and apply all that one post holds. Raises Busy (OUT-302) when the database is away: then nothing is kept."""
    new = 0
    if events := [one for one in heard if isinstance(one, Event)]:
        new += _committed(app, lambda c, at: take_events(app, c, events, at))
    for one in heard:
        if isinstance(one, Written):
            new += _kept_at_least(app, _as_came(app, one), _take_text(app, one))
        elif isinstance(one, Mail):
            letter = read_mail(app, one)
            new += _kept_at_least(app, letter.came, letter.take)
    return Received(new)


def _take_text(app: App, written: Written) -> Callable[[sa.Connection, datetime], int]:
    def take(c: sa.Connection, at: datetime) -> int:
        kept = inbox.keep(c, [_as_came(app, written)(at)])
        for inbox_id in kept.values():
            hear(app, c, written, inbox_id=inbox_id, letter=None)
        return len(kept)

    return take


def _as_came(app: App, written: Written) -> Callable[[datetime], Came]:
    contact = hash_of(app, written) if written.sender else None
    return lambda at: Came(
        provider=written.provider,
        event_id=written.event_id,
        kind=written.channel.value,
        contact_hash=contact,
        outbox_id=None,
        occurred_at=written.at,
        received_at=at,
        raw=written.raw,
    )


def _committed(app: App, work: Callable[[sa.Connection, datetime], Found]) -> Found:
    """In one transaction that waits for the disk. Two that met and got in each other's way: once more."""
    try:
        return _once(app, work)
    except Busy as problem:
        if not inbox.collided(problem):
            raise
        return _once(app, work)


def _once(app: App, work: Callable[[sa.Connection, datetime], Found]) -> Found:
    with writing(app.engine, durable=True) as c:
        found = work(c, now(c))
        reached("before_heard")
    reached("after_heard")
    return found


def _kept_at_least(app: App, came: Callable[[datetime], Came], work: Callable[[sa.Connection, datetime], int]) -> int:
    """What a person wrote is not lost by a mistake of ours: what nobody repeats for us is kept for a person to read.

    Under a name of its own, so that the same post is taken up as new when it comes again.
    """
    stumbled = True
    try:
        found = _committed(app, work)
        stumbled = False
    except Problem:
        stumbled = False
        raise
    finally:
        if stumbled:
            _committed(app, lambda c, at: len(inbox.keep(c, [came(at).stumbled()])))
    return found
