"""Which providers may post to us, and where? A door opens when the keys are set that prove who posts.

A door is made by a module of this folder, which is loaded when its door opens: no other command pays for it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module

from outreach.core.posts import Door, Doors, Shut


@dataclass(frozen=True, slots=True)
class Ears:
    """What doors are made from: the environment with the keys, and where the public reaches our pages."""

    environment: Mapping[str, str]
    pages: str


@dataclass(frozen=True, slots=True)
class _Way:
    """One door: its name for people, its path, who makes it, and the variables it cannot do without.

    `either`: one of the variables is enough, and the first is what most will set.
    """

    name: str
    path: str
    module: str
    made_by: str
    needs: tuple[str, ...]
    either: bool = False

    def lacks(self, environment: Mapping[str, str]) -> tuple[str, ...]:
        missing = tuple(name for name in self.needs if not environment.get(name))
        if self.either:
            return missing[:1] if len(missing) == len(self.needs) else ()
        return missing


_INBOUND = ("SENDGRID_INBOUND_SECRET", "SENDGRID_INBOUND_KEY")
_TWILIO = ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN")
_WAYS = (
    _Way("SendGrid events", "/sendgrid/events", "sendgrid_events", "door", ("SENDGRID_WEBHOOK_KEY",)),
    _Way("SendGrid inbound", "/sendgrid/inbound", "sendgrid_parse", "door", _INBOUND, either=True),
    _Way("Twilio status", "/twilio/status", "twilio_events", "status_door", _TWILIO),
    _Way("Twilio inbound", "/twilio/inbound", "twilio_events", "inbound_door", _TWILIO),
)


def doors(ears: Ears) -> Doors:
    """Every door, open or shut. Raises Misuse (OUT-413) when a variable holds what is no key."""
    opened: list[Door] = []
    shut: list[Shut] = []
    for way in _WAYS:
        if lacks := way.lacks(ears.environment):
            shut.append(Shut(way.name, way.path, lacks))
        else:
            make: Callable[[Ears, str], Door] = getattr(import_module(f"outreach.providers.{way.module}"), way.made_by)
            opened.append(make(ears, way.path))
    return Doors(tuple(opened), tuple(shut))
