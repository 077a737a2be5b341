"""The command why: the stored answer for one customer, in words."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any

import typer

from outreach.cli.answer import Answer
from outreach.cli.desk import day, desk
from outreach.cli.screen import wrapped
from outreach.core.addresses import masked
from outreach.core.reasons import in_words
from outreach.core.terms import Campaign, Channel, Reason
from outreach.flows.app import App
from outreach.flows.explain_why import Point, Why, look
from outreach.flows.send import message_name

_OUTCOMES = {
    "send": "queued",
    "leave_alone": "left alone",
    "hold_out": "held back",
    "told": "told",
    "undecided": "found",
    "not_found": "not found",
}
_NO_MORE = {"everything": "nothing at all", "text": "no texts", "address": "nothing: it sends our mail back"}


def why(
    ctx: typer.Context,
    customer: Annotated[str, typer.Argument(metavar="CUSTOMER", help="key, email, phone or order number")],
    night: Annotated[
        str | None, typer.Option("--night", metavar="DATE", help="as decided at or before that night")
    ] = None,
    campaign: Annotated[str | None, typer.Option("--campaign", metavar="CAMPAIGN", help="only this one")] = None,
    all_messages: Annotated[bool, typer.Option("--all", help="every message ever, not the last ten")] = False,
) -> Answer:
    """Why a customer was, or was not, written to."""
    app = desk(ctx).open()
    found = look(app, customer, night=day(night, option="--night"), campaign=campaign)
    gone = [w for w in found.wishes if w.scope == "everything" and w.until is None]
    lines = [*_head(found), "", *(_never(found, gone[0]) if gone else _may_we(app, found))]
    lines += _tonight(app, found)
    lines += _before(found, None if all_messages else 10)
    key = found.customer.key
    after = [] if gone else _next(found, key)
    return Answer("outreach.why/1", _data(app, found), lines, next=after)


def _head(found: Why) -> list[str]:
    row = found.customer
    name = " ".join(filter(None, (row.first_name, row.last_name))) or "(no name)"
    where = ", ".join(filter(None, (row.city, row.state, row.country)))
    lines = wrapped(f"{name} · {row.key} · {row.language or 'no language known'} · {where}, {found.zone}")
    shown = [masked(Channel(p.channel), p.address) for p in found.points]
    return [*lines, *wrapped(", ".join(shown) or "no address we can use")]


def _never(found: Why, wish: Any) -> list[str]:
    more = f': "{wish.evidence}"' if wish.evidence and wish.evidence != wish.reason else ""
    lines = wrapped(f"Never write. Since {_date(wish.since)} ({wish.reason}, by {wish.door}{more}).")
    count = "1 message" if found.since_wish == 1 else f"{found.since_wish:,} messages"
    wrote = f"{count} left since." if found.since_wish else "We have not written since."
    return [*lines, wrote]


def _may_we(app: App, found: Why) -> list[str]:
    lines = ["May we write?"]
    for point in found.points:
        told = f"agreed to {' and '.join(point.levels)}" if point.levels else "no recorded yes"
        usable = "✓" if point.levels or point.channel == "email" else "✗"
        if point.channel == "email" and not point.levels:
            told += ": messages about orders only"
        lines += wrapped(f"  {usable} {point.channel:<6} {told}", indent="           ")
        lines += [line for wish in point.wishes for line in _wish(wish)]
    if not found.points:
        lines.append("  ✗ no address we can use")
    if found.hold:
        lines += wrapped(f"  ✗ on hold: {found.hold}", indent="    ")
    return lines


def _wish(wish: Any) -> list[str]:
    until = f" until {wish.until}" if wish.until else ""
    what = _NO_MORE.get(wish.scope, f"no {wish.scope}")
    return wrapped(f"    asked for {what}{until} ({wish.reason}, {_date(wish.since)})", indent="      ")


def _tonight(app: App, found: Why) -> list[str]:
    if not found.verdicts:
        return ["", "No night has run yet."]
    lines = ["", f"Night of {found.night}" + (f" ({found.run_name})" if found.run_name else "; none was run that day")]
    width = max(len(name) for name, _, _ in found.verdicts)
    for name, outcome, row in found.verdicts:
        said = _said(app.campaigns[name], outcome, row, found.night)
        lines += wrapped(f"  {name:<{width}}  {_OUTCOMES[outcome]:<10}  {said}", indent=" " * (width + 16))
    return lines


def _said(campaign: Campaign, outcome: str, row: Any, night: date | None) -> str:
    if outcome == "not_found":
        return f"found when {campaign.found_when}"
    if outcome == "undecided":
        return "not decided yet: outreach nightly"
    if outcome == "told":
        return f"about {row.subject_key} on {row.night}, by {row.channel}; each thing is told once"
    about = f"about {row.subject_key}" + (f", decided {row.night} and unchanged since" if row.night != night else "")
    numbers = _numbers(row.facts.get("scan", {}))
    if outcome == "send":
        return "; ".join(filter(None, (f"by {row.channel}", about, numbers)))
    reason = _reason(row)
    again = f"; may change on {row.next_eligible_on}" if row.next_eligible_on else ""
    return "; ".join(filter(None, (reason, about, numbers))) + again


def _reason(row: Any) -> str:
    """The reason; where no channel was open, each channel's own."""
    channels = row.facts.get("channels", {})
    if len(set(channels.values())) > 1:
        return "; ".join(f"{channel}: {in_words(Reason(reason), {})}" for channel, reason in channels.items())
    both = {"channel": " or ".join(channels)} if channels else {}
    return in_words(Reason(row.reason), {**row.facts, **both})


def _numbers(scan: dict[str, Any]) -> str:
    """The rule's numbers in words."""
    if "usual_days" in scan:
        whose = "their own rhythm and the shop's" if scan.get("own_gaps") else "the shop's rhythm"
        return f"usually every {scan['usual_days']} days ({whose}); {scan['days_quiet']} days now"
    if "days_late" in scan:
        late = scan["days_late"]
        return f"{late} day{'' if late == 1 else 's'} late"
    if "bought_on" in scan:
        return f"theirs was bought on {scan['bought_on']}"
    return ""


def _before(found: Why, most: int | None) -> list[str]:
    rows = list(found.messages)[:most]
    if not rows:
        return ["", "No message to them yet."]
    lines = ["", "Messages"]
    for row in rows:
        because = f" ({row.because})" if row.because else ""
        lines += wrapped(
            f"  {row.night}  {message_name(row.id):<7}  {row.campaign}  {row.channel}  {row.state}{because}",
            indent="    ",
        )
    return lines


def _next(found: Why, key: str) -> list[str]:
    shown = [f"outreach show {message_name(found.messages[0].id)}"] if found.messages else []
    return [*shown, f'outreach optout add {key} --reason "…"']


def _date(moment: Any) -> str:
    return f"{moment.day} {moment:%B %Y}"


def _data(app: App, found: Why) -> dict[str, Any]:
    return {
        "customer": found.customer.key,
        "language": found.customer.language,
        "country": found.customer.country,
        "zone": found.zone,
        "night": found.night,
        "run": found.run_name,
        "contacts": [_contact(point) for point in found.points],
        "on_hold": found.hold,
        "campaigns": list(_verdicts(app, found.verdicts)),
        "messages": [_message(row) for row in found.messages],
    }


def _contact(point: Point) -> dict[str, Any]:
    wishes = [
        {"scope": w.scope, "since": w.since, "until": w.until, "reason": w.reason, "door": w.door} for w in point.wishes
    ]
    address = masked(Channel(point.channel), point.address)
    return {"channel": point.channel, "address": address, "agreed_to": point.levels, "wishes": wishes}


def _verdicts(app: App, verdicts: Iterable[tuple[str, str, Any]]) -> Iterable[dict[str, Any]]:
    for name, outcome, row in verdicts:
        decided = outcome not in ("not_found", "undecided")
        yield {
            "campaign": name,
            "outcome": outcome,
            "because": row.reason if decided else None,
            "subject": row.subject_key if decided else None,
            "night": row.night if decided else None,
            "channel": row.channel if decided else None,
            "facts": row.facts if decided else None,
            "found_when": app.campaigns[name].found_when,
        }


def _message(row: Any) -> dict[str, Any]:
    return {
        "message": message_name(row.id),
        "night": row.night,
        "campaign": row.campaign,
        "channel": row.channel,
        "language": row.language,
        "subject": row.subject_key,
        "state": row.state,
        "because": row.because,
    }
