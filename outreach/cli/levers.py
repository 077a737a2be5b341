"""The commands that stop things: pause, resume, hold."""

from typing import Annotated

import typer

from outreach.cli.answer import Answer
from outreach.cli.desk import day, desk
from outreach.core.errors import Misuse
from outreach.flows import levers

_Campaign = Annotated[str, typer.Argument(metavar="CAMPAIGN", help="none: everything")]


def pause(
    ctx: typer.Context,
    campaign: _Campaign = "",
    because: Annotated[str, typer.Option("--because", metavar="TEXT", help="kept, and shown in status")] = "",
) -> Answer:
    """Let nothing of a campaign, or of all, leave. Takes effect at hand-off; nights go on deciding."""
    app = desk(ctx).open()
    waiting = levers.pause(app, campaign, because=because or "no reason given")
    what = campaign or "everything"
    lines = [f"{what} is paused. {waiting:,} waiting messages stay where they are."]
    return Answer(
        "outreach.pause/1",
        {"campaign": campaign or None, "waiting": waiting},
        lines,
        next=[f"outreach resume {campaign}".strip()],
    )


def resume(ctx: typer.Context, campaign: _Campaign = "") -> Answer:
    """Lift a pause."""
    app = desk(ctx).open()
    lifted = levers.resume(app, campaign)
    what = campaign or "everything"
    lines = [f"{what} may leave again." if lifted else f"{what} was not paused."]
    return Answer(
        "outreach.resume/1", {"campaign": campaign or None, "was_paused": lifted}, lines, next=["outreach status"]
    )


def hold(
    ctx: typer.Context,
    customer: Annotated[str, typer.Argument(metavar="CUSTOMER", help="key, email, phone or order number")],
    until: Annotated[str | None, typer.Option("--until", metavar="DATE", help="none: until you end it")] = None,
    because: Annotated[
        str, typer.Option("--because", metavar="TEXT", help="required: staff, a dispute, wholesale")
    ] = "",
    end: Annotated[bool, typer.Option("--end", help="end the hold")] = False,
) -> Answer:
    """Leave one customer alone for a while, for a reason of yours. What waits for them is cancelled."""
    app = desk(ctx).open()
    if end:
        key, held = levers.release_hold(app, customer)
        lines = [f"{key} may be written to again." if held else f"{key} was not on hold."]
        return Answer("outreach.hold/1", {"customer": key, "on_hold": False}, lines, next=[f"outreach why {key}"])
    if not because.strip():
        raise Misuse("OUT-323", "say why, for whoever looks later", help=f'outreach hold {customer} --because "…"')
    last = day(until, option="--until")
    key, cancelled = levers.hold(app, customer, until=last, because=because)
    lines = [f"{key} is left alone {'until ' + last.isoformat() if last else 'until you end it'}: {because}"]
    if cancelled:
        lines.append(f"{cancelled:,} waiting messages were cancelled.")
    data = {"customer": key, "on_hold": True, "until": last, "cancelled": cancelled}
    return Answer("outreach.hold/1", data, lines, next=[f"outreach why {key}", f"outreach hold {key} --end"])
