"""What becomes of an earlier night that broke off and was never finished? Its people are looked at again tonight."""

from dataclasses import replace
from datetime import date, timedelta

import sqlalchemy as sa

from outreach.core.terms import Mode, Reason, RunState
from outreach.store import decisions, planning, runs
from outreach.store.decisions import Overruled
from outreach.store.engine import now
from outreach.store.runs import Run


def take_back(c: sa.Connection, *, before: date, mode: Mode) -> int:
    """Take back what broken-off nights planned and did not let go, keys and all, so that tonight finds them again.

    Missed nights are not replayed (settled 5); the scans' windows cover them. Returns messages taken back.
    """
    return sum(_take_back(c, run) for run in runs.broken_off(c, before=before, mode=mode))


def _take_back(c: sa.Connection, run: Run) -> int:
    at = now(c, timedelta(seconds=run.offset_seconds))
    planned = decisions.in_state(run.id, planning.PLANNED)
    why = Overruled(Reason.TOO_OLD, at, {"broke_off": run.name})
    tallies = runs.tallies(c, run.id)
    for campaign, count in decisions.overrule(c, run, planned, why).items():
        tally = tallies[campaign]
        because = {**tally.because, why.reason.value: tally.because.get(why.reason.value, 0) + count}
        runs.set_tally(c, run.id, replace(tally, queued=tally.queued - count, because=because))
    state = RunState.SUPERSEDED.value if run.state is RunState.RUNNING else run.state.value
    runs.set_run(c, run.id, state=state, finished_at=at)
    return planning.drop(c, planned)
