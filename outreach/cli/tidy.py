"""The command tidy: forget what is older than the shop keeps it."""

from dataclasses import asdict

import typer

from outreach.cli.answer import Answer
from outreach.cli.desk import desk
from outreach.flows.tidy import tidy as forget


def tidy(ctx: typer.Context) -> Answer:
    """Forget the words of old messages, who tried to hand them over, and whom old nights found. Wishes, decisions
    and the messages themselves stay. `retention.keep_contents` says how old is old."""
    app = desk(ctx).open()
    gone = asdict(forget(app))
    lines = [f"Forgotten, older than {app.house.keep_contents_days} days:"]
    lines += [f"  {count:>7,}  {what}" for what, count in gone.items()]
    return Answer("outreach.tidy/1", {"forgotten": gone}, lines, next=["outreach status"])
