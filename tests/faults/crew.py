"""Who is killed? Processes of the program, forked from one that has everything imported, so that a death costs 50 ms.

Run as `python -m tests.faults.crew` it reads orders, a line of JSON each, and answers each with one line:

    {"do": "prepare", "project": ...}                   {}
    {"do": "start", "role": "send", "project": ...}     {"pid": 4711}
    {"do": "wait", "pid": 4711}                         {"ended": -9} or {"stopped": 19}
    {"do": "signal", "pid": 4711, "number": 18}         {}
    {"do": "dismiss"}                                   {}: nobody is left

Roles: `send` hands over what is due and ends; `sweep` is one sweep; `work` is the worker as people start it; `plan` is
the night's cron; `approve` lets a held night go. A role may be told where to fail (OUTREACH_FAIL_AT), and which times
to shorten: that is done here, to modules of the forked process, and nowhere in the product.
"""

import asyncio
import ctypes
import functools
import itertools
import json
import logging
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event

import outreach
from outreach.bootstrap import build
from outreach.core.errors import Problem
from outreach.core.terms import Mode
from outreach.flows import again, failpoint, fold, release, rendering, send
from outreach.flows.app import App
from outreach.flows.plan import Request, plan
from outreach.observe import faults
from outreach.providers import base
from outreach.worker import process
from tests.flows.stage import NIGHT

_PR_SET_PDEATHSIG = 1


def main() -> int:
    """Serve orders until standard input ends; then nobody we started lives on."""
    crew: set[int] = set()
    keep, held = os.pipe()  # the crew's standard input: it ends when we do
    print(json.dumps({"code": str(Path(outreach.__file__).parent)}), flush=True)
    for line in sys.stdin:
        told = json.loads(line)
        match told["do"]:
            case "prepare":  # while nobody can be in the way
                ready_made(Path(told["project"]))
                said = {}
            case "start":
                pid = os.fork()
                if pid == 0:
                    os.close(held)
                    _be(Path(told["project"]), told, keep)
                crew.add(pid)
                said = {"pid": pid}
            case "wait":
                said = _wait(crew, told["pid"], told.get("patient", True))
            case "signal":
                os.kill(told["pid"], told["number"])
                said = {}
            case "dismiss":
                said = _dismiss(crew)
        print(json.dumps(said), flush=True)
    _dismiss(crew)
    return 0


def _dismiss(crew: set[int]) -> dict[str, int]:
    for pid in crew:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    crew.clear()
    return {}


def _wait(crew: set[int], pid: int, patient: bool) -> dict[str, int]:
    """How a process ended or was stopped; {} when it still runs and nobody waits."""
    found, status = os.waitpid(pid, os.WUNTRACED | (0 if patient else os.WNOHANG))
    if found == 0:
        return {}
    if os.WIFSTOPPED(status):
        return {"stopped": os.WSTOPSIG(status)}
    crew.discard(pid)
    return {"ended": os.waitstatus_to_exitcode(status)}


def _be(project: Path, told: dict[str, Any], stdin: int) -> None:
    """Become one of the crew; never returns."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    log = os.open(told["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    for number, target in ((stdin, 0), (log, 1), (log, 2)):
        os.dup2(number, target)
    sys.stdin, code = open(0), 70  # noqa: SIM115 - it lives as long as the process
    try:
        for name, value in told.get("shorten", {}).items():
            shorten(name, value)
        os.environ.update(told.get("environment", {}))
        code = ROLES[told["role"]](project, told)
    except Problem as problem:  # as the command line ends
        logging.getLogger("crew").warning("%s: %s", problem.code, problem.message)
        code = problem.exit_code
    except BaseException as error:  # the edge of a process: whatever it was, its trace is kept
        faults.kept(project)(type(error), error, error.__traceback__)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def shorten(name: str, seconds: float) -> None:
    """Set a constant wherever it was imported to. Raises LookupError when nobody has it any more."""
    found = [m for key, m in list(sys.modules.items()) if key.startswith("outreach.") and hasattr(m, name)]
    if not found:
        raise LookupError(f"no module has {name}")
    for module in found:
        is_span = isinstance(getattr(module, name), timedelta)
        setattr(module, name, timedelta(seconds=seconds) if is_span else seconds)


def built(project: Path, app: App | None = None) -> App:
    """The program as it stands, or `app`, with the environment's fail point and the shortened deadline."""
    failpoint.arm(os.environ.get("OUTREACH_FAIL_AT", ""))
    app = app or build(project)
    for provider in app.providers.values():
        wire = getattr(provider, "wire", None)
        if wire is not None:  # it took its deadline when its class was made
            wire.deadline = base.DEADLINE.total_seconds()
    return app


@functools.cache
def ready_made(project: Path) -> App:
    """The program over a project, without a connection that a fork would share."""
    app = build(project)
    app.engine.dispose()
    return app


def _send(project: Path, told: dict[str, Any]) -> int:
    """Hand over all that is due, then end."""
    app = built(project, ready_made(project))
    if "channels" in told:
        app = replace(app, providers={k: v for k, v in app.providers.items() if k.value in told["channels"]})

    async def once() -> None:
        try:
            handed = await send.send_due(app)
            print(json.dumps(handed.states), flush=True)
        finally:
            for provider in app.providers.values():
                await provider.close()

    asyncio.run(once())
    return 0


def _sweep(project: Path, told: dict[str, Any]) -> int:
    print(release.release(built(project, ready_made(project)), lambda ids: None), flush=True)
    return 0


def _plan(project: Path, told: dict[str, Any]) -> int:
    print(plan(built(project, ready_made(project)), Request(NIGHT, Mode.LIVE, past=True)), flush=True)
    return 0


def _approve(project: Path, told: dict[str, Any]) -> int:
    """The held night goes after all, in small steps; stops itself after so many transactions."""
    fold.CHUNK = rendering.CHUNK = 20
    app, left = built(project, ready_made(project)), itertools.count(1)

    def ended(*_: Any) -> None:
        if next(left) == told["stops_after"]:
            os.kill(os.getpid(), signal.SIGSTOP)

    event.listen(app.engine.pool, "checkin", ended)
    print(again.approve(app, f"n-{NIGHT}", note="the faults wait", limit=None), flush=True)
    return 0


def _work(project: Path, told: dict[str, Any]) -> int:
    """The real worker; only what customers' pages and replies would have to be is not asked."""
    order = {"project": str(project), "channels": ["email", "text"], **told.get("order", {})}
    return process.main([json.dumps(order)], shop=lambda order: built(order.project), allow=lambda app: None)


ROLES: dict[str, Callable[[Path, dict[str, Any]], int]] = {
    "send": _send,
    "sweep": _sweep,
    "plan": _plan,
    "approve": _approve,
    "work": _work,
}

if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    sys.exit(main())
