"""The command preview: a message as one customer would get it; exactly the bytes a night would send."""

from typing import Annotated, Any

import typer

from outreach.cli.answer import Answer
from outreach.cli.desk import desk
from outreach.cli.samples import message_lines
from outreach.core.terms import Channel
from outreach.flows.preview import Preview, Want, previews


def preview(
    ctx: typer.Context,
    campaign: Annotated[str, typer.Argument(metavar="CAMPAIGN")],
    customer: Annotated[
        str | None, typer.Option("--customer", metavar="C", help="a customer this campaign finds")
    ] = None,
    person: Annotated[
        str | None, typer.Option("--person", metavar="NAME", help="one of the invented awkward people")
    ] = None,
    channel: Annotated[
        Channel | None, typer.Option("--channel", metavar="CHANNEL", help="email or text; none: all it has")
    ] = None,
    language: Annotated[str | None, typer.Option("--language", metavar="TAG", help="like pt-BR; none: theirs")] = None,
    all_people: Annotated[bool, typer.Option("--all-people", help="every awkward person")] = False,
    html: Annotated[bool, typer.Option("--html", help="the HTML instead of the words")] = False,
) -> Answer:
    """Show a message as one customer, or one awkward person, would get it. Writes nothing."""
    app = desk(ctx).open()
    want = Want(campaign, customer, person, channel, language, all_people)
    made = previews(app, want)
    lines: list[str] = []
    for shown in made:
        lines += [*([""] if lines else []), *_lines(shown, html=html)]
    findings = [p.problem for p in made if p.problem is not None]
    data = {"campaign": campaign, "previews": [_data(p) for p in made]}
    return Answer("outreach.preview/1", data, lines, 1 if findings else 0, findings[0] if findings else None)


def _lines(shown: Preview, *, html: bool) -> list[str]:
    head = f"{shown.campaign} · {shown.channel.value} · {shown.language} · as {shown.person}"
    if shown.content is None:
        return [head, f"  cannot be rendered: {shown.problem.message if shown.problem else ''}"]
    if html:
        return [shown.content.html or shown.content.text]
    return [head, "", *message_lines(shown.content, shown.channel, indent="  ")]


def _data(shown: Preview) -> dict[str, Any]:
    content = shown.content
    return {
        "person": shown.person,
        "channel": shown.channel,
        "language": shown.language,
        "template": shown.file,
        "subject": content.subject if content else None,
        "text": content.text if content else None,
        "html": content.html if content else None,
        "parts": content.parts if content else None,
        "sha": content.sha if content else None,
        "problem": shown.problem.message if shown.problem else None,
    }
