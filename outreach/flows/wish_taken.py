"""What follows at once when somebody asks to be left alone, whatever door they came by? One road for every door."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from outreach.core.terms import Channel
from outreach.flows.app import App
from outreach.store import address_locks, wishes
from outreach.store.wishes import Asked

Addresses = Sequence[tuple[Channel, str]]


@dataclass(frozen=True, slots=True)
class Taken:
    """What a wish did: suppressions that are new (none: they were off already), and messages that waited."""

    new: int
    withdrawn: int


def take(app: App, c: sa.Connection, addresses: Addresses, asked: Asked) -> Taken:
    """Close these (channel, address hash) in the caller's transaction, which is committed before anybody is answered.

    Open it with `writing(app.engine, durable=True)`, and stamp `asked.at` with its `now(c)`.
    """
    wait_for_calls(app, c, addresses)
    return Taken(*wishes.suppress(c, addresses, asked))


def wait_for_calls(app: App, c: sa.Connection, addresses: Addresses) -> None:
    """With `send.strict`: no message to them is on its way when this wish is committed."""
    if app.house.sending.strict and c.dialect.name == "postgresql":
        address_locks.wait_for_calls(c, [h for _, h in addresses])
