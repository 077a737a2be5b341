"""The command status: what is running, waiting or stuck now."""

import sys
import time
from typing import Annotated, Any

import typer

from outreach.cli.answer import Answer
from outreach.cli.desk import desk
from outreach.cli.nightpage import MODES
from outreach.cli.screen import wrapped
from outreach.cli.sendpage import send_data, send_lines
from outreach.core.errors import Misuse
from outreach.core.terms import MessageState, Mode, RunState
from outreach.flows.app import App
from outreach.flows.nightlock import holder
from outreach.flows.outlook import Outlook, outlook
from outreach.flows.tonight import Run, Waiting, waiting

#: Seconds between two looks of --watch.
_AGAIN = 2.0
_CLEAR = "\x1b[H\x1b[2J"


def status(
    ctx: typer.Context,
    watch: Annotated[bool, typer.Option("--watch", help="Look again every two seconds, until Ctrl-C")] = False,
) -> Answer:
    """The newest night, each provider, what waits and what is stuck, the workers, what is paused."""
    here = desk(ctx)
    app = here.open()
    if not watch:
        return _answer(app)
    if here.screen.as_json or not sys.stdout.isatty():
        raise Misuse("OUT-600", "--watch is for a terminal", help="outreach status --json    (as often as you like)")
    while True:
        page = _answer(app)
        sys.stdout.write(_CLEAR)
        here.screen.answer(page)
        time.sleep(_AGAIN)


def _answer(app: App) -> Answer:
    now, send = waiting(app), outlook(app)
    running = holder(app)
    lines = [f"{app.house.shop.name} · {MODES[app.house.mode.value]}", "", *_run_lines(now.run, running)]
    lines += _planned_lines(now)
    lines += ["", *send_lines(send, app.house.mode)]
    for row in now.paused:
        what = row.campaign or "everything"
        lines += wrapped(f"  Paused: {what}, since {row.since:%Y-%m-%d %H:%M} UTC: {row.because}", indent="    ")
    lines += ["", f"  {now.customers:,} customers, {now.orders:,} orders, {now.wishes:,} wishes to be left alone"]
    data = {**_data(app, now, running), **send_data(send)}
    return Answer("outreach.status/1", data, lines, next=_next(app, now, send))


def _run_lines(run: Run | None, running: str | None) -> list[str]:
    if running:
        return [f"  A nightly is running: {running}"]
    if run is None:
        return ["  No night has run yet."]
    if run.state is RunState.RUNNING:
        return wrapped(
            f"  {run.name} broke off at its attempt {run.attempt}; the next nightly finishes it", indent="    "
        )
    if run.state is RunState.HELD:
        because = "; ".join(run.held_because)
        return wrapped(f"  {run.name} is held and waits for a person: {because}", indent="    ")
    done = f" at {run.finished_at:%H:%M:%S} UTC" if run.finished_at else ""
    return [f"  Last night {run.name}: {run.state.value}{done}"]


def _planned_lines(now: Waiting) -> list[str]:
    """What a night that is not done yet has planned."""
    planned = {channel: n for channel, state, n, _, _ in now.queues if state == MessageState.PLANNED}
    return [f"  {count:,} by {channel} are planned and wait for their night" for channel, count in planned.items()]


def _data(app: App, now: Waiting, running: str | None) -> dict[str, Any]:
    run = now.run
    return {
        "mode": app.house.mode,
        "running": running,
        "last_run": None if run is None else {"run": run.name, "state": run.state, "finished_at": run.finished_at},
        "waiting": [
            {"channel": c, "state": s, "messages": n, "not_before": first, "not_after": last}
            for c, s, n, first, last in now.queues
        ],
        "paused": [{"campaign": r.campaign or None, "because": r.because, "since": r.since} for r in now.paused],
        "customers": now.customers,
        "orders": now.orders,
        "wishes": now.wishes,
    }


def _next(app: App, now: Waiting, send: Outlook) -> list[str]:
    if now.run is not None and now.run.state is RunState.HELD:
        return [f'outreach approve {now.run.name} --note "…"', "outreach report"]
    if now.run is None:
        return ["outreach import --guess FILE...", "outreach nightly --dry-run"]
    if any(lane.stop and lane.stop.needs_person for lane in send.lanes):
        return ["outreach doctor"]
    if app.house.mode is not Mode.OUTBOX and not any(not w.silent for w in send.workers):
        return ["outreach worker", "outreach report"]
    return ["outreach report", "outreach tonight"]
