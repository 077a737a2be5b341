"""What stands for somebody who opened their link, and what has to change for what they chose?

Pure: the page shows a `Standing`, the customer answers with a `Choice`, `changes` is the difference. Narrowing is
always written down; widening only where they chose more than stood, with the yes that it rests on (respect.md 36).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from outreach.core.consent import Yes
from outreach.core.person import Wish
from outreach.core.terms import Channel, LegalClass, Scope


class What(StrEnum):
    """How much somebody wants to hear."""

    ALL = "all"  # with notes of newer versions, where the law asks for a yes: they gave it
    ORDERS = "orders"  # only about what they bought
    PAUSE = "pause"  # nothing until a date, then as before
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Standing:
    """`channels`: those we have an address for; `on`: those they hear by. `since`: when they asked for nothing."""

    what: What
    channels: tuple[Channel, ...]
    on: frozenset[Channel]
    since: datetime | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen. `until`: the day a pause ends."""

    what: What
    channels: frozenset[Channel]
    until: date


@dataclass(frozen=True, slots=True)
class Changes:
    """Scopes to close (and until when), wishes to lift, and what they now said yes to on which channel."""

    close: tuple[tuple[Scope, date | None], ...] = ()
    lift: frozenset[Scope] = frozenset()
    yes: tuple[tuple[Channel, LegalClass], ...] = ()


def standing(
    wishes: Iterable[Wish], grants: Iterable[Yes], addresses: Sequence[tuple[Channel, str]], *, today: date
) -> Standing:
    """What holds today. `addresses`: the current ones, as (channel, address hash). A bounce is no wish."""
    held = [wish for wish in wishes if wish.scope is not Scope.ADDRESS and wish.holds_on(today)]
    channels = tuple(channel for channel in Channel if any(known is channel for known, _ in addresses))
    closed = {Channel(wish.scope.value) for wish in held if wish.scope in (Scope.EMAIL, Scope.TEXT)}
    said = set(grants)
    texts = any((address, level) in said for known, address in addresses for level in LegalClass if known is _TEXT)
    on = frozenset(channel for channel in channels if channel not in closed and (channel is not _TEXT or texts))
    everything = [wish for wish in held if wish.scope is Scope.EVERYTHING]
    for_good = [wish for wish in everything if wish.until is None]
    if for_good:
        return Standing(What.NOTHING, channels, on, min(wish.since for wish in for_good))
    if channels and closed.issuperset(channels):
        last = max((wish for wish in held if wish.scope in (Scope.EMAIL, Scope.TEXT)), key=lambda wish: wish.since)
        return Standing(What.NOTHING, channels, on, last.since)
    if everything:
        return Standing(What.PAUSE, channels, on, until=max(w.until for w in everything if w.until is not None))
    offers = any((address, LegalClass.MARKETING) in said for channel, address in addresses if channel in on)
    refused = any(wish.scope is Scope.OFFERS for wish in held)
    return Standing(What.ALL if offers and not refused else What.ORDERS, channels, on)


def changes(now: Standing, chosen: Choice) -> Changes:
    """What makes the choice true. Nobody who unticks every channel is asked again: that is nothing.

    A yes is a wider choice, or a box that was off and that they ticked; a pause, or what stands already, is none.
    """
    asked_how = len(now.channels) > 1  # else there is no box to tick
    heard = chosen.channels & frozenset(now.channels) if asked_how else frozenset(now.channels)
    if not heard and not now.on and chosen.what is not What.NOTHING:
        return Changes()  # no box was ticked, and none is
    if chosen.what is What.NOTHING or (now.channels and not heard):
        return Changes() if now.what is What.NOTHING else Changes(close=((Scope.EVERYTHING, None),))
    if now.what is What.NOTHING and chosen.what is What.PAUSE:
        return Changes()  # they would hear less than a pause gives already
    wider = _WIDTH[chosen.what] > _WIDTH[now.what]
    opened = heard - now.on if wider or (asked_how and chosen.what is not What.PAUSE) else frozenset()
    # what closed every channel at once goes: it stays with those they did not ask for
    shut = frozenset(now.channels) if wider and now.what in (What.NOTHING, What.PAUSE) else now.on
    close: list[tuple[Scope, date | None]] = [
        (Scope(channel.value), None) for channel in now.channels if channel in shut - heard
    ]
    lift = {Scope(channel.value) for channel in opened}
    if chosen.what is What.ORDERS:
        close.append((Scope.OFFERS, None))
    if chosen.what is What.PAUSE and now.what is not What.PAUSE:
        close.append((Scope.EVERYTHING, chosen.until))
    if wider:
        lift |= {Scope.EVERYTHING} if chosen.what is What.ORDERS else {Scope.EVERYTHING, Scope.OFFERS}
    levels = tuple(LegalClass) if chosen.what is What.ALL else (LegalClass.SERVICE,)
    yes = [(c, level) for c in now.channels if c in (heard if wider else opened) for level in levels]
    return Changes(tuple(close), frozenset(lift), tuple(yes))


_TEXT = Channel.TEXT
_WIDTH = {What.NOTHING: 0, What.PAUSE: 1, What.ORDERS: 2, What.ALL: 3}
