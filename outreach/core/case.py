"""What is one question to the gates, and what is an answer?"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from outreach.core.person import Contact, Person
from outreach.core.shop import Limits
from outreach.core.terms import Campaign, Candidate, Channel, LegalClass, Reason


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not, the facts behind it in plain values, and the first night on which the answer may change."""

    reason: Reason
    facts: dict[str, Any] = field(default_factory=dict)
    next_on: date | None = None


#: Says whether a campaign has words for this channel and person: None, no_language or template_problem.
Speaks = Callable[[Campaign, Channel, Person, Candidate], Reason | None]


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything about tonight that is the same for all customers.

    `start_on`: cases true before it are backlog, save those in `backlog` (campaign, customer id, subject key).
    `nobody_answers`: three answers are past their promised time.
    """

    night: date
    limits: Limits
    campaigns: dict[str, Campaign]
    salt: bytes
    speaks: Speaks
    start_on: date | None = None
    backlog: frozenset[tuple[str, int, str]] = frozenset()
    nobody_answers: bool = False


class Case(NamedTuple):
    """One question: this candidate, this person, this channel."""

    campaign: Campaign
    candidate: Candidate
    person: Person
    channel: Channel
    contact: Contact | None
    legal: LegalClass
    rules: Rules


Gate = Callable[[Case], Refusal | None]
