"""The command import: purchase records in, from CSV files or from a database."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from outreach.cli.answer import Answer, finding_json
from outreach.cli.desk import Desk, desk
from outreach.cli.screen import wrapped
from outreach.core.errors import Misuse
from outreach.flows.app import App
from outreach.flows.take_records import (
    FILE,
    FileSummary,
    Guess,
    How,
    ImportSummary,
    from_files,
    from_sql,
    guess_files,
    unfinished,
)


def import_records(
    ctx: typer.Context,
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE", help="none: read the SQL queries of config/records.yaml")
    ] = None,
    guess: Annotated[bool, typer.Option("--guess", help="show what the columns are taken for, ask, save it")] = False,
    map_file: Annotated[
        Path | None, typer.Option("--map", metavar="FILE", help="a mapping other than config/records.yaml")
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="read and report; write nothing")] = False,
    since: Annotated[
        str | None, typer.Option("--since", metavar="DATE", help="SQL: read from here, not from the last time")
    ] = None,
    yes: Annotated[
        bool, typer.Option("-y", "--yes", help="take the guess, and the country's usual reading of dates")
    ] = False,
) -> Answer:
    """Read customers, orders and products. The same file twice changes nothing."""
    here = desk(ctx)
    app = here.open()
    paths = [_there(path) for path in files or ()]
    if not paths and not (here.project / FILE).is_file():
        said = f"name the files to read, or write SQL queries into {FILE}"
        raise Misuse("OUT-600", said, help="outreach import --guess customers.csv orders.csv ...")
    guesses = _agreed(here, guess_files(paths), yes) if guess else []
    how = How(check, yes, guesses, map_file, since)
    summary = from_files(app, paths, how) if paths else from_sql(app, how)
    return _answer(app, summary)


def _there(path: Path) -> Path:
    if not path.is_file():
        raise Misuse("OUT-204", f"{path} is not there" if not path.exists() else f"{path} is not a file")
    return path


def _agreed(here: Desk, guesses: list[Guess], yes: bool) -> list[Guess]:
    """Show the guess; go on with a yes. Without a terminal and without --yes nothing is read."""
    lines = [line for guess in guesses for line in guess_lines(guess)]
    if not here.screen.as_json:
        sys.stdout.write("\n".join([*lines, ""]) + "\n")
    if yes:
        return guesses
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Misuse(
            "OUT-202", "a guess needs somebody to look at it, or --yes", help="outreach import --guess --yes FILE..."
        )
    if not typer.confirm(f"Is this right? It is saved in {FILE}"):
        raise Misuse("OUT-202", "nothing was read", help=f"write the mapping by hand: {FILE}, docs/importing.md")
    return guesses


def guess_lines(guess: Guess) -> list[str]:
    """What a file's columns are taken for."""
    lines = [f"{guess.file}: {guess.kind.value.replace('_', ' ')}"]
    width = max(len(column) for column in guess.mapping.columns.values())
    lines += [f"  {column:<{width}}  ->  {field}" for field, column in guess.mapping.columns.items()]
    if guess.ignored:
        lines += wrapped(f"  not used: {', '.join(guess.ignored)}", indent="    ")
    for note in guess.notes:
        lines += wrapped(f"  note: {note}", indent="    ")
    return lines


def _answer(app: App, summary: ImportSummary) -> Answer:
    lines = ["CHECK · nothing is written" if summary.check else f"Records of {app.house.shop.name}", ""]
    for file in summary.files:
        lines += _file_lines(file)
    if not summary.files:
        lines.append("  nothing new since the last time")
    lines += _consent_lines(summary)
    notices = [finding for file in summary.files for finding in file.notices]
    if notices:
        count = sum(file.warnings for file in summary.files)
        lines += ["", f"  {count:,} fields were left out, their rows are in; for example"]
        lines += [line for n in notices[:3] for line in wrapped(f"    {n.place}: {n.message}", indent="      ")]
    problem = unfinished(summary)
    nights = ["outreach nightly --dry-run", "outreach doctor"]
    return Answer(
        "outreach.import/1", _data(summary), lines, 1 if problem else 0, problem, next=[] if problem else nights
    )


def _file_lines(file: FileSummary) -> list[str]:
    kind = file.kind.value.replace("_", " ")
    lines = [f"  {file.name}: {file.read:,} {kind}"]
    parts = [("new", file.new), ("changed", file.changed), ("unchanged", file.unchanged), ("rejected", file.rejected)]
    lines.append("    " + " · ".join(f"{count:,} {word}" for word, count in parts if count or word == "new"))
    for said in file.said:
        lines += wrapped(f"    {said}", indent="      ")
    return lines


def _consent_lines(summary: ImportSummary) -> list[str]:
    lines = []
    if summary.grants or summary.withdrawals or summary.without_evidence or summary.not_widened:
        lines += ["", f"  Consent: {summary.grants:,} yes recorded, {summary.withdrawals:,} no recorded"]
    if summary.without_evidence:
        lines += wrapped(
            f"    {summary.without_evidence:,} yes without a date or a source: not recorded, a yes needs evidence",
            indent="    ",
        )
    if summary.not_widened:
        lines += wrapped(
            f"    {summary.not_widened:,} yes of people known before: not recorded, only they themselves can widen it",
            indent="    ",
        )
    if summary.households_joined:
        lines.append(f"  {summary.households_joined:,} customers share an address with another")
    if summary.days_moved:
        lines.append(f"  {summary.days_moved:,} orders have other days now, because the shop's zone changed")
    return lines


def _data(summary: ImportSummary) -> dict[str, object]:
    return {
        "check": summary.check,
        "read": summary.read,
        "rejected": summary.rejected,
        "files": [
            {
                "name": f.name,
                "kind": f.kind,
                "read": f.read,
                "new": f.new,
                "changed": f.changed,
                "unchanged": f.unchanged,
                "rejected": f.rejected,
                "warnings": f.warnings,
                "rejected_file": f.rejected_file,
                "columns": f.mapping.columns,
                "notices": [finding_json(n) for n in f.notices],
                "said": f.said,
            }
            for f in summary.files
        ],
        "consent": {
            "yes": summary.grants,
            "no": summary.withdrawals,
            "yes_without_evidence": summary.without_evidence,
            "yes_of_people_known_before": summary.not_widened,
        },
        "households_joined": summary.households_joined,
        "days_moved": summary.days_moved,
    }
