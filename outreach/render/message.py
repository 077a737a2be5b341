"""What exactly does this one person get? The same bytes whether a night asks or a preview."""

from collections.abc import Mapping
from typing import Any

from outreach.core.segments import MOST_CHARACTERS, parts
from outreach.core.terms import Channel
from outreach.render.content import Content
from outreach.render.links import Links
from outreach.render.plaintext import finished
from outreach.render.problems import MissingValue, RenderProblem
from outreach.render.scan import breaks_header, leaked
from outreach.render.template import BETWEEN, Occasion, Recipient, Template, context

MOST_HTML = 100_000
_WIDE = str.maketrans("\u00a0\u202f", "  ")


def render(
    template: Template, *, facts: Mapping[str, Any], recipient: Recipient, occasion: Occasion, links: Links
) -> Content:
    """One message. `facts` is JSON-shaped, as stored beside the message.

    Raises RenderProblem: OUT-117 a value is not there or has the wrong shape (with the template's place), OUT-118
    something that must never leave, OUT-119 too long, or without a way out.
    """
    values = context(template, facts, recipient=recipient, occasion=occasion, links=links)
    try:
        made = (
            _text(template, values) if template.channel is Channel.TEXT else _email(template, values, recipient, links)
        )
    except MissingValue as missing:
        raise _missing(template, missing) from None
    said = f"{made.subject or ''}\n{made.text}"
    sign = leaked(said, template.program.literals, facts, recipient.first_name, recipient.last_name)
    if sign:
        raise RenderProblem("OUT-118", f"{template.file}: the message would say {sign!r}")
    return made


def _text(template: Template, values: dict[str, Any]) -> Content:
    text = " ".join(template.program.whole.render(values).split())
    if len(text) > MOST_CHARACTERS:
        raise RenderProblem(
            "OUT-119", f"{template.file}: {len(text):,} characters; a text may have {MOST_CHARACTERS:,}"
        )
    if not all(words in text for words in template.program.must):
        raise RenderProblem("OUT-119", f"{template.file}: a text names the shop and says how to stop")
    return Content(None, None, text, (), parts(text).count)


def _email(template: Template, values: dict[str, Any], recipient: Recipient, links: Links) -> Content:
    program = template.program
    subject, html, text = program.whole.render(values).split(BETWEEN)
    subject, text = " ".join(subject.translate(_WIDE).split()), finished(text)
    _fit_to_leave(template, subject, html)
    stop = links.stop(recipient.contact_point_id)
    for body, address in zip((html, text), program.must, strict=True):
        if stop not in body or address not in body:
            lacks = "way out" if stop not in body else "postal address"
            raise RenderProblem("OUT-119", f"{template.file}: the message has no {lacks}")
    return Content(subject, html, text, _headers(template, recipient, links))


def _fit_to_leave(template: Template, subject: str, html: str) -> None:
    if not subject:
        raise RenderProblem("OUT-119", f"{template.file}: the subject is empty")
    if broken := breaks_header(subject):
        raise RenderProblem("OUT-118", f"{template.file}: the subject would hold {broken}")
    if len(html) > MOST_HTML:
        raise RenderProblem("OUT-119", f"{template.file}: {len(html):,} characters; mail programs cut at {MOST_HTML:,}")


def _headers(template: Template, recipient: Recipient, links: Links) -> tuple[tuple[str, str], ...]:
    """RFC 2369 and RFC 8058 ways out; RFC 3834 and Microsoft's words against answering machines."""
    who, program = recipient.contact_point_id, template.program
    return (
        ("From", program.from_name),
        ("Reply-To", f"{program.from_name} <{program.reply_to}>"),
        ("List-Unsubscribe", links.list_unsubscribe(who)),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ("Auto-Submitted", "auto-generated"),
        ("X-Auto-Response-Suppress", "OOF, AutoReply"),
    )


def _missing(template: Template, missing: MissingValue) -> RenderProblem:
    mark = template.program.marks[missing.mark]
    what = missing.why or "a value that is not there"
    place = mark.place
    return RenderProblem("OUT-117", f"this line would print {what}", place=place, help='{% if … %}, or `| or("…")`')
