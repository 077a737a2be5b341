"""How does one process keep sending? One event loop, which hints wake and which looks for itself besides.

Hints and looks are never both at work: one call of `send_due` at a time keeps a process's claims in order. What the
database does not answer just now is tried again a little later; rows are safe meanwhile.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from outreach.core.errors import Busy, Refused
from outreach.flows.app import App
from outreach.flows.mending import ask_again
from outreach.flows.outlook import nothing_due, refusals
from outreach.flows.send import send_due
from outreach.observe.logs import logger

#: Seconds between two looks into the database: after work, and at the most when nothing happens.
QUICK, SLOW = 0.25, 2.0
#: The longest wait for a database that does not answer, in seconds.
PATIENT = 10.0
#: More ids than this are not taken into one hand-over.
MOST = 5_000


class Stopping:
    """Whether this process is to stop, and with which exit code. Belongs to the event loop's thread."""

    def __init__(self) -> None:
        self.code: int | None = None
        self._asked = asyncio.Event()

    def ask(self, code: int) -> None:
        """No new hand-offs from now on; what is under way is waited for and recorded."""
        self.code = code if self.code is None else self.code
        self._asked.set()

    def asked(self) -> bool:
        return self._asked.is_set()

    async def within(self, seconds: float) -> bool:
        """Wait at most so long; whether we were asked to stop."""
        try:
            await asyncio.wait_for(self._asked.wait(), seconds)
        except TimeoutError:
            return False
        return True


_Hint = tuple[Sequence[int], "asyncio.Future[None]"]


@dataclass
class Sender:
    """Sends until it is stopped, until nothing is due, or until no provider will have us."""

    app: App
    stop: Stopping
    until_empty: bool = False
    states: Counter[str] = field(default_factory=Counter)
    _hinted: list[_Hint] = field(default_factory=list)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _looked: float = -SLOW
    _looking: bool = False  # at all that is due: a hint says nothing new
    _closed: bool = False
    _asked_again: bool = False

    def taker(self) -> Callable[[Sequence[int]], None]:
        """What the queue's threads call: returns when the ids were dealt with, one way or the other."""
        loop = asyncio.get_running_loop()

        def take(ids: Sequence[int]) -> None:
            asyncio.run_coroutine_threadsafe(self._dealt_with(ids), loop).result()

        return take

    async def _dealt_with(self, ids: Sequence[int]) -> None:
        if not (self._closed or self._looking):
            done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._hinted.append((ids, done))
            self._wake.set()
            await done

    async def run(self) -> Refused | None:
        """Send. Returns why no provider will have us, or None."""
        wait = QUICK
        try:
            while not self.stop.asked():
                try:
                    await self._ask_again()
                    moved = await self._once()
                    if not moved and (ended := await asyncio.to_thread(self._ended)) is not None:
                        return ended.refused
                except Busy as busy:
                    logger("worker").warning("the database does not answer", code=busy.code)
                    moved, wait = 0, min(wait * 2, PATIENT)
                    await self.stop.within(wait)
                wait = QUICK if moved else min(wait * 2, SLOW)
                if not moved:
                    await self._sleep(wait)
            return None
        finally:
            self._close()

    async def _ask_again(self) -> None:
        """Once, at the start: a provider that refused us may know us by now."""
        if not self._asked_again:
            for provider in await ask_again(self.app):
                logger("worker").info("takes messages again", provider=provider)
            self._asked_again = True

    def _ended(self) -> "_End | None":
        """Whether there is nothing left to do, asked of the database."""
        refused = refusals(self.app)
        if len(refused) == len(self.app.providers) or (self.until_empty and nothing_due(self.app)):
            return _End(next(iter(refused.values()), None))
        return None

    def _take(self) -> list[_Hint]:
        """The hints that fit into one hand-over."""
        taken: list[_Hint] = []
        size = 0
        while self._hinted and size < MOST:
            taken.append(self._hinted.pop(0))
            size += len(taken[-1][0])
        return taken

    async def _once(self) -> int:
        """Hand over what was hinted at; every now and then, or without a hint, all that is due. Returns how many
        messages moved."""
        clock = asyncio.get_running_loop().time
        hinted = self._take() if clock() - self._looked < SLOW else []
        self._looked, self._looking = (self._looked, False) if hinted else (clock(), True)
        try:
            ids = sorted({i for some, _ in hinted for i in some})
            handed = await send_due(self.app, ids=ids or None, stop=self.stop.asked)
        finally:
            self._looking = False
            _let_go(hinted)
        self.states.update(handed.states)
        if handed.states:
            logger("worker").info("handed over", hinted=bool(hinted), **handed.states)
        return sum(handed.states.values())

    async def _sleep(self, seconds: float) -> None:
        """Until a hint, a stop, or so many seconds."""
        self._wake.clear()
        if self._hinted:
            return
        waits = [asyncio.ensure_future(self._wake.wait()), asyncio.ensure_future(self.stop.within(seconds))]
        _, pending = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()

    def _close(self) -> None:
        """Hints that came too late are let go: whoever looks next finds their rows."""
        self._closed = True
        _let_go(self._hinted)
        self._hinted = []


@dataclass(frozen=True, slots=True)
class _End:
    """Nothing is left to do; `refused`: because no provider will have us."""

    refused: Refused | None


def _let_go(hints: list[_Hint]) -> None:
    for _, done in hints:
        if not done.done():
            done.set_result(None)
