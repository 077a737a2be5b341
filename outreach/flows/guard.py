"""Is this a usual night? The ceiling, the volume guard, and the first live night (settled 7, 8)."""

from dataclasses import dataclass, replace
from datetime import timedelta
from statistics import median

import sqlalchemy as sa

from outreach.core.terms import Mode, Reason, RunState
from outreach.flows.app import App
from outreach.store import decisions, planning, runs
from outreach.store.decisions import Overruled
from outreach.store.engine import now
from outreach.store.runs import Run

#: Held when above this many times the median, and this many more than it.
TIMES, MORE = 3, 50
#: Fewer live nights than this say nothing about what is usual.
FEW_NIGHTS = 3
#: Held when the orders we can see fell by more than this share since the last live night.
FALL = 0.20


@dataclass(frozen=True, slots=True)
class Verdict:
    """`held`: why a person must look first. `ceiling`: how many messages may go. `warnings`: said, and no more."""

    held: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    ceiling: int | None = None


def judge(app: App, c: sa.Connection, run: Run, *, approved: bool) -> Verdict:
    """Look at the whole plan before anything may leave. Outbox and team nights are only warned about."""
    planned = planning.planned_per_campaign(c, run)
    tonight = planning.of_the_night(c, run)
    ceiling = app.house.limits.max_per_night
    if ceiling is not None:
        ceiling = max(0, ceiling - (sum(tonight.values()) - sum(planned.values())))
    if approved or not planned:
        return Verdict(ceiling=ceiling)
    doubts = [*_first_night(c, run), *_volume(c, run, tonight), *_records(c, run)]
    if run.mode is Mode.LIVE:
        return Verdict(held=tuple(doubts), ceiling=ceiling)
    total = sum(planned.values())
    if ceiling is not None and total > ceiling:
        doubts.append(f"{total:,} messages; a live night stops at {ceiling:,} (send.max_per_night)")
    return Verdict(warnings=tuple(doubts))


def _first_night(c: sa.Connection, run: Run) -> list[str]:
    first = run.mode is Mode.LIVE and runs.first_live_night(c) in (None, run.night)
    return ["this is the first live night; a person looks before anything leaves"] if first else []


def _volume(c: sa.Connection, run: Run, tonight: dict[str, int]) -> list[str]:
    """The whole night counts, with what earlier passes of it let go."""
    nights = runs.usual(c, before=run.night)
    if len(nights) < FEW_NIGHTS:
        return []
    doubts = []
    usual = median(sum(night.values()) for night in nights)
    total = sum(tonight.values())
    if _unusual(total, usual):
        doubts.append(f"tonight's plan is {total:,} messages. A usual night is {usual:,.0f}")
    for campaign, count in sorted(tonight.items()):
        usual = median(night.get(campaign, 0) for night in nights)
        if _unusual(count, usual):
            doubts.append(f"{campaign} {count:,} (usually {usual:,.0f})")
    return doubts


def _unusual(count: int, usual: float) -> bool:
    return count > TIMES * usual and count > usual + MORE


def _records(c: sa.Connection, run: Run) -> list[str]:
    # against a night that went through: one held for half an export must not become what is usual
    last = runs.latest(c, mode=Mode.LIVE, before=run.night, done=True)
    few = len(runs.usual(c, before=run.night)) < FEW_NIGHTS
    if run.mode is not Mode.LIVE or few or last is None or run.orders_read >= (1 - FALL) * last.orders_read:
        return []
    fewer = last.orders_read - run.orders_read
    return [f"{run.orders_read:,} orders were read, {fewer:,} fewer than the night before. Is the export whole?"]


def hold(app: App, c: sa.Connection, run: Run, because: tuple[str, ...]) -> None:
    """Keep the decisions, take back every planned message; what "would queue" stays in the sum."""
    planning.drop(c, decisions.in_state(run.id, planning.PLANNED))
    at = now(c, timedelta(seconds=run.offset_seconds))
    runs.set_run(c, run.id, state=RunState.HELD.value, held_because=list(because), finished_at=at)


def cut(app: App, c: sa.Connection, run: Run, *, limit: int | None, ceiling: int | None) -> None:
    """Leave alone whom a ceiling leaves for another night; `limit` is the operator's own for this pass."""
    lowest = min((n for n in (limit, ceiling) if n is not None), default=None)
    if lowest is None:
        return
    beyond = planning.over(run, lowest)
    at = now(c, timedelta(seconds=run.offset_seconds))
    cut_off = decisions.overrule(c, run, beyond, Overruled(Reason.OVER_LIMIT, at))
    planning.drop(c, beyond)
    tallies = runs.tallies(c, run.id)
    for campaign, count in cut_off.items():
        tally = tallies[campaign]
        because = {**tally.because, Reason.OVER_LIMIT.value: tally.because.get(Reason.OVER_LIMIT.value, 0) + count}
        state = "limited" if limit is not None and limit == lowest else tally.state
        runs.set_tally(c, run.id, replace(tally, queued=tally.queued - count, because=because, state=state))
