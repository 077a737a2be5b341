"""What does one worker process do from its start to its end? Wired in the open; importing it does nothing."""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from dramatiq import Worker

from outreach.bootstrap import build
from outreach.core.errors import Busy, Problem
from outreach.flows import presence
from outreach.flows.app import App
from outreach.flows.failpoint import arm
from outreach.flows.forwarding import forward
from outreach.flows.ownership import me
from outreach.flows.readiness import require_ready
from outreach.flows.release import release, sweep
from outreach.flows.steady import steady
from outreach.flows.walls import tell as tell_lists
from outreach.observe import faults
from outreach.observe.logs import logger, set_up
from outreach.settings import read_environment
from outreach.worker import queue
from outreach.worker.address import namespace, redis_url
from outreach.worker.order import Order, Result
from outreach.worker.patience import PATIENCE, opened
from outreach.worker.sender import Sender, Stopping

T = TypeVar("T")
#: How long one thread may keep the interpreter from another, in seconds: what holds the database's write lock waits for
#: it between two statements, and Python's usual 5 ms, a few times over, is what an opt-out then waits too.
TURN = 0.0005
#: How often leases and doubts are looked after, in seconds: a dead worker's messages go on soon after their lease.
SWEEP = 3.0
#: How often doubts are looked into and hints are given for all that is due, in seconds: cron does it too, if it may.
RELEASE = 60.0
#: How soon a hint is heard at the latest, in milliseconds: each look at the queue costs half of one.
LISTEN = 250
#: What an orphan may still finish, in seconds.
LAST_WORDS = 5.0


def shop(order: Order) -> App:
    """The shop with only the channels of the order."""
    app = build(order.project)
    return replace(app, providers={k: v for k, v in app.providers.items() if k in order.channels})


def main(words: list[str], *, shop: Callable[[Order], App] = shop, allow: Callable[[App], None] = require_ready) -> int:
    """Run one process by its order; the result goes to stdout as one line. `allow` refuses a mode that may not be."""
    order = Order.read(words)
    set_up(verbose=order.verbose)
    sys.excepthook = faults.kept(order.project)
    sys.setswitchinterval(TURN)
    try:
        environment = read_environment(order.project)
        arm(environment.get("OUTREACH_FAIL_AT", ""))
        shops = opened(lambda: _shops(order, shop, allow), patience=PATIENCE)
        with steady():
            result = asyncio.run(_work(shops, order, redis_url(environment)))
        shops[0].engine.dispose()
    except Problem as problem:
        result = Result.of(problem.exit_code, {}, problem)
    print(result.line(), flush=True)
    return result.code


def _shops(order: Order, shop: Callable[[Order], App], allow: Callable[[App], None]) -> tuple[App, App]:
    """The shop, and the same one over the same database with providers of its own: their connections belong to one
    event loop, and a look into a provider's list has another."""
    app = shop(order)
    allow(app)
    other = shop(order)
    other.engine.dispose()
    return app, other.at(app.engine)


async def _work(shops: tuple[App, App], order: Order, redis: str | None) -> Result:
    """Send until told to stop, with a queue that hints, a sweeper, and a sign of life."""
    (app, aside), stop = shops, Stopping()
    _listen(stop)
    sender = Sender(app, stop, order.until_empty)
    name = namespace(app.secrets.pepper, app.house.mode.value)
    broker = queue.connect(redis, name)
    actor = queue.declare(broker, sender.taker())
    worker = Worker(broker, worker_threads=order.threads, worker_timeout=LISTEN)
    worker.queue_prefetch = order.threads  # no more hints than hands
    worker.start()
    tell = queue.telling(actor) if redis is None else queue.hints(redis, name)
    around = _around(app, aside, tell)
    logger("worker").info("started", owner=me(), mode=app.house.mode.value, redis=redis is not None)
    refused = await _until_one_fails(sender.run(), [_again(work, every, stop) for work, every in around])
    await asyncio.to_thread(worker.stop, 2_000)
    await asyncio.gather(*(provider.close() for provider in app.providers.values()))
    await asyncio.to_thread(_goodbye, app)
    logger("worker").info("stopped", owner=me(), **sender.states)
    return Result.of(stop.code or 0, dict(sender.states), refused)


async def _until_one_fails(sending: Coroutine[Any, Any, T], around: Sequence[Coroutine[Any, Any, None]]) -> T:
    """What the sending gives; whatever else goes on ends with it. A problem that one of them meets ends them all."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(each) for each in around]
            given = await sending
            for task in tasks:
                task.cancel()
    except ExceptionGroup as group_of_them:
        problem = next((each for each in group_of_them.exceptions if isinstance(each, Problem)), None)
        if problem is None:
            raise
        raise problem from None
    return given


def _around(app: App, aside: App, tell: Callable[[Sequence[int]], Any]) -> list[tuple[Callable[[], Any], float]]:
    """What goes on beside the sending, and how often."""
    return [
        (lambda: presence.here(app, me(), list(app.providers)), presence.EVERY),
        (lambda: sweep(app), SWEEP),
        (lambda: _aside(aside, tell), RELEASE),
    ]


def _aside(app: App, tell: Callable[[Sequence[int]], Any]) -> None:
    """One after the other: both speak to the providers, whose connections belong to one event loop at a time."""
    forward(app)
    tell_lists(app)
    release(app, tell)


def _goodbye(app: App) -> None:
    try:
        presence.gone(app, me())
    except Busy:
        return  # the row says since when it is silent


async def _again(work: Callable[[], Any], every: float, stop: Stopping) -> None:
    """Do it every so many seconds in a thread; a database that does not answer is asked again next time."""
    while True:
        try:
            await asyncio.to_thread(work)
        except Busy as busy:
            logger("worker").debug("put off", code=busy.code)
        if await stop.within(every):
            return


def _listen(stop: Stopping) -> None:
    """TERM or Ctrl-C: end gently; a second time: at once. When the overseer is gone: gently, but not for long."""
    loop = asyncio.get_running_loop()

    def asked(code: int) -> None:
        if stop.asked():
            os._exit(code)  # leases cover what is under way
        logger("worker").info("stopping", owner=me())
        stop.ask(code)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, asked, 128 + number)

    def orphaned() -> None:
        while os.read(0, 1):  # ends when the overseer does, however it ends
            pass
        loop.call_soon_threadsafe(stop.ask, 128 + signal.SIGTERM)
        threading.Event().wait(LAST_WORDS)
        os._exit(128 + signal.SIGTERM)

    threading.Thread(target=orphaned, name="orphaned", daemon=True).start()
