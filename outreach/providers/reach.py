"""How far may a message travel? Every vendor asks this of every envelope, whoever handed it over."""

from collections.abc import Mapping
from dataclasses import dataclass

from outreach.core.lifecycle import Fault
from outreach.core.terms import Channel, Mode
from outreach.providers.base import Envelope, Receipt


@dataclass(frozen=True, slots=True)
class Reach:
    """The house's mode, and who is on the team. Nothing but `live` reaches a customer."""

    mode: Mode
    team: Mapping[Channel, tuple[str, ...]]

    def refusal(self, envelope: Envelope) -> Receipt | None:
        """Why this envelope may not be given to a vendor; None: it may."""
        if envelope.mode is not self.mode:
            return refused(f"a message of {envelope.mode.value} mode, in {self.mode.value} mode")
        if self.mode is Mode.OUTBOX:
            return refused("in outbox mode nothing leaves this machine")
        if self.mode is Mode.TEAM and not self.teammate(envelope.channel, envelope.to):
            return refused("in team mode only listed teammates are written to")
        return None

    def teammate(self, channel: Channel, address: str) -> bool:
        """Whether the address is on the team's list; spelled in capitals or not."""
        return address.lower() in {each.lower() for each in self.team.get(channel, ())}


def refused(said: str) -> Receipt:
    """Refused by ourselves, for good, before anything left."""
    return Receipt(Fault.INVALID, said=said)
