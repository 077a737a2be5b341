"""The command lint: check every template; in words, or as other programs read it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

import typer

from outreach.cli.answer import Answer
from outreach.cli.desk import Desk, desk
from outreach.cli.lint_formats import as_json, as_sarif, concise, data_of, full, github, summary
from outreach.core.errors import Misuse
from outreach.core.terms import Severity
from outreach.flows.lint import LastWords, Linted, lint, words_of_last_night


class Format(StrEnum):
    """How findings are written."""

    FULL = "full"
    CONCISE = "concise"
    JSON = "json"
    GITHUB = "github"
    SARIF = "sarif"


def check(
    ctx: typer.Context,
    paths: Annotated[
        list[str] | None, typer.Argument(metavar="[PATHS]...", help="files, folders or campaigns; none: all")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="warnings fail too")] = False,
    format: Annotated[
        Format, typer.Option("--format", metavar="FORMAT", help="full, concise, json, github or sarif")
    ] = Format.FULL,
    select: Annotated[
        str | None, typer.Option("--select", metavar="WHAT", help="state:changed: since the last real night")
    ] = None,
) -> Answer:
    """Check every template, for every invented person, in every language. Sends and writes nothing."""
    here = desk(ctx)
    found = lint(here.project, paths or [], _changed(here, select))
    fails = bool(found.count(Severity.ERROR) or (strict and found.count(Severity.WARNING)))
    told = here.screen.as_json or here.screen.quiet
    return Answer(
        "outreach.lint/1",
        data_of(found, strict=strict),
        _lines(found, format, strict=strict),
        1 if fails else 0,
        findings=found.findings if told else (),
        next=_next(found) if format is Format.FULL else (),
    )


def _lines(found: Linted, format: Format, *, strict: bool) -> list[str]:
    if format is Format.JSON:
        return as_json(found, strict=strict)
    if format is Format.SARIF:
        return as_sarif(found)
    if format is Format.GITHUB:
        return github(found)
    return [*(full(found) if format is Format.FULL else concise(found)), *summary(found)]


def _next(found: Linted) -> list[str]:
    """What is worth typing now."""
    if not found.files and not found.findings:
        return ["outreach init", "outreach new language CAMPAIGN LANGUAGE"]
    if not found.findings:
        return ["outreach preview CAMPAIGN --all-people"]
    return [f"outreach explain {found.findings[0].code}"]


def _changed(here: Desk, select: str | None) -> LastWords | None:
    """Only `state:changed` needs the database, so only then it is opened."""
    if select is None:
        return None
    if select != "state:changed":
        help = "outreach lint --select state:changed    or name files, folders, campaigns"
        raise Misuse("OUT-620", f'"{select}" is not something lint can select by', help=help)

    def asked() -> Mapping[str, str]:
        return words_of_last_night(here.open())

    return asked
