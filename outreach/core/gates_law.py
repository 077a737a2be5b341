"""May we write at all? What law, wishes and addresses forbid; asked before anything else."""

from outreach.core.case import Case, Refusal
from outreach.core.terms import Channel, Kind, LegalClass, Reason, Scope


def no_contact(case: Case) -> Refusal | None:
    """Asked never to be written to, at any address they ever had. A danger in what they own still reaches them."""
    if case.campaign.kind is Kind.SAFETY:
        return None
    for wish in case.person.wishes:
        if wish.scope is Scope.EVERYTHING and wish.until is None:
            return Refusal(Reason.NO_CONTACT, {"since": wish.since.date().isoformat()})
    return None


def channel_off(case: Case) -> Refusal | None:
    """Asked for nothing on this channel. A danger in what they own still reaches them."""
    if case.campaign.kind is Kind.SAFETY:
        return None
    for wish in case.person.wishes:
        if wish.scope.value == case.channel.value and wish.holds_on(case.rules.night):
            return Refusal(Reason.CHANNEL_OFF, {"channel": case.channel.value}, wish.until)
    return None


def orders_only(case: Case) -> Refusal | None:
    """Asked for messages about their orders only."""
    if case.legal is LegalClass.SERVICE:
        return None
    for wish in case.person.wishes:
        if wish.scope is Scope.OFFERS and wish.holds_on(case.rules.night):
            return Refusal(Reason.ORDERS_ONLY, {"since": wish.since.date().isoformat()}, wish.until)
    return None


def paused(case: Case) -> Refusal | None:
    """Asked for silence until a date of their choice."""
    if case.campaign.kind is Kind.SAFETY:
        return None
    for wish in case.person.wishes:
        if wish.scope is Scope.EVERYTHING and wish.until is not None and wish.holds_on(case.rules.night):
            return Refusal(Reason.PAUSED, {"until": wish.until.isoformat()}, wish.until)
    return None


def no_consent(case: Case) -> Refusal | None:
    """Service email needs no grant; marketing email and every text need one at their level (settled 20)."""
    if case.contact is None or case.campaign.kind is Kind.SAFETY:
        return None
    if case.channel is Channel.EMAIL and case.legal is LegalClass.SERVICE:
        return None
    address, grants = case.contact.address_hash, case.person.grants
    if (address, case.legal) in grants or (address, LegalClass.MARKETING) in grants:  # a yes to offers is a yes to all
        return None
    return Refusal(Reason.NO_CONSENT, {"channel": case.channel.value, "level": case.legal.value})


def no_address(case: Case) -> Refusal | None:
    """No address we can use on this channel."""
    return Refusal(Reason.NO_ADDRESS, {"channel": case.channel.value}) if case.contact is None else None


def bounced(case: Case) -> Refusal | None:
    """The address sends our mail back."""
    for wish in case.person.wishes:
        if wish.scope is Scope.ADDRESS and case.contact and wish.address_hash == case.contact.address_hash:
            return Refusal(Reason.BOUNCED, {"since": wish.since.date().isoformat(), "why": wish.reason})
    return None
