"""The command forget: erase a person, and keep their wish."""

import sys
from typing import Annotated

import typer

from outreach.cli.answer import Answer
from outreach.cli.desk import desk
from outreach.cli.screen import wrapped
from outreach.core.errors import Misuse, Unfinished
from outreach.flows import forget as forgetting
from outreach.flows.forget import Forgotten

_KEPT = (
    "Kept: hashes of their addresses, by which an import knows them and their wish stands; for each wish its "
    "time, scope and door; and the dates and products of their orders."
)
_ELSEWHERE = "Not touched: your shop's own records, your backups, and what the providers keep."


def forget(
    ctx: typer.Context,
    customer: Annotated[str, typer.Argument(metavar="CUSTOMER", help="key, email, phone or order number")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="say what would go; change nothing")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
) -> Answer:
    """Erase a person from the database and from every file written here. Their wish to be left alone stays, by hashes
    alone, so that no import brings them back. It cannot be undone."""
    app = desk(ctx).open()
    found = forgetting.look(app, customer)
    if dry_run:
        return _answer(found, dry_run=True)
    if not yes:
        _ask(found, customer)
    return _answer(forgetting.forget(app, customer), dry_run=False)


def _ask(found: Forgotten, word: str) -> None:
    """Raises Misuse (OUT-509) for a no, or where nobody can answer."""
    help_text = "outreach forget CUSTOMER --yes    (first with --dry-run, to see what goes)"
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Misuse("OUT-509", "forgetting cannot be undone, and nobody is here to be asked", help=help_text)
    who = found.key or word
    if not typer.confirm(f"Forget {who} for good ({found.rows.total():,} rows, {found.files.files:,} files)?"):
        raise Misuse("OUT-509", "nothing was forgotten", help=help_text)


def _answer(done: Forgotten, *, dry_run: bool) -> Answer:
    who = done.key or "This address (no customer has it)"
    lines = [f"{who}: {'what would be forgotten' if dry_run else 'forgotten'}"]
    if not done.anything:
        lines = [f"{who}: nothing left to forget."]
    counted = [*done.rows.items(), ("files", done.files.files), ("rows of rejected lists", done.files.rows)]
    lines += [f"  {count:>7,}  {what}" for what, count in counted if count]
    if done.withdrawn:
        lines.append(f"  {done.withdrawn:>7,}  messages that waited to leave: withdrawn")
    lines += _remarks(done)
    data = {
        "customer": done.key,
        "dry_run": dry_run,
        "rows": dict(done.rows),
        "files": done.files.files,
        "rejected_rows": done.files.rows,
        "silenced": done.silenced,
        "withdrawn": done.withdrawn,
        "shared_with": list(done.shared),
        "waiting_to_be_told": done.untold,
        "compacted": done.compacted,
    }
    problem = _unopened(done)
    return Answer("outreach.forget/1", data, lines, 1 if problem else 0, problem)


def _remarks(done: Forgotten) -> list[str]:
    said = []
    if done.shared:
        keys = ", ".join(done.shared[:5])
        said.append(f"{keys} shares an address with them and keeps it; it is left alone for both until they ask.")
    if done.untold:
        said.append(
            f"{done.untold:,} addresses stay until the provider's own list was told of them; then they go, too."
        )
    if not done.compacted:
        said.append("Others are at work in the database file: its freed pages go when you type this again later.")
    if done.anything:
        said += [_KEPT, _ELSEWHERE]
    return [line for each in said for line in wrapped(each)]


def _unopened(done: Forgotten) -> Unfinished | None:
    if not done.files.failed:
        return None
    facts = done.files.failed[:5]
    help_text = "delete them, or mend their rights and type the same again"
    return Unfinished("OUT-510", f"{len(done.files.failed):,} files could not be cleaned", facts=facts, help=help_text)
