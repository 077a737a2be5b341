"""The command send-test: one message to one teammate."""

from typing import Annotated

import typer

from outreach.cli.answer import Answer
from outreach.cli.desk import desk
from outreach.cli.preview import LANGUAGE, instead_lines
from outreach.cli.screen import wrapped
from outreach.core.addresses import masked
from outreach.core.errors import Misuse
from outreach.core.terms import Channel, Mode
from outreach.flows.preview import Want
from outreach.flows.send_test import Tested
from outreach.flows.send_test import send_test as flow_send_test


def send_test(
    ctx: typer.Context,
    campaign: Annotated[str, typer.Argument(metavar="CAMPAIGN", help="or one file: delivery_check/email.de")],
    to: Annotated[str, typer.Option("--to", metavar="ADDRESS", help="a teammate: team: in config/outreach.yaml")] = "",
    as_customer: Annotated[
        str | None, typer.Option("--as", metavar="C", help="as this customer would get it; none: an invented person")
    ] = None,
    person: Annotated[
        str | None, typer.Option("--person", metavar="NAME", help="one of the invented awkward people")
    ] = None,
    channel: Annotated[Channel | None, typer.Option("--channel", help="email or text; none: as --to is")] = None,
    language: LANGUAGE = None,
) -> Answer:
    """Send a test to a teammate. Its links are examples; it counts nowhere. Customers never get one."""
    if not to.strip():
        help_text = f"outreach send-test {campaign} --to ADDRESS    (one under team: in config/outreach.yaml)"
        raise Misuse("OUT-600", "send-test needs to know which teammate gets it", help=help_text)
    app = desk(ctx).open()
    sent = flow_send_test(app, Want(campaign, as_customer, person, channel, language), to=to)
    template = sent.shown.template
    lines = [*wrapped(_head(sent, masked(template.channel, to)))]
    lines += instead_lines(sent.shown)
    if sent.content.subject is not None:
        lines.append("Subject starts with [TEST]. Its links are examples and change nothing.")
    else:
        lines.append("It says that it is a test. Its links are examples and change nothing.")
    lines.append(f"{sent.left} more may be sent today.")
    data = {
        "id": sent.id,
        "mode": sent.mode,
        "to": masked(template.channel, to),
        "campaign": sent.shown.campaign,
        "channel": template.channel,
        "language": template.language,
        "as": sent.shown.person,
        "revision": template.revision,
        "status": sent.shown.status,
        "left_today": sent.left,
    }
    return Answer("outreach.send_test/1", data, lines)


def _head(sent: Tested, to: str) -> str:
    if sent.mode is Mode.OUTBOX:
        return f"OUTBOX: nothing leaves this machine. The test is in .outreach/outbox/{sent.night}/{sent.id}.*"
    return f"{sent.mode.value.upper()}: sent one test to {to} (on the team list)."
