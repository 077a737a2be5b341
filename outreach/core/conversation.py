"""What is a conversation about, and what of it is kept? Somebody wrote, and a person has to answer."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from outreach.core.terms import Channel


class Label(StrEnum):
    """Why a person is needed; while it is open, campaigns are silent."""

    REPLY = "reply"
    COMPLAINT = "complaint"


class Mark(StrEnum):
    """What is said of one line of a conversation."""

    SUGGESTION = "suggestion"  # theirs: they tell us what to do better
    IN_TIME = "in_time"  # ours: by the hour we promised
    TOO_LATE = "too_late"


@dataclass(frozen=True, slots=True)
class Matter:
    """What somebody wrote to us about. `customer_id` None: a stranger.

    `answer_by` None: no answer was promised. `answer`: what they said of a delivery. `unsure`: they may have asked to
    be left alone. `outbox_id`: the message of ours they answer.
    """

    customer_id: int | None
    contact_hash: str
    channel: Channel
    label: Label
    at: datetime
    answer_by: datetime | None
    answer: str | None = None
    unsure: bool = False
    outbox_id: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One thing said in a conversation, by them or (`author`) by us; `words` without what they quote."""

    channel: Channel
    at: datetime
    words: str | None
    theirs: bool = True
    subject: str | None = None
    message_id: str | None = None
    marks: tuple[Mark, ...] = ()
    author: str | None = None
    inbox_id: int | None = None
    outbox_id: int | None = None
