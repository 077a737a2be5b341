"""What does every stage start from? A wired project, and the night that is measured."""

from datetime import date
from pathlib import Path

from outreach.bootstrap import build
from outreach.core.terms import Mode
from outreach.flows import plan
from outreach.flows.app import App
from outreach.store import runs
from outreach.store.engine import reading
from outreach.store.runs import Run
from tests.bench._clock import Cost, Measured

NIGHT = date(2026, 11, 14)


def ready(project: Path) -> App:
    """The program with its templates read, which a night does once whatever its size."""
    app = build(project)
    app.load_catalogue()
    return app


def the_run(app: App) -> Run:
    """The measured night, begun if it is not there."""
    with reading(app.engine) as c:
        known = runs.get(c, night=NIGHT, mode=Mode.OUTBOX)
    return known or plan._begin(app, plan.Request(NIGHT, Mode.OUTBOX, past=True))


def beside(measured: Measured, bare: Cost, **more: float) -> Measured:
    return Measured(measured.cost, measured.rows, measured.peak, bare, more or None)
