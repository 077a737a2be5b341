"""What does every provider take, and what does it answer?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import inf
from typing import Protocol

from outreach.core.inbound import Event, Written
from outreach.core.lifecycle import Fault
from outreach.core.quoted import Quoted
from outreach.core.terms import Channel, Mode

#: The longest one hand-off may take in all, first byte to last (settled 34).
DEADLINE = timedelta(seconds=20)
#: Calls one process has under way with one provider at most; its client keeps as many connections. With fewer, it waits
#: for a vendor that takes 150 ms (with 400 a quarter less leaves). Two vendors' together stay below 1,024 open files.
CONNECTIONS = 600


@dataclass(frozen=True, slots=True)
class Attached:
    """A file beside the words. `kind` is its media type; of message/rfc822 the bytes are 7-bit (RFC 2046, 5.2.1)."""

    name: str
    kind: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Envelope:
    """One message to hand over. `to` is a canonical address; the bytes are those the plan rendered and stored.

    `reference` is our opaque id, given to the provider and found again in its events. `handed_at`: when it was handed
    over, by the database's clock (a past night in outbox mode hands at its own hour). `not_after` ends its usefulness.
    `begin_by`: the last moment, by this process's monotonic(), at which its first byte may leave (settled 35).
    `despite_lists`: an answer to what they wrote, or a danger in what they own: the vendor's own list of opt-outs,
    which was told of their wish, does not stop it. Ours was asked.
    """

    id: str  # m-123
    reference: str
    night: str
    mode: Mode
    campaign: str
    channel: Channel
    sender: str
    to: str
    subject: str | None
    html: Quoted | None
    text: Quoted
    headers: tuple[tuple[str, str], ...]
    handed_at: datetime
    not_after: datetime
    begin_by: float = inf
    attached: tuple[Attached, ...] = ()
    despite_lists: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the provider said, in our words. No fault: accepted.

    `said` names the vendor's own code or words for people, never an address or a body. `wait`: how long the
    provider asked us to stay away.
    """

    fault: Fault | None = None
    message_id: str | None = None
    said: str | None = None
    status: int | None = None
    wait: timedelta | None = None


class Found(StrEnum):
    """What a look into the provider's own list of messages gave."""

    THERE = "there"
    ABSENT = "absent"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True, slots=True)
class LookUp:
    """Whether the provider took a message we are in doubt about."""

    found: Found
    message_id: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the provider knows us, asked without reaching a customer. `mend`: what to do when it does not."""

    good: bool
    said: str
    mend: str = ""


class Provider(Protocol):
    """One vendor. Nothing here raises for what a vendor answers: every answer is a value."""

    @property
    def name(self) -> str:
        """What the database calls it."""
        ...

    @property
    def idempotent(self) -> bool:
        """Whether the same message handed twice counts as one."""
        ...

    @property
    def per_second(self) -> float | None:
        """How many hand-offs a second it takes from us; None: no limit of its own."""
        ...

    @property
    def at_once(self) -> int:
        """How many calls it takes at the same time; there is a connection for each of them."""
        ...

    async def ready(self, calls: int) -> None:
        """Before a hand-off is committed: connections for so many calls stand, as far as they can be had.

        What cannot be had is said by `send`. A connection that takes its time is so opened before T2, not after it.
        """
        ...

    async def send(self, envelope: Envelope) -> Receipt:
        """Hand one message over, within DEADLINE in all. Fault.LATE when its first byte cannot leave by `begin_by`."""
        ...

    async def look_up(self, envelope: Envelope, since: datetime) -> LookUp:
        """Whether it took this message after `since`; CANNOT_TELL where the vendor offers no way to ask."""
        ...

    async def check(self) -> Verdict:
        """Whether key and sender work. Never writes to a customer."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


@dataclass(frozen=True, slots=True)
class Listing:
    """What a provider's own list held. `problem`: why it could not be read to its end; None: it was."""

    found: tuple[Event | Written, ...]
    problem: str | None = None


class Lists(Protocol):
    """A vendor's own list of those who want nothing: told by us, and read every night. Nothing here raises."""

    @property
    def name(self) -> str:
        """What the database calls the vendor."""
        ...

    @property
    def channel(self) -> Channel:
        """Whose addresses are on it."""
        ...

    @property
    def at_a_time(self) -> int:
        """How many addresses one call takes."""
        ...

    async def add(self, addresses: Sequence[str], since: datetime) -> Receipt:
        """These want nothing more, `since` a moment."""
        ...

    async def remove(self, addresses: Sequence[str], since: datetime) -> Receipt:
        """These said they do after all."""
        ...

    async def read(self, since: datetime | None) -> Listing:
        """Who came onto it after a moment (None: ever), in the words of the vendor's own events."""
        ...

    async def wired(self, *, pages: str, mailbox: str) -> Sequence[Verdict]:
        """Whether the vendor is set up to tell us what it hears, below `pages`; of mail only with a `mailbox`."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
