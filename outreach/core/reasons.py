"""How is each reason for leaving someone alone said to people?"""

from typing import Any

from outreach.core.terms import Reason

#: After a number: "702  we wrote to them in the last days".
WORDS: dict[Reason, str] = {
    Reason.NO_CONTACT: "asked us never to write",
    Reason.CHANNEL_OFF: "asked for nothing on this channel",
    Reason.ORDERS_ONLY: "asked for messages about their orders only",
    Reason.PAUSED: "paused until a date they chose",
    Reason.NO_CONSENT: "never agreed to this kind of message on this channel",
    Reason.NO_ADDRESS: "no address we can use",
    Reason.BOUNCED: "their address sends our mail back",
    Reason.ON_HOLD: "on hold, by a colleague's word",
    Reason.COMPLAINT_OPEN: "a person is dealing with their complaint",
    Reason.REPLY_OPEN: "they wrote and wait for our answer",
    Reason.ORDER_LATE: "an order of theirs is late, or came late",
    Reason.ALREADY_TOLD: "already told about this",
    Reason.TOO_OLD: "too late to be useful",
    Reason.BEFORE_START: "true before the shop started with us",
    Reason.OWNS_NEWER: "owns the newer model by now",
    Reason.CANNOT_DELIVER: "not in stock",
    Reason.BOUGHT_SINCE: "bought again since",
    Reason.KEEP_YOURS: "better off keeping theirs, by what they told us",
    Reason.ENOUGH: "had enough messages this year",
    Reason.RESTED: "we wrote to them a short while ago",
    Reason.NO_LANGUAGE: "no template in a language they read",
    Reason.TEMPLATE_PROBLEM: "kept for tomorrow: a template has a problem",
    Reason.NOBODY_TO_ANSWER: "answers to earlier questions are overdue",
    Reason.OUTRANKED: "another message went first tonight",
    Reason.HELD_BACK: "held back for comparison (offers and check-ins only)",
    Reason.OVER_LIMIT: "over tonight's ceiling",
}


def in_words(reason: Reason, facts: dict[str, Any]) -> str:
    """One person's reason with its numbers: "we wrote to them 3 days ago (rest: 14 days)"."""
    if reason is Reason.RESTED and "days_ago" in facts:
        return f"we wrote to them {_days(facts['days_ago'])} ago (rest: {_days(facts['rest'])})"
    if reason is Reason.RESTED and "messages" in facts:
        return f"had {facts['messages']} such messages in {facts['per_days']} days"
    if reason is Reason.ENOUGH:
        return f"had {facts.get('messages', 'enough')} messages in the last year"
    if reason is Reason.PAUSED and "until" in facts:
        return f"paused until {facts['until']}, a date they chose"
    if reason is Reason.ORDER_LATE and "order" in facts:
        return f"order {facts['order']} is late, or came late"
    if reason is Reason.ON_HOLD and "because" in facts:
        return f"on hold: {facts['because']}"
    if reason is Reason.TOO_OLD and "broke_off" in facts:
        return f"{facts['broke_off']} broke off before this could leave; the next night looked again"
    if reason is Reason.TOO_OLD and "never_said" in facts:
        return "a second word, and the first was never said"
    if reason is Reason.BEFORE_START and "since" in facts:
        return f"true since {facts['since']}, before the start line {facts['start']}"
    if reason is Reason.NO_CONSENT and "channel" in facts:
        return f"never agreed to {_a(facts.get('level', ''))} {facts['channel']}".replace("  ", " ")
    return WORDS[reason]


def _days(count: int) -> str:
    return f"{count} day" if count == 1 else f"{count} days"


def _a(level: str) -> str:
    return "offers and check-ins by" if level == "marketing" else "messages about orders by"
