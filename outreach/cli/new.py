"""The command new: start a language, a variant or a campaign from a copy; drafts, never over anything."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated

import typer

from outreach.cli.answer import Answer
from outreach.cli.desk import desk
from outreach.cli.screen import wrapped
from outreach.core.errors import Misuse
from outreach.core.terms import Channel
from outreach.flows import new as start
from outreach.settings import read_house

_HELP = "language CAMPAIGN TAG · variant CAMPAIGN NAME · campaign NAME --like CAMPAIGN"
_LONGEST = 12


def new(
    ctx: typer.Context,
    what: Annotated[str, typer.Argument(metavar="language|variant|campaign", help=_HELP)],
    about: Annotated[str, typer.Argument(metavar="CAMPAIGN", help="the campaign; of a new one, its name")],
    name: Annotated[str, typer.Argument(metavar="TAG|NAME", help="pt-BR; or the variant's name")] = "",
    like: Annotated[str, typer.Option("--like", metavar="CAMPAIGN", help="campaign: the one to start from")] = "",
    channel: Annotated[
        Channel | None, typer.Option("--channel", metavar="CHANNEL", help="variant: email or text; none: the first")
    ] = None,
    language: Annotated[
        str | None, typer.Option("--language", metavar="TAG", help="variant: none: the shop's own")
    ] = None,
) -> Answer:
    """Start a campaign, a language or a variant: drafts to edit. Writes over nothing."""
    project = desk(ctx).project
    shop = read_house(project).shop
    ways: dict[str, tuple[str, str, Callable[[], start.Started]]] = {
        "language": (name, "CAMPAIGN TAG", lambda: start.language(project, shop, about, name)),
        "variant": (name, "CAMPAIGN NAME", lambda: start.variant(project, shop, about, name, of=(channel, language))),
        "campaign": (like, "NAME --like CAMPAIGN", lambda: start.campaign(project, about, like=like)),
    }
    if what not in ways:
        raise Misuse("OUT-600", f'new has no "{what}"', facts=(_HELP,))
    needed, words, make = ways[what]
    if not needed:
        raise Misuse("OUT-600", f"new {what} needs to know more", help=f"outreach new {what} {words}")
    made = make()
    data = {"what": what, **asdict(made)}
    return Answer("outreach.new/1", data, _lines(made), next=_next(what, about, made))


def _lines(made: start.Started) -> list[str]:
    lines = [f"Made {len(made.made)} {'file' if len(made.made) == 1 else 'files'} to edit; no night reads a draft."]
    lines += [f"  {name}" for name in made.made[:_LONGEST]]
    lines += [f"  and {len(made.made) - _LONGEST} more"] if len(made.made) > _LONGEST else []
    if made.kept:
        lines += ["Left as it was:", *(f"  {name}" for name in made.kept)]
    if made.footer_in:
        words = f"The footer would be in {made.footer_in}: add its words to templates/_layouts/words.yaml."
        lines += ["", *wrapped(words, indent="")]
    return lines


def _next(what: str, about: str, made: start.Started) -> list[str]:
    """What is worth typing now: write the words, look at them, let them go."""
    first = made.made[0]
    if what == "campaign":
        return [f"edit {first}", f"outreach lint templates/{about}", f"outreach preview {about} --all-people"]
    name = first.removeprefix("templates/").removesuffix(".j2")
    return [f"outreach lint {first}", f"outreach preview {name}", f'outreach publish {name} --note "why"']
