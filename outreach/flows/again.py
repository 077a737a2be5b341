"""How does a held night go after all, and how is what failed tried again? The same fold, over the same people."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Connection

from outreach.core.selection import Selection
from outreach.core.terms import Outcome, Reason, RunState
from outreach.flows import levers
from outreach.flows.app import App
from outreach.flows.fold import Pass, fold
from outreach.flows.plan import Planned, finish, rules
from outreach.store import audits, candidates, runs
from outreach.store.engine import now, writing
from outreach.store.runs import Run

Tell = Callable[[str, str], None]


def approve(app: App, name: str, *, note: str, limit: int | None, tell: Tell = lambda *_: None) -> Planned:
    """Decide a held run's would-be recipients again, with today's facts and opt-outs, and let them go.

    Beyond `limit` they are left alone as `over_limit`. Raises Misuse (OUT-321, OUT-322). The caller holds the lock.
    """
    with writing(app.engine) as c:
        run = levers.held_run(app, c, name)
        names = _open(app, run, c, Outcome.SEND.value, None)
        at = now(c, timedelta(seconds=run.offset_seconds))
        runs.set_run(c, run.id, state=RunState.RUNNING.value, note=note, held_because=None)
        audits.write(c, at, "approve", name, {"note": note, "limit": limit})
    return _again(app, run, names, limit, tell)


def retry(app: App, name: str, *, select: Selection | None = None, tell: Tell = lambda *_: None) -> Planned:
    """Decide again exactly those a template problem kept, after it was mended. The caller holds the lock."""
    with writing(app.engine) as c:
        run = levers.named_run(app, c, name)
        names = _open(app, run, c, Reason.TEMPLATE_PROBLEM.value, select)
        if not names:
            return Planned(run.id, fresh=False)
        runs.set_run(c, run.id, state=RunState.RUNNING.value)
    return _again(app, run, names, None, tell)


def _open(app: App, run: Run, c: Connection, word: str, select: Selection | None) -> list[str]:
    """Undecide those last decided as `word`, and take them out of the sums they stood in."""
    wanted = select.campaigns() if select else None
    campaigns = [name for name in app.campaigns if wanted is None or name in wanted]
    opened = candidates.open_again(c, run.id, word, campaigns)
    tallies = runs.tallies(c, run.id)
    for campaign, count in opened.items():
        tally = tallies[campaign]
        if word == Outcome.SEND.value:
            changed = replace(tally, queued=tally.queued - count, state="found")
        else:
            because = {**tally.because, word: tally.because.get(word, 0) - count}
            kept = {reason: n for reason, n in because.items() if n}
            changed = replace(tally, because=kept, state="found", failed=max(0, tally.failed - count))
        runs.set_tally(c, run.id, changed)
    return sorted(opened)


def _again(app: App, run: Run, names: list[str], limit: int | None, tell: Tell) -> Planned:
    sweep = Pass(run, candidates.chosen(names), rules(app, run), again=True)
    decided = fold(app, sweep, lambda n: tell("deciding", f"{n:,}"))
    tell("decided", f"{decided:,}")
    return finish(app, run, limit=limit, tell=tell, approved=True)
