"""Which vendor hands over each channel's messages? As the configuration names it, and as far as the mode allows.

A vendor is a module of this folder with `build(wanted: Wanted) -> Provider`. It is loaded when it is needed: a night
in outbox mode pays nothing for an HTTP client.
"""

import re
from collections.abc import Callable, Mapping
from importlib import import_module

from outreach.core.shop import House
from outreach.core.terms import Channel, Mode
from outreach.providers.base import Lists, Provider
from outreach.providers.modes import within
from outreach.providers.reach import Reach
from outreach.providers.wanted import Wanted

_SPACING = re.compile(r"[\s().-]")
#: The one provider that is no vendor: it keeps messages on this machine.
OUTBOX = "outbox"
#: Those who keep a list of their own of whom they do not write to.
_KEEP_LISTS = ("sendgrid", "twilio")


def chosen(house: House, environment: Mapping[str, str], outbox: Provider) -> dict[Channel, Provider]:
    """The provider of each channel. In outbox mode it is `outbox`, whatever the configuration names.

    Raises Misuse (OUT-413) when a variable holds what it cannot hold. A key that is missing is no error here: doctor
    says so, and nothing is sent.
    """
    reach = Reach(house.mode, {channel: tuple(map(_plain, team)) for channel, team in house.team.items()})
    found: dict[Channel, Provider] = {}
    for channel, sender in house.senders.items():
        vendor = outbox
        if house.mode is not Mode.OUTBOX and sender.provider != OUTBOX:
            vendor = _built(sender.provider, Wanted(sender, reach, environment, house.shop.base_url))
        found[channel] = within(reach, vendor)
    return found


def lists(house: House, environment: Mapping[str, str]) -> dict[Channel, Lists]:
    """The list a channel's vendor keeps itself of those who want nothing; none in outbox mode, or without its keys."""
    found: dict[Channel, Lists] = {}
    for channel, sender in house.senders.items():
        if house.mode is not Mode.OUTBOX and sender.provider in _KEEP_LISTS:
            build: Callable[[Wanted], Lists | None] = import_module(f"outreach.providers.{sender.provider}_lists").build
            kept = build(Wanted(sender, Reach(house.mode, {}), environment, house.shop.base_url))
            found |= {channel: kept} if kept else {}
    return found


def _plain(address: str) -> str:
    """As a provider spells it: people write numbers with spaces."""
    return address.strip() if "@" in address else _SPACING.sub("", address)


def _built(name: str, wanted: Wanted) -> Provider:
    build: Callable[[Wanted], Provider] = import_module(f"outreach.providers.{name}").build
    return build(wanted)
