"""What is forgotten when it is old enough? Words that were sent, attempts, candidates; never a wish or a decision."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from outreach.flows.app import App
from outreach.store import tidying, workers
from outreach.store.engine import now, reading, writing

#: A worker that has not been seen for so long is no news any more.
GONE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Tidied:
    """How many were forgotten."""

    contents: int
    attempts: int
    candidates: int
    workers: int


def tidy(app: App) -> Tidied:
    """Forget what is older than `retention.keep_contents`, a small part at a time. Safe at any hour, and to kill."""
    with reading(app.engine) as c:
        at = now(c)
    before = at - timedelta(days=app.house.keep_contents_days)
    found = Tidied(
        contents=_until_none(app, lambda c: tidying.contents_of(c, before, at=at)),
        attempts=_until_none(app, lambda c: tidying.attempts_of(c, before)),
        candidates=_until_none(app, lambda c: tidying.candidates_of(c, before)),
        workers=_dead(app, at),
    )
    with writing(app.engine) as c:
        tidying.settle_down(c)
    return found


def _until_none(app: App, forget: Callable[[sa.Connection], int]) -> int:
    total = 0
    while True:
        with writing(app.engine) as c:
            gone = forget(c)
        total += gone
        if not gone:
            return total


def _dead(app: App, at: datetime) -> int:
    with writing(app.engine) as c:
        return workers.forget(c, at - GONE)
