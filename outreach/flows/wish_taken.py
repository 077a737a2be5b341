"""What follows at once when somebody asks to be left alone, whatever door they came by? One road for every door."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from outreach.core.terms import Channel, Scope
from outreach.flows.app import App
from outreach.store import address_locks, walls, wish_changes, wish_locks, wishes
from outreach.store.wishes import Asked

Addresses = Sequence[tuple[Channel, str]]
#: The door by which a provider tells us what its own list knows.
_THEIRS = "provider"


@dataclass(frozen=True, slots=True)
class Taken:
    """What a wish did: suppressions that are new (none: they were off already), and messages that waited."""

    new: int
    withdrawn: int


def take(
    app: App, c: sa.Connection, addresses: Addresses, asked: Asked, evidence: Mapping[str, str] | None = None
) -> Taken:
    """Close these (channel, address hash) in the caller's transaction, which is committed before anybody is answered.

    Open it with `writing(app.engine, durable=True)`, and stamp `asked.at` with its `now(c)`. `evidence`: by address
    hash, where many are told in one post and each has its own.
    """
    wait_for_turn(app, c, addresses)
    taken = Taken(*wishes.suppress(c, addresses, asked, evidence))
    _lists_learn(app, c, addresses, asked)
    return taken


def _lists_learn(app: App, c: sa.Connection, addresses: Addresses, asked: Asked) -> None:
    """The providers' own lists are told of a wish later, as another wall: of those they did not tell us of themselves,
    and that close the channel for good."""
    if asked.door == _THEIRS or asked.until is not None:
        return
    for channel, lists in app.lists.items():
        if asked.scope in (Scope.EVERYTHING, Scope(channel.value)):
            theirs = [h for kind, h in addresses if kind is channel]
            walls.note(c, walls.Closing(lists.name, channel, walls.ADD, asked.at), theirs, asked.plain)


def lists_forget(app: App, c: sa.Connection, addresses: Addresses, at: datetime) -> None:
    """After somebody opened a door again: their addresses come off the providers' lists, unless another wish stands."""
    shut = wishes.shut(c, [h for _, h in addresses])
    for channel, lists in app.lists.items():
        theirs = [h for kind, h in addresses if kind is channel and (h, channel.value) not in shut]
        walls.note(c, walls.Closing(lists.name, channel, walls.REMOVE, at), theirs, {})


def wait_for_turn(app: App, c: sa.Connection, addresses: Addresses) -> None:
    """Before anything about these people's wishes is read: until nobody else changes them.

    With `send.strict` also until no message to them is on its way.
    """
    if c.dialect.name != "postgresql":
        return  # one writer at a time
    hashes = [h for _, h in addresses]
    if app.house.sending.strict:
        address_locks.wait_for_calls(c, hashes)
    wish_locks.wait_for_turn(c, hashes)


def theirs_to_open(c: sa.Connection, customer_ids: Collection[int], addresses: Addresses) -> Addresses:
    """Where the word of these customers may lift a wish: not at an address they had once and another has now."""
    gone = wish_changes.another_s(c, customer_ids, [h for _, h in addresses])
    return [pair for pair in addresses if pair[1] not in gone]
