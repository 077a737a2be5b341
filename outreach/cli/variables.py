"""The command variables: what a template may use."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import typer

from outreach.cli.answer import Answer
from outreach.cli.desk import desk
from outreach.cli.screen import wrapped
from outreach.flows.variables import Listed, Variable
from outreach.flows.variables import variables as flow_variables

#: Columns of the name and of the type.
NAME, KIND = 26, 17


def variables(
    ctx: typer.Context,
    campaign: Annotated[str | None, typer.Argument(metavar="[CAMPAIGN]", help="none: every campaign")] = None,
    search: Annotated[str, typer.Option("--search", metavar="WORD", help="only names with this word in them")] = "",
) -> Answer:
    """What a template may use: name, type, whether it may be missing, an example, and what it means."""
    found = flow_variables(desk(ctx).open(), campaign, search)
    shown = [one for one in found if one.variables]
    lines = [line for one in shown for line in ["", *_lines(one)]][1:]
    if not shown:
        lines = wrapped(f'No name has "{search}" in it.')
    reason = next((one.why_not for one in found if one.why_not), None)
    if reason is not None:
        lines += ["", *wrapped(f'Anything about "{search}" is not there, on purpose: {reason}.')]
    data = {"campaigns": {one.campaign: [_data(v) for v in one.variables] for one in found}, "not_there": reason}
    name = campaign or next(iter(one.campaign for one in found), "")
    return Answer("outreach.variables/1", data, lines, next=(f"outreach preview {name}",))


def _lines(listed: Listed) -> Iterator[str]:
    yield from wrapped(f"{listed.campaign} · {listed.title}")
    yield from _rows(listed.variables)


def _rows(variables: Sequence[Variable]) -> Iterator[str]:
    for one in variables:
        kind = f"{one.kind}{' ?' if one.may_miss else ''}"
        said = [part for part in (one.note, f"like {_short(one.example)}" if one.example else "") if part]
        said += ["may be missing"] if one.may_miss else []
        said += [f"write {one.written}"] if one.written else []
        head = f"  {one.name:<{NAME}} {kind:<{KIND}}".rstrip()
        yield head
        if said:
            yield from wrapped(f"      {'; '.join(said)}", indent="      ")


def _short(example: str) -> str:
    return example if len(example) <= 44 else f"{example[:41]}..."


def _data(one: Variable) -> dict[str, Any]:
    return {
        "name": one.name,
        "type": one.kind,
        "may_be_missing": one.may_miss,
        "example": one.example or None,
        "note": one.note or None,
        "written": one.written or None,
    }
