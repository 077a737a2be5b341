"""Should we write tonight? Care for open matters, usefulness, and manners in numbers."""

from collections.abc import Iterable
from datetime import date, timedelta

from outreach.core.case import Case, Refusal
from outreach.core.holdout import held_out
from outreach.core.terms import UNASKED, Kind, Reason


def on_hold(case: Case) -> Refusal | None:
    """Staff asked for silence: a dispute, a colleague, a wholesaler."""
    if case.person.hold_because is None or case.campaign.kind is Kind.SAFETY:
        return None
    until = case.person.hold_until
    if until is not None and until <= case.rules.night:
        return None
    return Refusal(Reason.ON_HOLD, {"because": case.person.hold_because}, until)


def complaint_open(case: Case) -> Refusal | None:
    """A person is dealing with their complaint."""
    open_now = "complaint" in case.person.conversations and case.campaign.kind not in (Kind.SAFETY, Kind.ANSWER)
    return Refusal(Reason.COMPLAINT_OPEN) if open_now else None


def reply_open(case: Case) -> Refusal | None:
    """They wrote, and nobody has answered yet."""
    open_now = "reply" in case.person.conversations and case.campaign.kind not in (Kind.SAFETY, Kind.ANSWER)
    return Refusal(Reason.REPLY_OPEN) if open_now else None


def nobody_to_answer(case: Case) -> Refusal | None:
    """A question is not asked while answers to earlier ones are overdue."""
    asks = case.campaign.kind is Kind.SERVICE and case.campaign.unprompted and case.campaign.answers
    return Refusal(Reason.NOBODY_TO_ANSWER) if asks and case.rules.nobody_answers else None


def order_late(case: Case) -> Refusal | None:
    """Nothing is sold or asked while an order is late, nor soon after it came late (settled 14)."""
    if case.campaign.kind not in UNASKED or case.person.late_order is None:
        return None
    return Refusal(Reason.ORDER_LATE, {"order": case.person.late_order})


def already_told(case: Case) -> Refusal | None:
    """This address was told this before, under this or another customer's name."""
    key = (case.candidate.campaign, case.candidate.subject_key)
    return Refusal(Reason.ALREADY_TOLD) if key in case.person.told else None


def too_old(case: Case) -> Refusal | None:
    """Too late to be useful; or a second word whose first was never said."""
    candidate = case.candidate
    if candidate.useful_until is not None and case.rules.night > candidate.useful_until:
        return Refusal(Reason.TOO_OLD, {"useful_until": candidate.useful_until.isoformat()})
    if candidate.follows and (candidate.campaign, candidate.follows) not in case.person.told:
        return Refusal(Reason.TOO_OLD, {"never_said": candidate.follows})
    return None


def before_start(case: Case) -> Refusal | None:
    """Already true before the shop began: backlog, unless the shop asked for it in drips."""
    start, became = case.rules.start_on, case.candidate.became_on
    if case.campaign.kind not in UNASKED or start is None or became is None or became >= start:
        return None
    if (case.campaign.name, case.person.id, case.candidate.subject_key) in case.rules.backlog:
        return None
    return Refusal(Reason.BEFORE_START, {"since": became.isoformat(), "start": start.isoformat()})


def enough(case: Case) -> Refusal | None:
    """A customer hears from us unasked at most so often a year; safety, answers and apologies aside."""
    if case.campaign.kind in (Kind.SAFETY, Kind.ANSWER) or not case.campaign.unprompted or not case.person.sent:
        return None
    since = case.rules.night - timedelta(days=365)
    nights = sorted(s.night for s in case.person.sent if s.night > since and _unprompted(s.campaign, s.kind, case))
    limit = case.rules.limits.enough
    if len(nights) < limit:
        return None
    return Refusal(Reason.ENOUGH, {"messages": len(nights)}, nights[-limit] + timedelta(days=365))


def _unprompted(campaign: str, kind: Kind, case: Case) -> bool:
    known = case.rules.campaigns.get(campaign)
    return kind not in (Kind.SAFETY, Kind.ANSWER) and (known is None or known.unprompted)


def rested(case: Case) -> Refusal | None:
    """Offers, check-ins and gifts keep a distance from every other message, and a cap; checks have their own pace."""
    if not case.person.sent:
        return None
    return _pace(case) if case.campaign.kind not in UNASKED else _rest(case) or _cap(case)


def _rest(case: Case) -> Refusal | None:
    night, rest = case.rules.night, case.campaign.rest_days
    return _distance(night, (s.night for s in case.person.sent if s.night != night), rest)


def _distance(night: date, nights: Iterable[date], rest: int) -> Refusal | None:
    """Too near another night's message; a past night may be played after later ones, so both directions count."""
    nearest = min(nights, key=lambda other: abs((night - other).days), default=None)
    if nearest is None or abs((night - nearest).days) >= rest:
        return None
    facts = {"last": nearest.isoformat(), "days_ago": abs((night - nearest).days), "rest": rest}
    return Refusal(Reason.RESTED, facts, nearest + timedelta(days=rest))


def _cap(case: Case) -> Refusal | None:
    limits, night = case.rules.limits, case.rules.night
    since = night - timedelta(days=limits.marketing_cap_days)
    nights = sorted(s.night for s in case.person.sent if s.unasked and s.night > since)
    if len(nights) < limits.marketing_cap:
        return None
    facts = {"messages": len(nights), "per_days": limits.marketing_cap_days}
    return Refusal(Reason.RESTED, facts, nights[-limits.marketing_cap] + timedelta(days=limits.marketing_cap_days))


def _pace(case: Case) -> Refusal | None:
    campaign, night = case.campaign, case.rules.night
    nights = [s.night for s in case.person.sent if s.campaign == campaign.name and s.night != night]
    return _distance(night, nights, campaign.pace_days) if len(nights) >= campaign.pace_after else None


def no_language(case: Case) -> Refusal | None:
    """No words for this channel in a language they read, or words that are broken tonight."""
    reason = case.rules.speaks(case.campaign, case.channel, case.person, case.candidate)
    return Refusal(reason, {"language": case.person.language or ""}) if reason else None


def held_back(case: Case) -> Refusal | None:
    """Left out for comparison; once for a subject means for good."""
    campaign, person = case.campaign, case.person
    if campaign.kind not in UNASKED:
        return None
    before = (campaign.name, case.candidate.subject_key) in person.held_back
    if before or held_out(case.rules.salt, campaign.name, person.id, campaign.holdback):
        return Refusal(Reason.HELD_BACK, {"share": campaign.holdback})
    return None
