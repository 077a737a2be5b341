"""What would the last nights have been, from the shop's own records? Played in a scratch copy; nothing is kept."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from outreach.core.terms import Mode
from outreach.flows.app import App
from outreach.flows.plan import Request, plan
from outreach.store import reports, scratch
from outreach.store.engine import reading, writing
from outreach.store.reports import NightReport


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """Every night's sums, and who would have heard from us most: (customer row, messages) worst first."""

    nights: tuple[NightReport, ...]
    heard: tuple[tuple[Any, int], ...]
    per_campaign: dict[str, int]

    @property
    def messages(self) -> int:
        return sum(self.per_campaign.values())


def rehearse(app: App, *, first: date, nights: int, told: Callable[[NightReport], None] = lambda _: None) -> Rehearsal:
    """Play `nights` nights from `first` on, each knowing only what it could know then."""
    with scratch.copy(app.engine) as engine:
        stage = replace(app, engine=engine, house=replace(app.house, mode=Mode.OUTBOX))
        with writing(engine) as c:
            scratch.empty(c)
        played = []
        for number in range(nights):
            night = first + timedelta(days=number)
            made = plan(stage, Request(night, Mode.OUTBOX, past=True))
            with reading(engine) as c:
                played.append(reports.night(c, made.run_id, list(app.campaigns)))
            told(played[-1])
        with reading(engine) as c:
            return Rehearsal(tuple(played), tuple(reports.heard_most(c)), reports.per_campaign(c))
