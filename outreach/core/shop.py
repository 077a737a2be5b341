"""Who is writing? The shop, its people and its limits, as config/outreach.yaml says, checked and frozen."""

from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal

from outreach.core.terms import Channel, Mode, Scope

#: Letters of a state's code behind its country's (ISO 3166-2).
_LONGEST_STATE = 3


@dataclass(frozen=True, slots=True)
class Person:
    """A named human who signs messages. `email` is where replies go."""

    key: str
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Hours:
    """A half-open local window: opens <= time < closes."""

    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class Price:
    """What one part of a text costs: fractions of a cent, so no Money. `currency` is ISO 4217."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Sender:
    """What a channel's messages come from: an email address, or a number in E.164.

    `per_second`: how many messages a second its provider takes from us; None: as many as it can.
    """

    address: str
    provider: str
    cost_per_part: Price | None = None
    per_second: float | None = None


@dataclass(frozen=True, slots=True)
class Shop:
    """What templates, layouts and links may say about the shop.

    `hosts` are the https hosts a message may link to; `base_url` is where the customer pages answer.
    `missing_language` is "default" (write in the shop's language) or "skip" (leave alone: no_language).
    """

    name: str
    zone: str
    country: str
    currency: str
    language: str
    postal_address: str
    signer: Person
    people: dict[str, Person]
    answers_within: str
    phone: str | None = None
    base_url: str = "http://127.0.0.1:8076"
    hosts: tuple[str, ...] = ()
    missing_language: str = "default"


@dataclass(frozen=True, slots=True)
class Limits:
    """Manners in numbers. `marketing_cap` messages per `marketing_cap_days` days, per person.

    `hours_in`: by country (FR) or state (US-FL). `enough` counts unprompted messages a year. `late_quiet_days`: how
    long after a late delivery nothing is sold.
    `max_per_night` None: no ceiling. `backlog_per_night`: how many cases from before the start line a night may add.
    """

    hours: Hours
    hours_in: dict[str, Hours]
    marketing_cap: int = 4
    marketing_cap_days: int = 30
    enough: int = 6
    late_quiet_days: int = 14
    max_per_night: int | None = None
    start_on: date | None = None
    backlog_per_night: int = 0

    def hours_at(self, country: str, state: str | None) -> Hours:
        """The window of a place (respect.md 16): its state's, else its country's, else everybody's.

        `state`: its code, FL or US-FL. Where it is none, only while every window of that country is open.
        """
        part = (state or "").strip().upper().removeprefix(f"{country}-")
        whole = self.hours_in.get(country, self.hours)
        if part.isalnum() and len(part) <= _LONGEST_STATE:
            return self.hours_in.get(f"{country}-{part}", whole)
        each = [whole, *(hours for place, hours in self.hours_in.items() if place.startswith(f"{country}-"))]
        opens, closes = max(hours.opens for hours in each), min(hours.closes for hours in each)
        return Hours(opens, closes) if opens < closes else whole


@dataclass(frozen=True, slots=True)
class Monitor:
    """Whom to tell that we ran: a healthcheck for the night and one for the worker. Empty: nobody."""

    ping_url: str = ""
    worker_ping_url: str = ""


@dataclass(frozen=True, slots=True)
class Sending:
    """How sure is sure. `strict`: an opt-out waits for a call to that address that is under way (PostgreSQL).

    `look_first`: a message nobody answered for is sent again once the provider's own list surely lacks it; otherwise
    it is never sent twice, and after a day listed for a person.
    """

    strict: bool = False
    look_first: bool = False


@dataclass(frozen=True, slots=True)
class Replies:
    """Where answers come in, who reads them, and what is promised: the end of the `within_days`th working day.

    `address`: a mailbox whose mail we are given; "": we hear no mail. `forward_to`: the shop's own mailbox.
    `working_days` counts from Monday, 0; `day_ends` and `closed_on` are of the shop's zone. `authserv`: the name under
    which a mail server of the shop's own, before the provider's, writes what it checked; "": there is none.
    """

    address: str = ""
    forward_to: str = ""
    within_days: int = 1
    working_days: tuple[int, ...] = (0, 1, 2, 3, 4)
    day_ends: time = time(17)
    closed_on: frozenset[date] = frozenset()
    authserv: str = ""


@dataclass(frozen=True, slots=True)
class Wishes:
    """How much an opt-out stops that names no scope itself: one by text, one by the mail program's own button."""

    stop_by_text: Scope = Scope.EVERYTHING
    stop_by_button: Scope = Scope.EVERYTHING


@dataclass(frozen=True, slots=True)
class Secrets:
    """Keys from the environment or PROJECT/.env. Never logged, never in the database."""

    pepper: bytes = field(repr=False)
    token_keys: tuple[bytes, ...] = field(repr=False)
    holdout_salt: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class House:
    """Everything config/outreach.yaml decides.

    `team`: the only addresses a test goes to. `review_templates`: words nobody but their author has read wait.
    """

    shop: Shop
    limits: Limits
    senders: dict[Channel, Sender]
    mode: Mode
    keep_contents_days: int = 90
    team: dict[Channel, tuple[str, ...]] = field(default_factory=dict)
    review_templates: bool = False
    monitor: Monitor = Monitor()
    sending: Sending = Sending()
    wishes: Wishes = Wishes()
    replies: Replies = Replies()
