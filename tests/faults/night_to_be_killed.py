"""Run one real night and die at a chosen moment: python -m tests.faults.night_to_be_killed PROJECT NIGHT WHAT N

WHAT is `tell` (the Nth word the night says of its stages), `write` (before its Nth writing statement), `commit` (before
its Nth commit), or `hand` (the night is planned already: before the Nth message is handed over).
"""

import os
import signal
import sys
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, cast

from sqlalchemy import event

from outreach.bootstrap import build
from outreach.core.terms import Mode
from outreach.flows import fold, rendering, send
from outreach.flows.nightlock import alone
from outreach.flows.plan import Request, plan
from outreach.providers.base import Envelope, Provider, Receipt


class Death:
    """Counts moments, and kills this process at the chosen one: no cleaning up, as a power cut would."""

    def __init__(self, what: str, number: int) -> None:
        self.what, self.number, self.seen = what, number, Counter[str]()

    def __call__(self, what: str) -> None:
        self.seen[what] += 1
        if what == self.what and self.seen[what] == self.number:
            os.kill(os.getpid(), signal.SIGKILL)


class Mortal:
    """A provider that may die just before it hands over."""

    def __init__(self, real: Any, death: Death) -> None:
        self.real, self.death = real, death
        self.name, self.idempotent = real.name, real.idempotent
        self.per_second, self.at_once = real.per_second, real.at_once

    async def ready(self, calls: int) -> None:
        await self.real.ready(calls)

    async def send(self, envelope: Envelope) -> Receipt:
        self.death("hand")
        receipt: Receipt = await self.real.send(envelope)
        return receipt


def main(project: Path, night: date, death: Death) -> None:
    app = build(project)
    app = replace(
        app, providers={channel: cast(Provider, Mortal(each, death)) for channel, each in app.providers.items()}
    )
    fold.CHUNK, rendering.CHUNK, send.BATCH = 25, 20, 20  # many small steps: as many places to die
    event.listen(app.engine, "commit", lambda _: death("commit"))
    event.listen(app.engine, "before_cursor_execute", lambda *a: death("write") if _writes(a[2]) else None)
    with alone(app):
        if death.what == "hand":
            send.hand_over(app)
        else:
            plan(app, Request(night, Mode.OUTBOX, past=True), lambda *_: death("tell"))


def _writes(statement: str) -> bool:
    return statement.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE", "WITH"))


if __name__ == "__main__":
    main(Path(sys.argv[1]), date.fromisoformat(sys.argv[2]), Death(sys.argv[3], int(sys.argv[4])))
