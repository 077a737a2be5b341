"""Which braces of a template look like a value and are none, so that a customer would read them?"""

import re
from collections.abc import Iterator

from outreach.core.errors import Finding
from outreach.core.terms import Severity
from outreach.render.marks import cut
from outreach.render.problems import Refusal
from outreach.render.source import Source
from outreach.render.variables import Schema

_SINGLE = re.compile(r"\{\s*([a-z]\w*(?:\.\w+)+)\s*\}")
_LEFT_OVER = re.compile(r"\}\}|%\}|#\}")


def slips_of(source: Source, schema: Schema) -> Iterator[Finding]:
    """A warning (OUT-127) for each `{order.number}` and each `}}` that closes nothing."""
    known = {path for path, _ in schema.paths()}
    for text, start in _stretches(source):
        for found in _SINGLE.finditer(text):
            if found[1] in known:
                yield _slip(source, f"`{found[0]}` would be sent as it is", start + found.start(), found)
        for found in _LEFT_OVER.finditer(text):
            yield _slip(source, f"`{found[0]}` closes nothing and would be sent", start + found.start(), found)


def _stretches(source: Source) -> Iterator[tuple[str, int]]:
    """The text around the marks, each stretch with where it stands in the file."""
    fields = [(getattr(source.front, key) or "", source.front_at(key)) for key in ("subject", "preview", "why")]
    for text, start in [*fields, (source.body, source.body_at)]:
        try:
            for bit in cut(text):
                if bit.kind == "text":
                    yield bit.raw, start + max(text.find(bit.raw, bit.at), bit.at)
        except Refusal:  # said already, as an error
            continue


def _slip(source: Source, message: str, at: int, found: re.Match[str]) -> Finding:
    inner = found[1] if found.re is _SINGLE else "order.number"
    facts = (f"did you mean {{{{ {inner} }}}}?",)
    return Finding("OUT-127", message, source.place(at, len(found[0])), "", facts, Severity.WARNING)
