"""What exactly does this one person get? The same bytes whether a night asks or a preview."""

from collections.abc import Mapping
from typing import Any

import jinja2

from outreach.core.segments import MOST_CHARACTERS, parts
from outreach.core.terms import Channel
from outreach.render.content import Content
from outreach.render.grammar import names_in
from outreach.render.links import Links, reference
from outreach.render.plaintext import finished
from outreach.render.problems import UNFORESEEN, MissingValue, RenderProblem
from outreach.render.scan import breaks_header, is_seen, leaked
from outreach.render.template import BETWEEN, Occasion, Recipient, Template, context

MOST_HTML = 100_000


def render(
    template: Template, *, facts: Mapping[str, Any], recipient: Recipient, occasion: Occasion, links: Links
) -> Content:
    """One message. `facts` is JSON-shaped, as stored beside the message.

    Raises RenderProblem: OUT-117 a value is not there or has the wrong shape (with the template's place), OUT-118
    something that must never leave, OUT-119 too long, or without a way out, OUT-126 what nobody thought of.
    """
    try:
        values = context(template, facts, recipient=recipient, occasion=occasion, links=links)
        made = (
            _text(template, values)
            if template.channel is Channel.TEXT
            else _email(template, values, links, (recipient.contact_point_id, occasion.subject_key))
        )
    except MissingValue as missing:
        raise _missing(template, missing) from None
    except UNFORESEEN as error:  # it costs this one person's message, never the night
        kind = type(error).__name__
        raise RenderProblem("OUT-126", f"{template.file}: this message cannot be written ({kind})") from error
    said = f"{made.subject or ''}\n{made.text}"
    sign = leaked(said, template.program.literals, facts, recipient.first_name, recipient.last_name)
    if sign:
        raise RenderProblem("OUT-118", f"{template.file}: the message would say {sign!r}")
    return made


def _text(template: Template, values: dict[str, Any]) -> Content:
    text = " ".join(_written(template.program.whole, values).split())
    if len(text) > MOST_CHARACTERS:
        raise RenderProblem(
            "OUT-119", f"{template.file}: {len(text):,} characters; a text may have {MOST_CHARACTERS:,}"
        )
    if not all(words in text for words in template.program.must):
        raise RenderProblem("OUT-119", f"{template.file}: a text names the shop and says how to stop")
    return Content(None, None, text, (), parts(text).count)


def _email(template: Template, values: dict[str, Any], links: Links, about: tuple[int, str]) -> Content:
    program = template.program
    subject, html, text = _written(program.whole, values).split(BETWEEN)
    subject, text = " ".join(subject.split()), finished(text)
    _fit_to_leave(template, subject, html)
    stop = links.stop(about[0])
    for body, address in zip((html, text), program.must, strict=True):
        if (out := body.rfind(stop)) < 0 or body.rfind(address) < 0:  # from behind: there they stand
            lacks = "way out" if out < 0 else "postal address"
            raise RenderProblem("OUT-119", f"{template.file}: the message has no {lacks}")
    return Content(subject, html, text, _headers(template, links, about))


def _written(whole: jinja2.Template, values: dict[str, Any]) -> str:
    """What `whole.render` gives, without its copies of the values."""
    context = whole.new_context(values, shared=True)
    made: str = whole.environment.concat(whole.root_render_func(context))
    return made


def _fit_to_leave(template: Template, subject: str, html: str) -> None:
    if not is_seen(subject):
        raise RenderProblem("OUT-119", f"{template.file}: the subject is empty")
    if broken := breaks_header(subject):
        raise RenderProblem("OUT-118", f"{template.file}: the subject would hold {broken}")
    if len(html) > MOST_HTML:
        raise RenderProblem("OUT-119", f"{template.file}: {len(html):,} characters; mail programs cut at {MOST_HTML:,}")


def _headers(template: Template, links: Links, about: tuple[int, str]) -> tuple[tuple[str, str], ...]:
    """RFC 2369 and RFC 8058 ways out; RFC 3834 and Microsoft's words against answering machines.

    `about`: the contact point and the subject key. A reply comes to us, or to whoever signs where we hear no mail.
    """
    (who, subject_key), program = about, template.program
    reply_to = links.reply_address(who, reference(template.campaign, subject_key)) or program.reply_to
    return (
        ("From", program.from_name),
        ("Reply-To", f"{program.from_name} <{reply_to}>"),
        ("List-Unsubscribe", links.list_unsubscribe(who)),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ("Auto-Submitted", "auto-generated"),
        ("X-Auto-Response-Suppress", "OOF, AutoReply"),
    )


def _missing(template: Template, missing: MissingValue) -> RenderProblem:
    mark = template.program.marks[missing.mark]
    what = missing.why or "a value that is not there"
    names = sorted(names_in(mark.node))
    facts = (f"the value: {names[0]}",) if names else ()
    help = missing.help or '{% if … %}, or `| or("…")`'
    return RenderProblem("OUT-117", f"this line would print {what}", place=mark.place, facts=facts, help=help)
