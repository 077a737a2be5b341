"""The commands tonight and show: every message before it leaves, and exactly what one customer got."""

import webbrowser
from typing import Annotated, Any

import typer

from outreach.cli.answer import Answer
from outreach.cli.desk import desk
from outreach.cli.samples import message_lines
from outreach.cli.screen import table
from outreach.core.addresses import masked
from outreach.core.terms import Channel
from outreach.flows import levers
from outreach.flows.send import message_name
from outreach.flows.tonight import leaving, night_named, one_message
from outreach.flows.tonight_page import write_page


def tonight(
    ctx: typer.Context,
    night: Annotated[str | None, typer.Argument(metavar="NIGHT", help="a run or date; none: the newest")] = None,
    open_it: Annotated[bool, typer.Option("--open", help="open the page in a browser")] = False,
    strike: Annotated[
        str | None, typer.Option("--strike", metavar="MESSAGE|CAMPAIGN|all", help="take out what still waits")
    ] = None,
) -> Answer:
    """Write one page with every message that will leave; strike out one, a campaign's, or all."""
    app = desk(ctx).open()
    struck = levers.strike(app, strike) if strike else None
    found = night_named(app, night)
    if found is None:
        return Answer(
            "outreach.tonight/1", {"run": None}, ["No night has run yet."], next=["outreach nightly --dry-run"]
        )
    messages = leaving(app, found.run.id)
    path = write_page(app, found, messages)
    if open_it:
        webbrowser.open(path.as_uri())
    waiting = sum(found.states.get(state, 0) for state in ("planned", "ready", "claimed"))
    lines = [f"{struck.cancelled:,} struck out: {struck.about}." for struck in ([struck] if struck else [])]
    count = f"{len(messages):,} message{'' if len(messages) == 1 else 's'}"
    lines += [f"{found.run.name}: {count}, {waiting:,} still waiting to leave."]
    rows = [(f"{state}", f"{count:,}") for state, count in sorted(found.states.items(), key=lambda p: -p[1])]
    lines += [*table(rows), f"The page: {path.relative_to(app.project)}"]
    shown = {
        "run": found.run.name,
        "page": str(path.relative_to(app.project)),
        "messages": len(messages),
        "waiting": waiting,
        "struck_out": struck.cancelled if struck else 0,
        "states": found.states,
    }
    nexts = ["outreach show MESSAGE"] if messages else ["outreach report"]
    nexts += ["outreach tonight --strike MESSAGE"] if waiting else []
    return Answer("outreach.tonight/1", shown, lines, next=nexts)


def show(
    ctx: typer.Context,
    message: Annotated[str, typer.Argument(metavar="MESSAGE", help="like m-12")],
    html: Annotated[bool, typer.Option("--html", help="the HTML as it leaves")] = False,
    headers: Annotated[bool, typer.Option("--headers", help="the headers too")] = False,
) -> Answer:
    """Exactly what one customer got, or will get."""
    app = desk(ctx).open()
    row, content = one_message(app, message)
    lines = [f"{message_name(row.id)} · {row.campaign} · {row.channel} · {row.language or 'no language'} · {row.state}"]
    lines.append(f"to {row.customer}, {masked(Channel(row.channel), row.address)}, night of {row.night}")
    if content is None:
        lines += ["", "Its words are no longer kept (retention.keep_contents); the hash is."]
    elif html:
        lines = [content.html or "A text message has no HTML."]
    else:
        shown_headers = [f"  {name}: {value}" for name, value in content.headers] if headers else []
        lines += [
            *([""] if shown_headers else []),
            *shown_headers,
            "",
            *message_lines(content, Channel(row.channel), indent="  "),
        ]
    return Answer("outreach.show/1", _data(row, content), lines, next=[] if html else [f"outreach why {row.customer}"])


def _data(row: Any, content: Any) -> dict[str, Any]:
    return {
        "message": message_name(row.id),
        "customer": row.customer,
        "campaign": row.campaign,
        "channel": row.channel,
        "language": row.language,
        "state": row.state,
        "because": row.because,
        "night": row.night,
        "not_before": row.not_before,
        "not_after": row.not_after,
        "template_revision": row.template_revision,
        "subject": content.subject if content else None,
        "text": content.text if content else None,
        "html": content.html if content else None,
        "headers": dict(content.headers) if content else None,
        "parts": content.parts if content else None,
        "sha": content.sha if content else None,
    }
