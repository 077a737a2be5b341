"""What stands in for a vendor whose key was never set? Something that says so, and sends nothing."""

from dataclasses import dataclass
from datetime import datetime

from outreach.core.lifecycle import Fault
from outreach.providers.base import Envelope, Found, LookUp, Receipt, Verdict


@dataclass(frozen=True, slots=True)
class Unset:
    """`name`: the vendor; `lacks`: the variables that are not set. The program starts, and doctor can say it."""

    name: str
    lacks: tuple[str, ...]
    idempotent: bool = False
    per_second: float | None = None
    at_once: int = 1

    async def ready(self, calls: int) -> None:
        """There is nobody to connect to."""

    async def send(self, envelope: Envelope) -> Receipt:
        """As a vendor that does not know us: messages wait until a person has set the key."""
        return Receipt(Fault.KEY, said=self._said)

    async def look_up(self, envelope: Envelope, since: datetime) -> LookUp:
        """Nobody to ask."""
        return LookUp(Found.CANNOT_TELL)

    async def check(self) -> Verdict:
        return Verdict(False, self._said, "put it into .env: outreach explain OUT-412")

    async def close(self) -> None:
        """Nothing is held open."""

    @property
    def _said(self) -> str:
        return f"{' and '.join(self.lacks)} {'is' if len(self.lacks) == 1 else 'are'} not set"
