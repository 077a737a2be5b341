"""How are providers' answers written down in batches, soon, and surely, though the database may be away a while?"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import monotonic

from outreach.core.errors import Busy
from outreach.flows.errand import Errand
from outreach.flows.failpoint import reached
from outreach.flows.settling import Answer, settle

#: Answers are recorded so many at a time, or so soon after the first of them (seconds).
RECORD, SOON = 300, 0.02
#: How long answers are kept for a database that does not come back, in seconds: by then their leases are over.
PATIENCE = 60.0
#: The first and the longest wait between two tries, in seconds.
_FIRST, _LONGEST = 0.25, 5.0


@dataclass
class Recorder:
    """T3 for one lane. `unrecorded` counts answers not in the database yet; `changed` is called on progress."""

    errand: Errand
    changed: Callable[[], None]
    answers: list[Answer] = field(default_factory=list)
    unrecorded: int = 0
    problem: Busy | None = None
    _now: bool = False
    _ended: bool = False
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self, answer: Answer) -> None:
        """One more; recorded soon."""
        if not self.answers:
            asyncio.get_running_loop().call_later(SOON, self.hurry)
        self.answers.append(answer)
        self.unrecorded += 1
        if len(self.answers) >= RECORD:
            self._news.set()

    def hurry(self) -> None:
        """Record what there is, now."""
        self._now = True
        self._news.set()

    def end(self) -> None:
        """No more will come: `run` ends once all are recorded."""
        self._ended = True
        self._news.set()

    async def run(self) -> None:
        """Record until the end."""
        while not (self._ended and not self.answers):
            if self.answers and (self._now or self._ended or len(self.answers) >= RECORD):
                taken, self.answers, self._now = self.answers, [], False
                await self._record(taken)
                self.unrecorded -= len(taken)
                self.changed()
            else:
                self._news.clear()
                await self._news.wait()

    async def _record(self, answers: Sequence[Answer]) -> None:
        """Tried again while the database is away: what is written late is fenced, what is lost is in doubt."""
        reached("before_record")
        until, wait = monotonic() + PATIENCE, _FIRST
        while True:
            try:
                states = await self.errand.work(self._settled, answers)
                break
            except Busy as problem:
                self.problem = problem
                if monotonic() > until:
                    return
                await asyncio.sleep(wait)
                wait = min(2 * wait, _LONGEST)
        reached("after_record")
        self.errand.tell(states)

    def _settled(self, answers: Sequence[Answer]) -> Counter[str]:
        states = settle(self.errand.app, answers, timed=self.errand.timed)
        if self.errand.locks is not None:
            self.errand.locks.free([answer.row.contact_hash for answer in answers])
        return states
