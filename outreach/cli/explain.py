"""The command explain: what an error code means and how it is mended. Works offline and without a project."""

from typing import Annotated

import typer

from outreach.cli.answer import Answer
from outreach.cli.screen import wrapped
from outreach.core.errors import Misuse
from outreach.core.explanations import EXPLANATIONS


def explain(
    ctx: typer.Context,
    code: Annotated[str | None, typer.Argument(metavar="CODE", help="like OUT-301; none: all of them")] = None,
) -> Answer:
    """What an error code means and how to mend it."""
    if code is None:
        lines = [line for c, e in sorted(EXPLANATIONS.items()) for line in wrapped(f"{c}  {e.title}", indent=" " * 9)]
        titles = {c: e.title for c, e in sorted(EXPLANATIONS.items())}
        return Answer("outreach.explain/1", {"codes": titles}, lines)
    name = code.upper() if code.upper().startswith("OUT-") else f"OUT-{code}"
    if name not in EXPLANATIONS:
        raise Misuse("OUT-600", f'there is no error code "{code}"', help="outreach explain    (lists all of them)")
    found = EXPLANATIONS[name]
    lines = [
        *wrapped(f"{name}: {found.title}"),
        "",
        *wrapped(found.text, indent=""),
        "",
        *wrapped(f"Mend: {found.mend}", indent="      "),
    ]
    data = {"code": name, "title": found.title, "text": found.text, "mend": found.mend}
    return Answer("outreach.explain/1", data, lines)
