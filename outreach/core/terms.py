"""Which words does the program use, and what exactly does each one mean?

One gloss per term; every other module, the database and the screen use these spellings.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple


class Channel(StrEnum):
    """How a message travels."""

    EMAIL = "email"
    TEXT = "text"


class Kind(StrEnum):
    """Manners of a campaign: priority, cap, holdback and rest follow from it."""

    SAFETY = "safety"
    SERVICE = "service"
    ANSWER = "answer"
    CHECK_IN = "check-in"
    OFFER = "offer"
    GIFT = "gift"


#: Kinds that stand outside "one voice a night" and outside quiet hours (settled 12, 19).
OUTSIDE_ONE_VOICE = frozenset({Kind.SAFETY, Kind.ANSWER})
#: Kinds that rest, are capped, can be held back, and wait while an order is late.
UNASKED = frozenset({Kind.CHECK_IN, Kind.OFFER, Kind.GIFT})
#: The one campaign in which a person writes the words: no machine's limits hold for it.
BY_HAND = "answer_by_hand"
#: The campaign that confirms an opt-out in words: once ever, and never late (settled 22).
STOPPED = "stopped"


class StartedBy(StrEnum):
    """What sets a campaign off. Only the first has a scan; the night leaves the others alone."""

    NIGHT = "night"  # its scan, every night
    REPLY = "reply"  # something the customer did: answers only
    PERSON = "person"  # somebody here, by hand
    NOBODY = "nobody"  # never sent: words laid ready for a person


class LegalClass(StrEnum):
    """What the law of the customer's country takes the message for; also the level of consent it needs."""

    SERVICE = "service"
    MARKETING = "marketing"


class Mode(StrEnum):
    """How far a message may travel: not off this machine, to teammates, to customers."""

    OUTBOX = "outbox"
    TEAM = "team"
    LIVE = "live"


class Outcome(StrEnum):
    """What was decided about one candidate."""

    SEND = "send"
    LEAVE_ALONE = "leave_alone"
    HOLD_OUT = "hold_out"


class MessageState(StrEnum):
    """Where a message stands in its life (design: state.md)."""

    PLANNED = "planned"  # decided tonight; not yet rendered and released by its night
    READY = "ready"  # may be claimed from `not_before` on
    CLAIMED = "claimed"  # a worker holds the lease; nothing has left
    HANDED = "handed"  # committed before the first byte; only this state can be in doubt
    ACCEPTED = "accepted"  # the provider took it
    REJECTED = "rejected"  # the provider refused it for good
    IN_DOUBT = "in_doubt"  # handed, and no one knows whether it was taken
    UNKNOWN = "unknown"  # doubt ran out; listed for a person
    SUPPRESSED = "suppressed"  # an opt-out came first
    CANCELLED = "cancelled"  # staff, a lever, or facts that no longer hold
    EXPIRED = "expired"  # too late to be useful, so never sent
    CAPPED = "capped"  # the frequency cap's unique key was taken


#: States of a message that was, or may yet be, read by the customer: what rest, voice and caps count.
COUNTED_STATES = frozenset(
    {
        MessageState.PLANNED,
        MessageState.READY,
        MessageState.CLAIMED,
        MessageState.HANDED,
        MessageState.ACCEPTED,
        MessageState.IN_DOUBT,
        MessageState.UNKNOWN,
    }
)


class RunState(StrEnum):
    """Where a night stands."""

    RUNNING = "running"
    HELD = "held"  # waits for a person: outreach approve
    DONE = "done"
    REJECTED = "rejected"  # a person said no
    SUPERSEDED = "superseded"  # a later night took its place before anyone approved


class Reason(StrEnum):
    """Why someone is left alone. A closed list; the words are in `reasons.py`."""

    NO_CONTACT = "no_contact"
    CHANNEL_OFF = "channel_off"
    ORDERS_ONLY = "orders_only"
    PAUSED = "paused"
    NO_CONSENT = "no_consent"
    NO_ADDRESS = "no_address"
    BOUNCED = "bounced"
    ON_HOLD = "on_hold"
    COMPLAINT_OPEN = "complaint_open"
    REPLY_OPEN = "reply_open"
    ORDER_LATE = "order_late"
    ALREADY_TOLD = "already_told"
    TOO_OLD = "too_old"
    BEFORE_START = "before_start"
    OWNS_NEWER = "owns_newer"
    CANNOT_DELIVER = "cannot_deliver"
    BOUGHT_SINCE = "bought_since"
    KEEP_YOURS = "keep_yours"
    ENOUGH = "enough"
    RESTED = "rested"
    NO_LANGUAGE = "no_language"
    TEMPLATE_PROBLEM = "template_problem"
    NOBODY_TO_ANSWER = "nobody_to_answer"
    OUTRANKED = "outranked"
    HELD_BACK = "held_back"
    OVER_LIMIT = "over_limit"


class Scope(StrEnum):
    """How much a suppression covers. A customer asks for the first four; a bounce closes one ADDRESS."""

    EVERYTHING = "everything"
    OFFERS = "offers"
    EMAIL = "email"
    TEXT = "text"
    ADDRESS = "address"


class Severity(StrEnum):
    """How much a finding about a template matters."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of one currency. `minor` counts the currency's smallest unit (ISO 4217 digits)."""

    minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class FactType:
    """The type of one template variable: `note: text?` in a campaign file.

    `name` is a scalar (text, number, date, time, money, link, code) or a record (order, item, product, model,
    offer, remedy, tip, repair, promise, hazard, kept_promise). A dotted fact (`order.delivered_on: date`) says that a
    part of a record is always there.
    """

    name: str
    many: bool = False
    may_miss: bool = False


@dataclass(frozen=True, slots=True)
class Campaign:
    """One campaign as its file in config/campaigns says, checked and typed.

    `rest_days`, `useful_days`, `pace_days` are whole days; `holdback` is a share from 0 to 1.
    `legal_in` maps an ISO country to the legal class that differs there. `unprompted` messages count toward
    "enough" in a year; an apology does not. `scan` is "" unless the campaign is started by the night.
    """

    name: str
    title: str
    kind: Kind
    scan: str
    found_when: str
    priority: int
    channels: tuple[Channel, ...]
    params: dict[str, Any]
    facts: dict[str, FactType]
    legal: LegalClass
    legal_in: dict[str, LegalClass]
    answers: tuple[str, ...] = ()
    once_per: str = "subject"
    rest_days: int = 0
    useful_days: int = 7
    holdback: float = 0.0
    pace_after: int = 0
    pace_days: int = 0
    unprompted: bool = True
    on: bool = True
    file: str = ""
    started_by: StartedBy = StartedBy.NIGHT

    @property
    def nightly(self) -> bool:
        """Whether the night looks whom it is for."""
        return self.on and self.started_by is StartedBy.NIGHT

    def legal_class(self, country: str) -> LegalClass:
        """The legal class in `country` (ISO 3166-1 alpha-2)."""
        return self.legal_in.get(country, self.legal)


class Candidate(NamedTuple):
    """One customer a scan found, about one subject. `became_on`: since when this was true."""

    campaign: str
    customer_id: int
    subject_key: str
    subject_date: date
    facts: Mapping[str, Any]
    became_on: date | None = None
    useful_until: date | None = None
    follows: str | None = None
