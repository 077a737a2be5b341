"""Where in a template does text stop and a mark begin, and how do marks travel through Markdown and HTML?

`{{ value }}`, `{% tag %}` and `{# comment #}` are cut out. Each value or tag becomes a token: two private letters
around a number, which Markdown, HTML and the CSS inliner carry along like a word. At the end the tokens become
nodes of a Jinja tree; the text around them is never read by Jinja again.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from jinja2 import nodes

from outreach.core.errors import Place
from outreach.render.problems import Refusal, RenderProblem

_INSIDE = r"((?:\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|[^\"'])*?)"
_CLOSED = {
    "{{": re.compile(r"\{\{([-+]?)" + _INSIDE + r"([-+]?)\}\}", re.S),
    "{%": re.compile(r"\{%([-+]?)" + _INSIDE + r"([-+]?)%\}", re.S),
    "{#": re.compile(r"\{#([-+]?)(.*?)([-+]?)#\}", re.S),
}
_OPENS = re.compile(r"\{[{%#]")
TOKEN = re.compile("(?:<!--)?\ue000([0-9]{1,4})\ue001(?:-->)?")

Kind = Literal["value", "if", "elif", "else", "endif", "for", "endfor"]


@dataclass(frozen=True, slots=True)
class Bit:
    """A stretch of a template: `kind` is text, value or tag; `inner` its content; `at` its offset; `raw` all of it."""

    kind: Literal["text", "value", "tag"]
    inner: str
    at: int
    raw: str


@dataclass(frozen=True, slots=True)
class Mark:
    """One vetted value or tag. `number` is its place in the template's list and in its token.

    `node`: the vetted expression (a value, a condition, the list of a loop). `target`: the loop's own name.
    `slot`: a value of the layout that is a template itself.
    """

    number: int
    kind: Kind
    place: Place
    node: nodes.Expr | None = None
    target: str = ""
    slot: bool = False

    @property
    def token(self) -> str:
        """What stands for this mark in text and HTML."""
        return f"\ue000{self.number}\ue001"


def mark_of(number: str, marks: Sequence[Mark]) -> Mark:
    """The mark a token stands for. Raises RenderProblem (OUT-118) for a token that no mark made."""
    if int(number) >= len(marks):
        raise RenderProblem("OUT-118", f"the text holds the sign of value {number}, which nobody wrote")
    return marks[int(number)]


def cut(text: str) -> Iterator[Bit]:
    """The stretches of a template in order; comments are dropped. Raises Refusal (OUT-111) for what is never closed;
    its needle is all that follows."""
    at, strip_next = 0, False
    while at < len(text):
        opens = _OPENS.search(text, at)
        until = opens.start() if opens else len(text)
        closed = _CLOSED[opens[0]].match(text, until) if opens else None
        if opens and closed is None:
            raise Refusal("OUT-111", f"`{opens[0]}` is opened here and never closed", needle=text[until:])
        before = text[at:until].lstrip() if strip_next else text[at:until]
        if closed and closed[1] == "-":
            before = before.rstrip()
        if before:
            yield Bit("text", before, at, before)
        if not (opens and closed):
            return
        if opens[0] != "{#":
            yield Bit("value" if opens[0] == "{{" else "tag", closed[2].strip(), until, closed[0])
        at, strip_next = closed.end(), closed[3] == "-"
