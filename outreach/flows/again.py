"""How does a held night go after all, and how is what failed tried again? The same fold, over the same people."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import Connection

from outreach.core.errors import Misuse
from outreach.core.selection import Selection
from outreach.core.terms import Outcome, Reason, RunState
from outreach.flows import levers
from outreach.flows.app import App
from outreach.flows.fold import Pass, fold
from outreach.flows.plan import Planned, finish, rules
from outreach.store import audits, candidates, planning, runs
from outreach.store.engine import now, writing
from outreach.store.runs import Run

Tell = Callable[[str, str], None]


def approve(app: App, name: str, *, note: str, limit: int | None, tell: Tell = lambda *_: None) -> Planned:
    """Decide a held run's would-be recipients again, with today's facts and opt-outs, and let them go.

    Beyond `limit` they are left alone as `over_limit`. Raises Misuse (OUT-321, OUT-322). The caller holds the lock.
    """
    with writing(app.engine) as c:
        run = levers.held_run(app, c, name)
        chosen = candidates.chosen(list(app.campaigns))
        _open(c, run, Outcome.SEND.value, chosen)
        at = now(c, timedelta(seconds=run.offset_seconds))
        runs.set_run(c, run.id, state=RunState.RUNNING.value, note=note, held_because=None)
        audits.write(c, at, "approve", name, {"note": note, "limit": limit})
    return _again(app, run, chosen, tell, Ending(limit, approved=True))


def retry(app: App, name: str, *, select: Selection | None = None, tell: Tell = lambda *_: None) -> Planned:
    """Decide again exactly those a template problem kept, after it was mended. The caller holds the lock.

    Raises Misuse (OUT-322, OUT-325: a night that is held, rejected or superseded has nothing to retry).
    """
    with writing(app.engine) as c:
        run = levers.named_run(app, c, name)
        if run.state not in (RunState.DONE, RunState.RUNNING):
            said = f"{name} is {run.state.value}, so nothing of it is tried again"
            raise Misuse("OUT-325", said, help="outreach status")
        chosen = candidates.chosen(list(app.campaigns), select)
        _open(c, run, Reason.TEMPLATE_PROBLEM.value, chosen)
        if not candidates.count(c, run.id, chosen) and not planning.planned_per_campaign(c, run):
            return Planned(run.id, fresh=False)
        runs.set_run(c, run.id, state=RunState.RUNNING.value)
    return _again(app, run, chosen, tell, Ending(None, approved=bool(run.note)))


def _open(c: Connection, run: Run, word: str, chosen: candidates.Chosen) -> None:
    """Undecide those last decided as `word`, and take them out of the sums they stood in."""
    tallies = runs.tallies(c, run.id)
    for campaign, count in candidates.open_again(c, run.id, word, chosen).items():
        tally = tallies[campaign]
        if word == Outcome.SEND.value:
            changed = replace(tally, queued=tally.queued - count, state="found")
        else:
            because = {**tally.because, word: tally.because.get(word, 0) - count}
            kept = {reason: n for reason, n in because.items() if n}
            changed = replace(tally, because=kept, state="found", failed=max(0, tally.failed - count))
        runs.set_tally(c, run.id, changed)


@dataclass(frozen=True, slots=True)
class Ending:
    """How the pass ends: a ceiling of its own, and whether a person has let this night go."""

    limit: int | None
    approved: bool


def _again(app: App, run: Run, chosen: candidates.Chosen, tell: Tell, ending: Ending) -> Planned:
    sweep = Pass(run, chosen, rules(app, run), again=True)
    decided = fold(app, sweep, lambda n: tell("deciding", f"{n:,}"))
    tell("decided", f"{decided:,}")
    return finish(app, run, limit=ending.limit, tell=tell, approved=ending.approved)
