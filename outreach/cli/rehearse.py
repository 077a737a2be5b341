"""The command rehearse: what the last nights would have been."""

from datetime import timedelta
from typing import Annotated

import typer

from outreach.cli.answer import Answer
from outreach.cli.desk import day, desk
from outreach.cli.screen import table, wrapped
from outreach.core.reasons import WORDS
from outreach.core.terms import Reason
from outreach.flows.app import shop_day
from outreach.flows.rehearse import Rehearsal
from outreach.flows.rehearse import rehearse as play
from outreach.flows.tonight import the_moment


def rehearse(
    ctx: typer.Context,
    nights: Annotated[int, typer.Option("--nights", metavar="N", min=1, max=400, help="how many")] = 30,
    first: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="the first night; none: so that today is the last")
    ] = None,
) -> Answer:
    """Play nights from your records in a scratch copy: what would have gone out, and to whom. Keeps nothing."""
    here = desk(ctx)
    app = here.open()
    start = day(first, option="--from") or shop_day(app, the_moment(app)) - timedelta(days=nights - 1)
    made = play(
        app,
        first=start,
        nights=nights,
        told=lambda n: here.screen.tell(
            f"  {n.run.night}  found {n.found:>6,}  queued {n.queued:>6,}",
            "rehearse",
            night=n.run.night,
            found=n.found,
            queued=n.queued,
        ),
    )
    return Answer(
        "outreach.rehearse/1", _data(made), _lines(app.house.shop.name, made), next=["outreach nightly --dry-run"]
    )


def _lines(shop: str, made: Rehearsal) -> list[str]:
    first, last = made.nights[0].run.night, made.nights[-1].run.night
    lines = [f"{shop} · rehearsal of {len(made.nights)} nights, {first} to {last} · nothing is kept", ""]
    if not made.messages:
        return [*lines, "  Nobody would have heard from you.", *_off(made)]
    lines += ["  Who would have heard from you most"]
    for row, count in made.heard[:5]:
        name = " ".join(filter(None, (row.first_name, row.last_name)))
        lines += wrapped(f"    {count:>3} messages  {row.key} {name}", indent="      ")
    rows = [("campaign", "messages", "a night")]
    rows += [(name, f"{n:,}", f"{n / len(made.nights):.1f}") for name, n in sorted(made.per_campaign.items())]
    rows.append(("all", f"{made.messages:,}", f"{made.messages / len(made.nights):.1f}"))
    lines += ["", *table(rows)]
    busiest = max(made.nights, key=lambda n: n.queued)
    lines += ["", f"  The busiest night: {busiest.run.night}, {busiest.queued:,} queued of {busiest.found:,} found"]
    because: dict[str, int] = {}
    for night in made.nights:
        for reason, people in night.because().items():
            because[reason] = because.get(reason, 0) + people
    lines += ["", "  Left alone, over all nights, because"]
    ranked = sorted(because.items(), key=lambda pair: -pair[1])
    lines += [f"    {people:>8,}  {WORDS[Reason(reason)]}" for reason, people in ranked]
    return lines + _off(made)


def _off(made: Rehearsal) -> list[str]:
    lines: list[str] = []
    last = made.nights[-1]
    for tally in last.tallies:
        nights = sum(1 for n in made.nights for t in n.tallies if t.campaign == tally.campaign and t.state == "off")
        if nights:
            gap = next(
                t.gap for n in made.nights for t in n.tallies if t.campaign == tally.campaign and t.state == "off"
            )
            lines += wrapped(f"  {tally.campaign} switched off on {nights} of {len(made.nights)}: {gap}", indent="    ")
    return ["", *lines] if lines else []


def _data(made: Rehearsal) -> dict[str, object]:
    return {
        "nights": [
            {
                "night": n.run.night,
                "found": n.found,
                "left_alone": n.left_alone,
                "queued": n.queued,
                "left_alone_because": n.because(),
                "campaigns": {
                    t.campaign: {"state": t.state, "found": t.found, "left_alone": t.left_alone, "queued": t.queued}
                    for t in n.tallies
                },
            }
            for n in made.nights
        ],
        "messages": made.messages,
        "per_campaign": made.per_campaign,
        "heard_most": [{"customer": row.key, "messages": count} for row, count in made.heard],
    }
