"""What does every provider take, and what does it answer?"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from outreach.core.terms import Channel, MessageState


@dataclass(frozen=True, slots=True)
class Envelope:
    """One message to hand over. `to` is a canonical address; the bytes are those the plan rendered and stored.

    `handed_at` is the message's own instant (a past night in outbox mode hands at its own hour).
    """

    id: str  # m-123
    night: str
    channel: Channel
    sender: str
    to: str
    subject: str | None
    html: str | None
    text: str
    headers: tuple[tuple[str, str], ...]
    handed_at: datetime


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the provider said, in our words: accepted, rejected, ready (refused for now), or in_doubt."""

    state: MessageState
    message_id: str | None = None
    error: str | None = None


class Provider(Protocol):
    """One vendor. `send` never raises for what a vendor answers: every answer is a Receipt."""

    @property
    def name(self) -> str:
        """What the database calls it."""
        ...

    @property
    def idempotent(self) -> bool:
        """Whether the same message handed twice counts as one."""
        ...

    def send(self, envelope: Envelope) -> Receipt:
        """Hand one message over, within the deadline."""
        ...
