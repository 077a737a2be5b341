"""The command worker: hand due messages to the providers, day and night."""

import signal
from typing import Annotated

import typer

from outreach.cli.answer import Answer
from outreach.cli.desk import Desk, desk
from outreach.cli.nightpage import MODES
from outreach.core.errors import Misuse
from outreach.core.terms import Channel
from outreach.flows.app import App
from outreach.flows.outlook import nothing_due
from outreach.flows.readiness import require_ready
from outreach.observe.logs import set_up
from outreach.observe.metrics import serve
from outreach.observe.pings import ping, regularly
from outreach.worker.figures import figures
from outreach.worker.order import Order
from outreach.worker.overseer import Overseer
from outreach.worker.patience import PATIENCE, opened

_Processes = Annotated[int, typer.Option("--processes", metavar="N", min=1, max=64, help="One a processor is plenty")]
_Threads = Annotated[int, typer.Option("--threads", metavar="N", min=1, max=64, help="Hints each takes at once")]
_Channels = Annotated[str | None, typer.Option("--channels", metavar="WORDS", help='Only these, like "email,text"')]
_UntilEmpty = Annotated[bool, typer.Option("--until-empty", help="End when nothing is due")]
_Metrics = Annotated[
    int | None, typer.Option("--metrics-port", metavar="PORT", min=1, max=65535, help="Answer Prometheus on 127.0.0.1")
]
#: How often a healthcheck hears that the queue moves, in seconds.
_MINUTE = 60.0


def worker(
    ctx: typer.Context,
    processes: _Processes = 1,
    threads: _Threads = 2,
    channels: _Channels = None,
    until_empty: _UntilEmpty = False,
    metrics_port: _Metrics = None,
) -> Answer:
    """Hand queued messages over as they become due. TERM or Ctrl-C ends it gently, a second one at once."""
    here = desk(ctx)
    verbose = here.screen.verbose or -(here.screen.quiet or here.screen.as_json)
    set_up(verbose=verbose)
    app = opened(here.open, patience=PATIENCE)
    require_ready(app)
    served = _channels(app, channels)
    order = Order(here.project, served, threads, until_empty, verbose)
    _greet(here, app, order, processes)
    overseer = Overseer(order, processes)
    metrics = serve(lambda: figures(app), port=metrics_port) if metrics_port is not None else None
    stop_pings = regularly(lambda: _ping(app), every=_MINUTE)
    try:
        overseer.run()
    finally:
        stop_pings()
        if metrics is not None:
            metrics.stop()
    if overseer.signalled is not None:
        signal.raise_signal(overseer.signalled)
    states = dict(overseer.states.most_common())
    lines = [f"  {count:>7,}  {state}" for state, count in states.items()] or ["Nothing was due."]
    return Answer("outreach.worker/1", {"mode": app.house.mode, "states": states}, lines, next=["outreach status"])


def _channels(app: App, words: str | None) -> tuple[Channel, ...]:
    """Those the shop has a sender for. Raises Misuse (OUT-600) for any other word."""
    if words is None:
        return tuple(app.providers)
    known = {channel.value: channel for channel in app.providers}
    asked = [word.strip() for word in words.split(",") if word.strip()]
    wrong = [word for word in asked if word not in known]
    if wrong or not asked:
        said = f"--channels: this shop sends by {' and '.join(known)}, not by {' or '.join(wrong) or 'nothing'}"
        raise Misuse("OUT-600", said)
    return tuple(dict.fromkeys(known[word] for word in asked))


def _greet(here: Desk, app: App, order: Order, processes: int) -> None:
    by = ", ".join(f"{channel.value} by {app.providers[channel].name}" for channel in order.channels)
    said = f"{app.house.shop.name} · {MODES[app.house.mode.value]} · {by}"
    here.screen.tell(said, "worker start", mode=app.house.mode.value, processes=processes, threads=order.threads)


def _ping(app: App) -> None:
    """A healthcheck hears of us while nothing that is due is left waiting: a dead worker falls silent."""
    if app.house.monitor.worker_ping_url and nothing_due(app):
        ping(app.house.monitor.worker_ping_url)
