"""What will leave tonight? The doors screens use to look at a night, its messages and its moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from outreach.core.errors import Misuse
from outreach.flows.app import App
from outreach.flows.levers import named_run
from outreach.render.content import Content
from outreach.store import levers, reports, revisions, runs, scratch, wishes
from outreach.store.engine import now, reading, writing
from outreach.store.reports import NightReport
from outreach.store.runs import Run

__all__ = [
    "Content",
    "NightReport",
    "Run",
    "Waiting",
    "leaving",
    "night_named",
    "one_message",
    "scratch_copy",
    "the_moment",
    "the_night",
    "waiting",
]


def the_moment(app: App) -> datetime:
    """The database's clock."""
    with reading(app.engine) as c:
        return now(c)


@contextmanager
def scratch_copy(app: App, night: date | None = None) -> Iterator[App]:
    """The same shop over a copy that is thrown away: what dry runs write to. `night`: as it was known then."""
    with scratch.copy(app.engine) as engine:
        if night is not None:
            with writing(engine) as c:
                scratch.forget_after(c, night)
        yield app.at(engine)


def the_night(app: App, run_id: int) -> NightReport:
    """One night in numbers."""
    with reading(app.engine) as c:
        return reports.night(c, run_id, list(app.campaigns))


def night_named(app: App, name: str | None) -> NightReport | None:
    """A night by `n-2026-11-14` or a date; None: the newest of the shop's mode, or None when there is none."""
    with reading(app.engine) as c:
        if name is None:
            newest = runs.latest(c, mode=app.house.mode)
            return reports.night(c, newest.id, list(app.campaigns)) if newest else None
        return reports.night(c, named_run(app, c, name).id, list(app.campaigns))


@dataclass(frozen=True, slots=True)
class Waiting:
    """The newest run, and (channel, state, messages, first hour, first useless) of what is not at its end."""

    run: Run | None
    queues: tuple[Any, ...]
    paused: tuple[Any, ...]
    customers: int
    orders: int
    wishes: int


def waiting(app: App) -> Waiting:
    """What is running, waiting or stopped now."""
    with reading(app.engine) as c:
        known = reports.counts(c)
        return Waiting(
            runs.latest(c, mode=app.house.mode),
            tuple(reports.waiting_by_channel(c, app.house.mode.value)),
            tuple(levers.paused(c)),
            known["customers"],
            known["orders"],
            wishes.count(c),
        )


def leaving(app: App, run_id: int) -> list[tuple[Any, Content | None]]:
    """Every message of a run with what it says; None once its content was purged."""
    with reading(app.engine) as c:
        rows = reports.leaving(c, run_id)
        stored = revisions.stored(c, [row.id for row in rows])
    return [(row, _content(stored.get(row.id))) for row in rows]


def one_message(app: App, word: str) -> tuple[Any, Content | None]:
    """`m-12` with exactly what the customer got. Raises Misuse (OUT-330)."""
    number = word.removeprefix("m-")
    with reading(app.engine) as c:
        row = reports.message(c, int(number)) if number.isdigit() else None
        if row is None:
            raise Misuse("OUT-330", f'there is no message "{word}"', help="outreach tonight    (lists them)")
        stored = revisions.stored(c, [row.id])
    return row, _content(stored.get(row.id))


def _content(stored: tuple[bytes | None, bytes] | None) -> Content | None:
    if stored is None or stored[0] is None:
        return None
    return Content.unpack(stored[0], stored[1])
