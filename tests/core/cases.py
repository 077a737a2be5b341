"""How does a test say in few words what one question to the gates is about? Plain values; the rest is ordinary."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from outreach.core.case import Rules
from outreach.core.decide import Decision, decide
from outreach.core.person import Contact, Person, Sent, Wish
from outreach.core.shop import Hours, Limits
from outreach.core.terms import Campaign, Candidate, Channel, Kind, LegalClass, Outcome, Reason, Scope

NIGHT = date(2026, 3, 15)
EMAIL, TEXT = Channel.EMAIL, Channel.TEXT
SERVICE, MARKETING = LegalClass.SERVICE, LegalClass.MARKETING
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
LIMITS = Limits(hours=Hours(time(9), time(20)), hours_in={})


def campaign(name: str, kind: Kind, priority: int, **more: Any) -> Campaign:
    plain: dict[str, Any] = {
        "title": name,
        "scan": "x",
        "found_when": "x",
        "channels": (EMAIL, TEXT),
        "params": {},
        "facts": {},
        "legal": MARKETING if kind in (Kind.OFFER, Kind.CHECK_IN, Kind.GIFT) else SERVICE,
        "legal_in": {},
    }
    return Campaign(name=name, kind=kind, priority=priority, **{**plain, **more})


CHECK = campaign(
    "delivery_check",
    Kind.SERVICE,
    40,
    legal_in={"DE": MARKETING},
    once_per="order",
    pace_after=2,
    pace_days=60,
    answers=("fine", "late"),
)
LATE = campaign("running_late", Kind.SERVICE, 21, once_per="order", unprompted=False, answers=("here",))
SORRY = campaign("we_were_late", Kind.SERVICE, 20, once_per="order", unprompted=False, answers=("fine",))
OFFER = campaign("upgrade_offer", Kind.OFFER, 70, once_per="model", rest_days=14)
QUIET = campaign("quiet_customer", Kind.CHECK_IN, 80, once_per="silence", rest_days=14)
GIFT = campaign("surprise", Kind.GIFT, 90, rest_days=14)
SAFETY = campaign("safety_notice", Kind.SAFETY, 1)
ANSWER = campaign("reply_received", Kind.ANSWER, 30)
CAMPAIGNS = {c.name: c for c in (CHECK, LATE, SORRY, OFFER, QUIET, GIFT, SAFETY, ANSWER)}


def contact(address: str = "ana@", channel: Channel = EMAIL, number: int = 1) -> Contact:
    return Contact(number, channel, address)


def person(number: int = 1, **more: Any) -> Person:
    """Ordinary: one email address "ana@" with every consent."""
    contacts = more.pop("contacts", (contact(),))
    grants = frozenset((c.address_hash, level) for c in contacts for level in LegalClass)
    plain: dict[str, Any] = {"household_id": 1, "language": "en", "country": "GB", "zones": ("Europe/London",)}
    return Person(id=number, **{**plain, "contacts": contacts, "grants": grants, **more})


def candidate(of: Campaign = OFFER, customer: int = 1, subject: str = "S-1", **more: Any) -> Candidate:
    plain: dict[str, Any] = {"subject_date": NIGHT - timedelta(days=5), "facts": {}}
    return Candidate(of.name, customer, subject, **{**plain, **more})


def wish(scope: Scope, address: str = "ana@", until: date | None = None) -> Wish:
    channel = TEXT if address.startswith("+") else EMAIL
    return Wish(address, channel, scope, "asked", LONG_AGO, until)


def sent(days_ago: int, of: Campaign = OFFER, address: str = "ana@") -> Sent:
    return Sent(NIGHT - timedelta(days=days_ago), of.name, of.kind, address)


def rules(*campaigns: Campaign, **more: Any) -> Rules:
    known = {**CAMPAIGNS, **{c.name: c for c in campaigns}}
    plain: dict[str, Any] = {"night": NIGHT, "limits": LIMITS, "salt": b"salt", "speaks": lambda *_: None}
    return Rules(campaigns=known, **{**plain, **more})


def limits(**more: Any) -> Limits:
    return replace(LIMITS, **more)


def ask(who: Person, about: Candidate, using: Rules | None = None) -> Decision:
    [decision] = decide({who.id: who}, [about], using or rules())
    return decision


def reason(who: Person, about: Candidate, using: Rules | None = None) -> Reason | None:
    """None: a message would leave."""
    decision = ask(who, about, using)
    assert (decision.outcome is Outcome.SEND) == (decision.reason is None)
    return decision.reason


def judged(people: Iterable[Person], found: Iterable[Candidate], using: Rules | None = None) -> dict[str, str]:
    """{"customer/campaign/subject": "send", "send with SUBJECT" or the reason}."""
    made = decide({p.id: p for p in people}, list(found), using or rules())
    assert len({_name(d.candidate) for d in made}) == len(made)
    return {_name(d.candidate): _word(d) for d in made}


def _name(about: Candidate) -> str:
    return f"{about.customer_id}/{about.campaign}/{about.subject_key}"


def _word(decision: Decision) -> str:
    if decision.outcome is not Outcome.SEND:
        assert decision.reason is not None
        return decision.reason.value
    return f"send with {decision.joins}" if decision.joins else "send"
