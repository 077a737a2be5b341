"""The commands a newcomer types first: init and demo."""

import os
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from outreach.cli.answer import Answer
from outreach.cli.desk import day, desk
from outreach.cli.nightpage import data, page
from outreach.cli.screen import wrapped
from outreach.core.errors import Misuse
from outreach.core.reasons import WORDS
from outreach.core.terms import Reason
from outreach.flows.demo import Demo, play
from outreach.flows.start_project import SECRETS, start
from outreach.settings import DATABASE


def init(
    ctx: typer.Context,
    folder: Annotated[str | None, typer.Argument(metavar="DIR", help="made if it is not there")] = None,
) -> Answer:
    """Make a project: config/, templates/, jobs/ and .env with new keys. Never overwrites."""
    here = desk(ctx).project
    target = (Path.cwd() / folder) if folder else here
    started = start(target)
    shown = _shown(target)
    lines = [f"Made a project in {shown}: {len(started.made)} files."] if started.made else []
    if started.kept:
        lines += [f"Left {len(started.kept)} files as they were:", *(f"  {name}" for name in started.kept[:10])]
        lines += [f"  and {len(started.kept) - 10} more"] if len(started.kept) > 10 else []
    if ".env" in started.made:
        lines += [
            "",
            ".env holds this shop's keys. Back it up together with the database:",
            "without it, every opt-out is forgotten.",
        ]
    where = "" if target == Path.cwd() else f"-C {shown} "
    found = {"folder": str(target), "made": started.made, "kept": started.kept}
    return Answer(
        "outreach.init/1",
        found,
        lines,
        next=[
            f"edit {Path(shown) / 'config' / 'outreach.yaml'}",
            f"outreach {where}import --guess customers.csv orders.csv ...",
            f"outreach {where}nightly --dry-run",
        ],
    )


def demo(
    ctx: typer.Context,
    folder: Annotated[str, typer.Argument(metavar="DIR", help="made anew each time")] = "outreach-demo",
    as_of: Annotated[str | None, typer.Option("--as-of", metavar="DATE", help="the night to play")] = None,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="another seed, another shop")] = 7,
) -> Answer:
    """Make an invented shop, run one night over it in outbox mode. Nothing leaves this machine."""
    here = desk(ctx)
    target = (Path.cwd() / folder).resolve()
    night = day(as_of, option="--as-of") or date.today()
    _own_database()
    made = play(target, night=night, seed=seed, wire=here.open, tell=lambda words: here.screen.tell(words))
    shown = _shown(target)
    return Answer(
        "outreach.demo/1",
        {"folder": str(target), "customers": made.customers, "orders": made.orders, **data(made.report)},
        _demo_lines(shown, made),
        next=[
            f"outreach -C {shown} tonight --open",
            f"outreach -C {shown} why {made.example}",
            f"outreach -C {shown} report",
        ],
    )


def _own_database() -> None:
    """Made-up customers never come into a shop's own database, whatever this shell has set."""
    set_here = [name for name in (*SECRETS, DATABASE) if name in os.environ]
    if set_here:
        said = f"{' and '.join(set_here)} set in this shell would lead the demo into another database"
        raise Misuse("OUT-609", said, help=f"env {' '.join('-u ' + name for name in set_here)} outreach demo")


def _demo_lines(shown: str, made: Demo) -> list[str]:
    report = made.report
    because = report.because()
    said = (
        f"Made {shown}: {made.customers} made-up customers in {made.countries} countries, {made.orders} orders, "
        f"{made.newer_models} models with a newer version. Mode: OUTBOX, nothing leaves this machine."
    )
    lines = [
        *wrapped(said, indent=""),
        *page(report),
        "",
        f"  found {report.found:,} · left alone {report.left_alone:,} · in the outbox {made.handed:,}",
    ]
    if because:
        reason, people = next(iter(because.items()))
        lines += wrapped(f"  most common reason: {WORDS[Reason(reason)]} ({people:,})", indent="    ")
    lines.append(f"  the messages lie in {Path(shown) / '.outreach' / 'outbox' / report.run.night.isoformat()}")
    return lines


def _shown(target: Path) -> str:
    """The folder as the user would type it from here."""
    relative = os.path.relpath(target)
    return str(target) if relative.startswith("../..") else relative
