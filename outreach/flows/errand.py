"""What do all lanes of one hand-over share, and when may the database's work begin?

It is done in threads, and a thread that computes keeps the interpreter from the one that writes first bytes: after
every write it would wait for its turn again. So no such work begins while messages that were handed over have yet to
leave; their 100 ms run (settled 35).
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from outreach.flows.app import App
from outreach.store.address_locks import AddressLocks


@dataclass(frozen=True, slots=True)
class Errand:
    """`timed` False in outbox mode: a past night is played at its own hours."""

    app: App
    instance: str
    timed: bool
    database: Executor
    stop: Callable[[], bool]
    told: Callable[[Counter[str]], None]
    locks: AddressLocks | None = None
    _leaving: set[object] = field(default_factory=set)
    _left: asyncio.Event = field(default_factory=asyncio.Event)

    async def work(self, what: Callable[..., Any], *with_: Any, **more: Any) -> Any:
        """The database's work, in one of its threads, once nothing waits to leave."""
        while self._leaving:
            self._left.clear()
            await self._left.wait()
        return await self.at_once(what, *with_, **more)

    async def at_once(self, what: Callable[..., Any], *with_: Any, **more: Any) -> Any:
        """The same, whatever waits: for the hand-off itself."""
        return await asyncio.get_running_loop().run_in_executor(self.database, partial(what, *with_, **more))

    @asynccontextmanager
    async def leaving(self) -> AsyncIterator[None]:
        """From before T2 until the first bytes of its messages were written, as far as that needs no waiting."""
        batch = object()
        self._leaving.add(batch)
        try:
            yield
            await asyncio.sleep(0)  # calls that were made tasks take their first step before we go on
        finally:
            self._leaving.discard(batch)
            self._left.set()
            await asyncio.sleep(0)  # who waited goes first, before the next hand-off

    def tell(self, states: Counter[str]) -> None:
        if states:
            self.told(states)
