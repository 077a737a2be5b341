"""The command preview: a message as one customer would get it; exactly the bytes a night would send."""

import webbrowser
from pathlib import Path
from typing import Annotated, Any

import typer

from outreach.cli.answer import Answer
from outreach.cli.desk import desk
from outreach.cli.samples import message_lines
from outreach.cli.screen import wrapped
from outreach.core.terms import Channel
from outreach.flows.preview import Preview, Want, look
from outreach.flows.preview_files import cost_line, language_name, write_files

#: Where --open puts the files it shows.
LOOKED_AT = ".outreach/preview"
LANGUAGE = Annotated[str | None, typer.Option("--language", metavar="TAG", help="like pt-BR; none: theirs")]


def preview(
    ctx: typer.Context,
    campaign: Annotated[str, typer.Argument(metavar="CAMPAIGN", help="or one file: delivery_check/email.de")],
    customer: Annotated[
        str | None, typer.Option("--customer", metavar="C", help="a customer this campaign finds")
    ] = None,
    person: Annotated[
        str | None, typer.Option("--person", metavar="NAME", help="one of the invented awkward people")
    ] = None,
    channel: Annotated[
        Channel | None, typer.Option("--channel", metavar="CHANNEL", help="email or text; none: all it has")
    ] = None,
    language: LANGUAGE = None,
    all_people: Annotated[bool, typer.Option("--all-people", help="every awkward person")] = False,
    html: Annotated[bool, typer.Option("--html", help="the HTML instead of the words")] = False,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FOLDER", help="write .html, .eml and .txt files and a page")
    ] = None,
    open_it: Annotated[bool, typer.Option("--open", help="open that page in a browser")] = False,
) -> Answer:
    """Show a message as one customer, or one awkward person, would get it. Sends nothing; drafts can be looked at."""
    app = desk(ctx).open()
    looked = look(app, Want(campaign, customer, person, channel, language, all_people))
    made = looked.previews
    lines: list[str] = []
    for shown in made:
        lines += [*([""] if lines else []), *_lines(shown, html=html)]
    index = write_files(app, made, out or app.project / LOOKED_AT) if out or open_it else None
    if index is not None:
        files = f"{len(made)} message{'' if len(made) == 1 else 's'} in {index.parent}: open index.html"
        lines = wrapped(files) if all_people else [*lines, "", *wrapped(files)]
    if index is not None and open_it:
        webbrowser.open(index.as_uri())
    problems = [*looked.broken, *(p.problem for p in made if p.problem is not None)]
    data = {"campaign": campaign, "previews": [_data(p) for p in made], "index": str(index) if index else None}
    return Answer("outreach.preview/1", data, lines, 1 if problems else 0, problems[0] if problems else None)


def _lines(shown: Preview, *, html: bool) -> list[str]:
    template = shown.template
    said = [shown.campaign, template.channel.value, language_name(template.language), f"as {shown.person}"]
    head = wrapped(" · ".join(said), indent="  ")
    if shown.status != "ready":
        head += wrapped(f"{shown.status}: no night sends this until it is published")
    head += instead_lines(shown)
    if shown.content is None:
        return [*head, *wrapped(f"  cannot be rendered: {shown.problem.message if shown.problem else ''}")]
    if html:
        return [shown.content.html or shown.content.text]
    if template.channel is Channel.EMAIL:
        return [*head, "", *message_lines(shown.content, Channel.EMAIL, indent="  ")]
    body = wrapped(f"  {shown.content.text}", indent="  ")
    return [*head, *body, *wrapped(cost_line(shown.content, shown.price))]


def instead_lines(shown: Preview) -> list[str]:
    """What is said when the language asked for has no template."""
    if shown.instead_of is None:
        return []
    asked, got = language_name(shown.instead_of), language_name(shown.template.language)
    return wrapped(f"there is no {asked} template, so this is {got}")


def _data(shown: Preview) -> dict[str, Any]:
    content, price = shown.content, shown.price
    is_text = content is not None and content.parts is not None and price is not None
    return {
        "person": shown.person,
        "channel": shown.template.channel,
        "language": shown.template.language,
        "instead_of": shown.instead_of,
        "template": shown.template.file,
        "revision": shown.template.revision,
        "status": shown.status,
        "subject": content.subject if content else None,
        "text": content.text if content else None,
        "html": content.html if content else None,
        "parts": content.parts if content else None,
        "cost": _cost(shown) if is_text else None,
        "sha": content.sha if content else None,
        "problem": shown.problem.message if shown.problem else None,
    }


def _cost(shown: Preview) -> dict[str, Any]:
    assert shown.price is not None
    assert shown.content is not None
    amount = shown.price.amount * (shown.content.parts or 0)
    return {"amount": str(amount), "currency": shown.price.currency, "estimate": True}
