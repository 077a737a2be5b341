"""The command replies: who wrote and waits for a person, and what we answer, do and change."""

import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer

from outreach.cli.answer import Answer
from outreach.cli.desk import Desk, desk
from outreach.cli.reply_page import (
    listed,
    needs,
    puzzle_data,
    puzzling,
    row_data,
    shown_data,
    whole,
    whole_puzzle,
)
from outreach.core.errors import Misuse
from outreach.flows import puzzles, replying
from outreach.flows.replying import Open

_HELP = "show ID · take ID · reply ID · close ID; none: the list"
_SCHEMA = "outreach.replies/1"


def replies(
    ctx: typer.Context,
    what: Annotated[str, typer.Argument(metavar="[show|take|reply|close]", help=_HELP)] = "list",
    which: Annotated[str, typer.Argument(metavar="ID", help="as the list calls it: r-12; show also i-12")] = "",
    unanswered: Annotated[bool, typer.Option("--open", help="only what nobody answered yet")] = False,
    damaged: Annotated[bool, typer.Option("--damaged", help="only wrong, damaged or missing goods")] = False,
    late: Annotated[bool, typer.Option("--late", help="only those past the hour we promised")] = False,
    mine: Annotated[bool, typer.Option("--mine", help="only what you took")] = False,
    text: Annotated[str | None, typer.Option("--text", metavar="TEXT", help="reply: your words; else piped in")] = None,
    did: Annotated[str, typer.Option("--did", metavar="TEXT", help="close: what you did")] = "",
    change: Annotated[str, typer.Option("--change", metavar="TEXT", help="close: what you change")] = "",
) -> Answer:
    """Who wrote and waits for a person, longest first. While one is open, no campaign writes to them."""
    here = desk(ctx)
    asked = {"unanswered": unanswered, "damaged": damaged, "late": late, "mine": mine}
    doors: dict[str, Callable[[], Answer]] = {
        "list": lambda: _list(here, asked),
        "show": lambda: _show(here, which),
        "take": lambda: _take(here, which),
        "reply": lambda: _reply(here, which, text),
        "close": lambda: _close(here, which, did, change),
    }
    if what not in doors:
        raise Misuse("OUT-600", f'replies has no "{what}"', facts=(_HELP,))
    if what != "list" and not which:
        raise Misuse("OUT-600", f"replies {what} needs to know which", help=f"outreach replies {what} r-12")
    return doors[what]()


def _list(here: Desk, asked: dict[str, bool]) -> Answer:
    app = here.open()
    found = replying.waiting(app)
    rows = [row for row in found.rows if _wanted(row, found, asked)]
    zone = app.house.shop.zone
    lines = [*needs(found), *(line for row in rows for line in listed(row, found, zone))]
    if not found.rows:
        lines = ["Nobody waits for an answer."]
    elif not rows:
        lines.append("None of them is what you asked for.")
    aside = [] if any(asked.values()) else puzzles.puzzles(app)
    lines += puzzling(aside, zone)
    data = {
        "open": len(found.rows),
        "listed": [row_data(row, found) for row in rows],
        "not_understood": [puzzle_data(one) for one in aside],
    }
    first = replying.name_of(rows[0].id) if rows else ""
    following = [f"outreach replies show {first}", f"outreach replies take {first}"] if first else ["outreach report"]
    return Answer(_SCHEMA, data, lines, next=following)


def _wanted(row: Any, found: Open, asked: dict[str, bool]) -> bool:
    """Every option narrows."""
    tests = {
        "unanswered": row.answered_at is None,
        "damaged": replying.damaged(row),
        "late": found.overdue(row),
        "mine": row.taken_by == found.me,
    }
    return all(tests[name] for name, wanted in asked.items() if wanted)


def _show(here: Desk, which: str) -> Answer:
    app = here.open()
    if which.lower().startswith("i-"):
        one = puzzles.puzzle(app, which)
        return Answer(_SCHEMA, puzzle_data(one), whole_puzzle(one, app.house.shop.zone), next=["outreach replies"])
    found = replying.shown(app, which)
    name = replying.name_of(found.row.id)
    can_answer = found.address is not None and found.row.closed_at is None
    answer = [f'outreach replies reply {name} --text "…"'] if can_answer else []
    close = [f'outreach replies close {name} --did "…" --change "…"'] if found.row.closed_at is None else []
    who = [f"outreach why {found.row.customer}"] if found.row.customer else []
    return Answer(_SCHEMA, shown_data(found), whole(found, app.house.shop.zone), next=[*answer, *close, *who])


def _take(here: Desk, which: str) -> Answer:
    before = replying.take(here.open(), which)
    name = replying.name_of(before.id)
    lines = [f"{name} is yours."]
    if before.taken_by:
        lines = [f"{name} is yours now; before, {before.taken_by} had it."]
    data = {"id": name, "taken_before_by": before.taken_by}
    return Answer(_SCHEMA, data, lines, next=[f"outreach replies show {name}"])


def _reply(here: Desk, which: str, text: str | None) -> Answer:
    app = here.open()
    words = text if text is not None else "" if sys.stdin.isatty() else sys.stdin.read()
    message = replying.answer(app, which, words)
    name = which if which.startswith("r-") else f"r-{which}"
    lines = [f"Queued as m-{message}: it leaves with the next messages, in the same thread.", f"{name} stays open."]
    following = [f"outreach show m-{message}", f'outreach replies close {name} --did "…" --change "…"']
    return Answer(_SCHEMA, {"id": name, "message": f"m-{message}"}, lines, next=following)


def _close(here: Desk, which: str, did: str, change: str) -> Answer:
    row = replying.close(here.open(), which, did=did, change=change)
    name = replying.name_of(row.id)
    lines = [f"{name} is closed. Campaigns may write to {row.customer or 'them'} again."]
    if row.answered_at is None:
        lines.append("Nobody had answered them from here.")
    return Answer(_SCHEMA, {"id": name, "customer": row.customer}, lines, next=["outreach replies"])
