"""The command status: what is running, waiting or stuck now."""

from typing import Any

import typer

from outreach.cli.answer import Answer
from outreach.cli.desk import desk
from outreach.cli.nightpage import MODES
from outreach.cli.screen import wrapped
from outreach.core.terms import RunState
from outreach.flows.app import App
from outreach.flows.nightlock import holder
from outreach.flows.tonight import Run, Waiting, waiting


def status(ctx: typer.Context) -> Answer:
    """The newest night, what waits on each channel, what is paused."""
    app = desk(ctx).open()
    now = waiting(app)
    running = holder(app)
    lines = [f"{app.house.shop.name} · {MODES[app.house.mode.value]}", "", *_run_lines(now.run, running)]
    lines += _channel_lines(now)
    for row in now.paused:
        what = row.campaign or "everything"
        lines += wrapped(f"  Paused: {what}, since {row.since:%Y-%m-%d %H:%M} UTC: {row.because}", indent="    ")
    lines += ["", f"  {now.customers:,} customers, {now.orders:,} orders, {now.wishes:,} wishes to be left alone"]
    return Answer("outreach.status/1", _data(app, now, running), lines, next=_next(now))


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


def _channel_lines(now: Waiting) -> list[str]:
    if not now.queues:
        return ["  Nothing waits."]
    lines = []
    for channel, state, count, first, useless in now.queues:
        line = f"  {channel:<6} {count:,} {state}; the first from {first:%a %d %b %H:%M} UTC"
        lines += wrapped(f"{line}, useless after {useless:%a %d %b %H:%M} UTC", indent="         ")
    return lines


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


def _next(now: Waiting) -> list[str]:
    if now.run is not None and now.run.state is RunState.HELD:
        return [f'outreach approve {now.run.name} --note "…"', "outreach report"]
    if now.run is None:
        return ["outreach import --guess FILE...", "outreach nightly --dry-run"]
    return ["outreach report", "outreach tonight"]
