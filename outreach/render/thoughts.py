"""What is allowed in a template and still worth a thought: nobody signs, a filter with nothing to say here?"""

from collections.abc import Iterator

from jinja2 import nodes

from outreach.core.errors import Finding
from outreach.core.terms import Channel, Severity
from outreach.render import formats
from outreach.render.source import Source
from outreach.render.template import Template


def thoughts_of(source: Source, template: Template) -> Iterator[Finding]:
    """Warnings about a template that is good (OUT-143, OUT-144)."""
    if template.channel is Channel.EMAIL and "shop.signer" not in template.uses:
        help = "end it with {{ shop.signer }}, for {{ shop.name }}"
        place = source.place(max(source.body_at, len(source.text.rstrip()) - 1))
        yield Finding("OUT-143", "nobody signs this email", place, help, severity=Severity.WARNING)
    locale = template.language.replace("-", "_")
    for mark in template.program.marks:
        filters = [mark.node, *mark.node.find_all(nodes.Filter)] if mark.node is not None else []
        named = {node.name for node in filters if isinstance(node, nodes.Filter)}
        if "ordinal" in named and not formats.has_ordinal(locale):
            message = f"`ordinal` writes the plain number: we have no rule for {template.language}"
            yield Finding("OUT-144", message, mark.place, "write the sentence with `number`", (), Severity.WARNING)
