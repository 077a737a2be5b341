"""How do conversations look on a screen? Who wrote, how long they wait, what was promised; addresses masked."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from outreach.cli.screen import WIDTH, wrapped
from outreach.core.addresses import masked
from outreach.core.terms import Channel
from outreach.flows import puzzles
from outreach.flows.app import App
from outreach.flows.puzzles import Puzzle
from outreach.flows.replying import Needed, Open, Shown, complaint, damaged, name_of, needed

#: What they say of a delivery, in words.
ANSWERS = {"wrong": "wrong or damaged", "missing": "not there", "late": "late", "fine": "all well"}


def needs(found: Open) -> list[str]:
    """`9 replies wait for a person, the oldest for 11 hours`, and of what kind they are."""
    unanswered = found.unanswered
    answered = len(found.rows) - len(unanswered)
    lines = []
    if unanswered:
        word = "reply waits" if len(unanswered) == 1 else "replies wait"
        oldest = span(found.at, min(row.opened_at for row in unanswered))
        lines.append(f"{len(unanswered):,} {word} for a person, the oldest for {oldest}.")
    if answered:
        lines.append(f"{answered:,} answered, and not closed yet: nobody else writes to them.")
    late = sum(found.overdue(row) for row in found.rows)
    if late:
        lines.append(f"! {late:,} past the hour we promised.")
    return lines


def needs_you(at: datetime, found: Needed) -> list[str]:
    """What a night and a report say needs a person, with what to type."""
    lines = []
    if found.unanswered and found.oldest is not None:
        word = "1 reply, it" if found.unanswered == 1 else f"{found.unanswered:,} replies, the oldest"
        lines.append(f"{word} has waited {span(at, found.oldest)}   outreach replies")
    if found.damaged:
        lines.append(f"{found.damaged:,} wrong, damaged or missing   outreach replies --damaged")
    if found.overdue:
        lines.append(f"{found.overdue:,} past the hour we promised   outreach replies --late")
    if found.set_aside:
        lines.append(f"{found.set_aside:,} of the last week could not be understood   outreach replies")
    return lines


def night_needs(app: App) -> tuple[list[str], int]:
    """The same under a night's table, and how many wait."""
    at, found = needed(app)
    lines = [line for need in needs_you(at, found) for line in wrapped(f"    {need}", indent="      ")]
    return ["", "  Needs you", *lines] if lines else [], found.unanswered + found.set_aside


def span(now: datetime, then: datetime) -> str:
    """`11 hours`, `2 days`, `5 minutes`."""
    minutes = max(0, int((now - then).total_seconds() // 60))
    for size, word in ((1440, "day"), (60, "hour"), (1, "minute")):
        count = minutes // size
        if count >= 2 or (count == 1 and size < 1440):
            return f"{count} {word}" if count == 1 else f"{count} {word}s"
    return "a moment"


def listed(row: Any, found: Open, zone: str) -> list[str]:
    """One conversation in a few lines."""
    state = f"waits {span(found.at, row.opened_at)}" if row.answered_at is None else "answered"
    taken = f"  ({row.taken_by})" if row.taken_by else ""
    head = f"{name_of(row.id):<6}  {kind(row)}  {_who(row)}  {state}{_due(row, found, zone)}{taken}"
    return ["", *wrapped(f"  {head}", indent="          "), *_excerpt(row.words)]


def kind(row: Any) -> str:
    """What it is about, in a word or three."""
    if row.unsure:
        return "may want to be left alone"
    if damaged(row) or (complaint(row) and row.answer):
        return ANSWERS.get(row.answer, str(row.answer))
    return "complaint" if complaint(row) else "a question"


def _due(row: Any, found: Open, zone: str) -> str:
    if row.answered_at is not None or row.answer_by is None:
        return ""
    return f", {'PAST' if found.overdue(row) else 'by'} {_at(row.answer_by, zone)}"


def _at(moment: datetime, zone: str) -> str:
    local = moment.astimezone(ZoneInfo(zone))
    return f"{local:%a} {local.day} {local:%b %H:%M}"


def _who(row: Any) -> str:
    if row.customer is None:
        return f"a stranger, by {row.channel}"
    name = " ".join(part for part in (row.first_name, (row.last_name or "")[:1]) if part)
    return f"{row.customer} {name}, {masked(Channel(row.channel), row.address)}".replace("  ", " ")


def _excerpt(words: str | None) -> list[str]:
    said = " ".join((words or "").split())
    if not said:
        return []
    room = 2 * (WIDTH - 12)
    return wrapped(f'          "{said if len(said) <= room else said[: room - 1] + "…"}"', indent="          ")


def whole(found: Shown, zone: str) -> list[str]:
    """Everything that was said, oldest first."""
    row = found.row
    lines = wrapped(f"{name_of(row.id)} · {kind(row)} · {_who(row)}")
    lines += [f"opened {_at(row.opened_at, zone)}{_state(row, zone)}", *_wishes(found)]
    for line in found.lines:
        who = "they" if line.theirs else line.author or "we"
        marks = f"  [{', '.join(line.labels).replace('_', ' ')}]" if line.labels else ""
        lines += ["", f"  {_at(line.at, zone)}  {who}, by {line.channel}{marks}"]
        for paragraph in (line.words or "(forgotten)").splitlines():
            lines += wrapped(f"    {paragraph}", indent="    ") if paragraph.strip() else [""]
    for old in found.earlier:
        closed = f"closed {_at(old.closed_at, zone)} by {old.closed_by}"
        said = f"  Before: {name_of(old.id)}, {closed}. Did: {old.did}. Changed: {old.change}"
        lines += ["", *wrapped(said, indent="    ")]
    return lines


def puzzling(found: list[Puzzle], zone: str) -> list[str]:
    """What could not be understood: what it is, when it came, from whom, and why it is here."""
    if not found:
        return []
    lines = ["", f"! {len(found):,} of the last week could not be understood; nothing followed from them."]
    for one in found:
        head = f"  {puzzles.name_of(one.id):<6}  {one.what}, {_at(one.at, zone)}{_from(one)}: {one.problem}"
        lines += wrapped(head, indent="          ")
    return lines


def whole_puzzle(one: Puzzle, zone: str) -> list[str]:
    """One of them, with the words that can be read."""
    lines = wrapped(f"{puzzles.name_of(one.id)} · {one.what}, {_at(one.at, zone)}{_from(one)}")
    lines += wrapped(f"! {one.problem}; nothing followed from it", indent="    ")
    lines += wrapped(f"subject: {one.subject}", indent="    ") if one.subject else []
    for paragraph in one.words.splitlines():
        lines += wrapped(f"    {paragraph}", indent="    ") if paragraph.strip() else [""]
    return lines


def puzzle_data(one: Puzzle) -> dict[str, Any]:
    """The same for programs."""
    return {
        "id": puzzles.name_of(one.id),
        "what": one.what,
        "at": one.at,
        "address": masked(one.channel, one.address) if one.address else None,
        "problem": one.problem,
        "subject": one.subject,
        "words": one.words,
    }


def _from(one: Puzzle) -> str:
    return f", from {masked(one.channel, one.address)}" if one.address else ""


def _state(row: Any, zone: str) -> str:
    taken = f", taken by {row.taken_by}" if row.taken_by else ""
    if row.closed_at is not None:
        return f"{taken}, closed {_at(row.closed_at, zone)} by {row.closed_by}"
    if row.answered_at is not None:
        return f"{taken}, answered {_at(row.answered_at, zone)}"
    return f"{taken}, promised by {_at(row.answer_by, zone)}" if row.answer_by else f"{taken}, no answer promised"


def _wishes(found: Shown) -> list[str]:
    return [
        line
        for wish in found.wishes
        for line in wrapped(f"! asked for no more: {wish.scope}, since {wish.since:%Y-%m-%d %H:%M} UTC", indent="    ")
    ]


def row_data(row: Any, found: Open) -> dict[str, Any]:
    """One conversation of the list, for programs."""
    return {
        "id": name_of(row.id),
        "customer": row.customer,
        "address": masked(Channel(row.channel), row.address) if row.customer else None,
        "channel": row.channel,
        "label": row.label,
        "answer": row.answer,
        "may_want_out": row.unsure,
        "opened_at": row.opened_at,
        "answer_by": row.answer_by,
        "answered_at": row.answered_at,
        "overdue": found.overdue(row),
        "taken_by": row.taken_by,
        "words": row.words,
    }


def shown_data(found: Shown) -> dict[str, Any]:
    """One conversation whole, for programs."""
    row = found.row
    names = ("theirs", "channel", "at", "subject", "words", "labels", "author")
    return {
        **row_data(row, Open(found.at, "", (row,))),
        "closed_at": row.closed_at,
        "closed_by": row.closed_by,
        "did": row.did,
        "change": row.change,
        "said": [{name: getattr(line, name) for name in names} for line in found.lines],
        "earlier": [name_of(old.id) for old in found.earlier],
        "wishes": [{"scope": wish.scope, "since": wish.since} for wish in found.wishes],
    }
