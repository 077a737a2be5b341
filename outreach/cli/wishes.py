"""The command optout: record, look up, import, export or undo "do not contact"."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from outreach.cli.answer import Answer
from outreach.cli.desk import Desk, day, desk
from outreach.cli.screen import wrapped
from outreach.core.errors import Misuse, Unfinished
from outreach.core.terms import Scope
from outreach.flows import opt_out, opt_out_export, opt_out_lists, wish_list
from outreach.flows.app import App
from outreach.flows.opt_out import Asked

_ASKED = [Scope.EVERYTHING, Scope.OFFERS, Scope.EMAIL, Scope.TEXT]
_WORDS = {
    Scope.EVERYTHING: "no more messages of any kind",
    Scope.OFFERS: "no more offers; messages about their orders go on",
    Scope.EMAIL: "no more emails",
    Scope.TEXT: "no more texts",
}
_ASKED_FOR = {
    Scope.EVERYTHING: "no messages at all",
    Scope.OFFERS: "no offers",
    Scope.EMAIL: "no email",
    Scope.TEXT: "no texts",
    Scope.ADDRESS: "nothing; their address sends our mail back",
}
_HELP = "add CUSTOMER · show CUSTOMER · list · import FILE · export [FILE] · undo CUSTOMER · check CUSTOMER"
_WITHOUT = ("list", "export")


def optout(
    ctx: typer.Context,
    what: Annotated[str, typer.Argument(metavar="add|show|list|import|export|undo|check", help=_HELP)],
    about: Annotated[str, typer.Argument(metavar="CUSTOMER|FILE", help="key, order, email, phone; or a list")] = "",
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="why, in a few words; kept as evidence")] = "",
    scope: Annotated[
        str, typer.Option("--scope", metavar="SCOPE", help="everything, offers, email or text")
    ] = "everything",
    until: Annotated[
        str | None, typer.Option("--until", metavar="DATE", help="a date they chose; none: for good")
    ] = None,
    customer_asked: Annotated[str, typer.Option("--customer-asked", metavar="TEXT", help="undo: what they said")] = "",
    nobody: Annotated[bool, typer.Option("--none", help="import: declare that there is no older list")] = False,
    check: Annotated[bool, typer.Option("--check", help="import: read and report; write nothing")] = False,
    form: Annotated[
        str, typer.Option("--format", metavar="NAME", help="export: csv, mailchimp, klaviyo, sendgrid or twilio")
    ] = "csv",
) -> Answer:
    """Record, look up, import, export or undo a wish to be left alone. Takes effect before this answers."""
    here = desk(ctx)
    asked = Asked(_scope(scope), "asked", "staff", reason or None, day(until, option="--until"), _NEVER)
    doors: dict[str, Callable[[], Answer]] = {
        "add": lambda: _add(here, about, asked),
        "show": lambda: _show(here, about),
        "check": lambda: _show(here, about, only_yes_or_no=True),
        "list": lambda: _list(here),
        "import": lambda: _import(here, about, asked, (nobody, check)),
        "export": lambda: _export(here, about, form),
        "undo": lambda: _undo(here, about, customer_asked),
    }
    if what not in doors:
        raise Misuse("OUT-600", f'optout has no "{what}"', facts=(_HELP,))
    if what not in _WITHOUT and not about and not nobody:
        raise Misuse("OUT-600", f"optout {what} needs to know whom", help=f"outreach optout {what} CUSTOMER")
    return doors[what]()


#: Stands in until the transaction stamps the wish with the database's clock.
_NEVER = datetime.min


def _scope(word: str) -> Scope:
    if word not in [s.value for s in _ASKED]:
        raise Misuse("OUT-600", f'"{word}" is not a scope; scopes are {", ".join(s.value for s in _ASKED)}')
    return Scope(word)


def _add(here: Desk, about: str, asked: Asked) -> Answer:
    done = opt_out.add(here.open(), about, asked)
    who = ", ".join(done.customers) or "This address (nobody we know; remembered all the same)"
    ends = f" until {done.until}" if done.until else ""
    lines = wrapped(f"{who}: {_WORDS[done.scope]}{ends}, from now ({done.at:%a %d %b %H:%M} UTC).")
    if not done.new:
        lines.append("They were already off; nothing changed.")
    if done.withdrawn:
        lines.append(f"{done.withdrawn:,} message{'' if done.withdrawn == 1 else 's'} that waited to leave: withdrawn.")
    else:
        lines.append("No message was waiting to leave.")
    data = {
        "customers": done.customers,
        "scope": done.scope,
        "until": done.until,
        "new": done.new,
        "withdrawn": done.withdrawn,
        "at": done.at,
    }
    return Answer("outreach.optout/1", data, lines, next=[f"outreach why {key}" for key in done.customers[:1]])


def _show(here: Desk, about: str, *, only_yes_or_no: bool = False) -> Answer:
    customers, wishes = opt_out.standing(here.open(), about)
    who = ", ".join(row.key for row in customers) or "nobody we know"
    data = {"customers": [row.key for row in customers], "wishes": [_wish(w) for w in wishes], "off": bool(wishes)}
    if only_yes_or_no:
        return Answer("outreach.optout/1", data, ["off" if wishes else "not off"])
    lines = [who, *(line for w in wishes for line in _wish_lines(w))]
    if not wishes:
        lines.append("  no wish stands; what may be written depends on consent")
    return Answer("outreach.optout/1", data, lines, next=[f"outreach why {row.key}" for row in customers[:1]])


def _wish(row: Any) -> dict[str, Any]:
    return {k: getattr(row, k) for k in ("channel", "scope", "reason", "door", "evidence", "since", "until")}


def _wish_lines(row: Any) -> list[str]:
    until = f" until {row.until}" if row.until else ""
    said = f' "{row.evidence}"' if row.evidence else ""
    return wrapped(
        f"  {row.scope}{until}, since {row.since:%Y-%m-%d %H:%M} UTC, by {row.door}{said} ({row.channel})",
        indent="    ",
    )


def _list(here: Desk) -> Answer:
    total, rows = wish_list.newest(here.open())
    lines = [f"{total:,} addresses stand under a wish." if total else "Nobody has asked to be left alone yet."]
    lines += [line for row in rows for line in _listed(row)]
    data = {"addresses": total, "newest": [{**_wish(row), "customer": row.customer} for row in rows]}
    return Answer("outreach.optout/1", data, lines, next=["outreach optout add CUSTOMER --reason …"])


def _listed(row: Any) -> list[str]:
    who = row.customer or "(nobody we know)"
    until = f" until {row.until}" if row.until else ""
    return wrapped(f"  {row.since:%Y-%m-%d}  {who}  {row.channel}: {row.scope}{until}, by {row.door}", indent="    ")


def _import(here: Desk, about: str, asked: Asked, how: tuple[bool, bool]) -> Answer:
    nobody, check = how
    app = here.open()
    if nobody:
        wish_list.declare_none(app)
        return Answer("outreach.optout/1", {"declared": "none"}, ["Recorded: there is no older list of opt-outs."])
    path = Path(about)
    stamped = Asked(asked.scope, asked.reason, "import", path.name, asked.until, asked.at)
    done = opt_out_lists.read_list(app, path, stamped, write=not check)
    lines = [f"{path.name}: taken for {done.took_it_for}"]
    lines.append(
        f"{done.read:,} read · {done.known:,} known customers · {done.unknown:,} unknown, remembered all the same"
    )
    lines.append(f" {done.already:,} were already off · {done.not_read:,} could not be read")
    more = (
        (done.left, "lines of people who asked for nothing: left as they are"),
        (done.since_back, "came back by their own word since: left as they are"),
        (done.withdrawn, "queued messages were withdrawn"),
    )
    lines += [f" {count:,} {words}" for count, words in more if count]
    data = {
        "check": check,
        "took_it_for": done.took_it_for,
        "read": done.read,
        "known": done.known,
        "unknown": done.unknown,
        "already_off": done.already,
        "left": done.left,
        "since_back": done.since_back,
        "unread": [str(place) for place in done.unread],
        "not_read": done.not_read,
        "withdrawn": done.withdrawn,
    }
    if not done.not_read:
        return Answer("outreach.optout/1", data, lines, next=["outreach optout list"])
    facts = tuple(f"{place}: no address, or no word we know" for place in done.unread[:5])
    problem = Unfinished("OUT-504", f"{done.not_read:,} lines could not be read", facts=facts)
    problem.help = "mend those lines and import the file again: the others change nothing"
    return Answer("outreach.optout/1", data, lines, 1, problem)


def _export(here: Desk, about: str, form: str) -> Answer:
    done = opt_out_export.export(here.open(), Path(about) if about else None, form)
    lines = [f"{done.addresses:,} addresses that want to be left alone: {done.path}"]
    if done.left_out:
        lines += wrapped(
            f"{done.left_out:,} left out: pauses until a date, and addresses that only bounce.", indent="  "
        )
    if done.bare:
        said = "stand under a wish of which we keep only the hash (erased, or never a customer's)"
        lines += wrapped(f"{done.bare:,} more {said}: nothing can be written for them.", indent="  ")
    lines += wrapped("It holds full addresses. That it was written is in the audit log.")
    data = {"file": str(done.path), "addresses": done.addresses, "left_out": done.left_out, "bare": done.bare}
    return Answer("outreach.optout/1", data, lines)


def _only_they(app: App, about: str) -> Misuse:
    customers, wishes = opt_out.standing(app, about)
    who = ", ".join(row.key for row in customers) or "this address"
    if not wishes:
        return Misuse("OUT-505", f"{who}: no wish stands, so there is nothing to undo")
    since = min(wish.since for wish in wishes)
    what = _ASKED_FOR[Scope(min(wishes, key=lambda wish: wish.since).scope)]
    return Misuse(
        "OUT-505",
        f"{who} asked for {what} ({since.day} {since:%B %Y})",
        facts=("only the customer can change this: by their link, or by asking",),
        help=f'if they asked: outreach optout undo {about} --customer-asked "phone, 15 Nov, spoke to Lee". '
        "It is shown in the next report",
    )


def _undo(here: Desk, about: str, customer_asked: str) -> Answer:
    app = here.open()
    if not customer_asked.strip():
        raise _only_they(app, about)
    ended = opt_out.undo(app, about, customer_asked=customer_asked)
    lines = [f"{ended:,} wishes lifted, by the customer's word. It is shown in the next report."]
    if not ended:
        lines = ["No wish stood; nothing changed."]
    return Answer("outreach.optout/1", {"lifted": ended}, lines, next=["outreach report"])
