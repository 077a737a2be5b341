"""How does a message from the database become what a provider takes?"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from outreach.core.reference import Reference
from outreach.core.terms import Channel, Kind, Mode
from outreach.flows.app import App
from outreach.providers.base import Envelope
from outreach.render.content import Kept
from outreach.render.problems import RenderProblem


@dataclass(frozen=True, slots=True)
class HandOff:
    """One T2: the database's id, its clock (None in outbox mode), and by when first bytes must leave (monotonic)."""

    instance: str
    at: datetime | None
    begin_by: float


#: A message's content as it is stored (None once it was purged), and its revision's skeleton.
Packed = tuple[bytes | None, bytes | None]


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message we hold. `row` as claimed; `words`: packed, and what with; `closes`: the end of its window.

    Its words are unpacked when its call begins: hundreds wait for theirs, and unpacked they are thirty times as big.
    """

    row: Any
    words: Packed
    closes: datetime

    @property
    def held(self) -> tuple[int, int]:
        return (self.row.id, self.row.attempt)


#: Kinds that a wish, standing on the vendor's own list too, does not stop (settled 12, 22).
_DESPITE_LISTS = frozenset({Kind.ANSWER.value, Kind.SAFETY.value})


def message_name(message_id: int) -> str:
    """`m-123`: what people call a message."""
    return f"m-{message_id}"


def reference_of(instance: str, row: Any) -> str:
    """Our opaque id of this hand-off."""
    return str(Reference(instance, row.id, row.attempt))


def envelope(app: App, claimed: Claimed, to: str, hand_off: HandOff) -> Envelope | None:
    """What the provider gets; None when its words are gone.

    Its usefulness ends with the message's own, or with the recipient's hours.

    In outbox mode it is handed over at its own hour, so that a past night can be played whole (settled 1).
    """
    row, content = claimed.row, kept(*claimed.words)
    if content is None:
        return None
    channel = Channel(row.channel)
    sender = app.house.senders[channel].address
    return Envelope(
        id=message_name(row.id),
        reference=reference_of(hand_off.instance, row),
        night=row.night.isoformat(),
        mode=Mode(row.mode),
        campaign=row.campaign,
        channel=channel,
        sender=sender,
        to=to,
        subject=content.subject,
        html=content.html,
        text=content.text,
        headers=_headers(content, sender),
        handed_at=hand_off.at or row.not_before,
        not_after=claimed.closes,
        begin_by=hand_off.begin_by,
        despite_lists=row.kind in _DESPITE_LISTS,
    )


def kept(body: bytes | None, skeleton: bytes | None) -> Kept | None:
    """The bytes the plan rendered; None when they are gone, or damaged."""
    if body is None:
        return None
    try:
        return Kept.unpack(body, skeleton or b"")
    except RenderProblem:
        return None


def _headers(content: Kept, sender: str) -> tuple[tuple[str, str], ...]:
    """The rendered headers; the sender's address stands beside the name that signs."""
    return tuple((name, f"{value} <{sender}>" if name == "From" else value) for name, value in content.headers)
