"""How does one request reach a vendor over HTTP, and when it fails: had a byte left?

Everything a hand-off must be sure of hangs on that question (settled 34). A request is written to a connection that
stands, in one go: whatever goes wrong before that (DNS, connecting, TLS, no free connection, a kept-alive connection
whose end we have seen) is surely unsent; whatever goes wrong after it is in doubt. A kept-alive connection whose end
arrives only after the write is in doubt too: what the vendor had read by then, nobody knows. It is rare, because idle
connections are let go before vendors do.

Once the status line is there the vendor has decided; a body that breaks off or trickles changes nothing about it.
"""

import asyncio
import json
import logging
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from math import inf
from time import monotonic
from typing import Any
from urllib.parse import quote

from outreach.core.lifecycle import Fault
from outreach.providers.base import CONNECTIONS, DEADLINE
from outreach.providers.line import Silent
from outreach.providers.lines import Lines, NoLine
from outreach.providers.reading import Answer, Unreadable

__all__ = ["MOST_BYTES", "Answer", "NoAnswer", "Wire", "read_json"]

#: What is read of an answer; the rest is of no use to us.
MOST_BYTES = 64 * 1024
#: These log whole requests, keys and all, when the root logger is at DEBUG.
_TALKATIVE = ("python_http_client", "twilio")
#: What may stand in a request's target as it is; everything else is escaped.
_TARGET = "/?#[]@!$&'()*+,;=:%-._~"


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """There was none. `left`: bytes of the request may have reached the vendor. `said`: why, without addresses.

    `late`: none left because its moment had gone by.
    """

    left: bool
    said: str
    late: bool = False

    @property
    def fault(self) -> Fault:
        """What that means for a hand-off."""
        if self.late:
            return Fault.LATE
        return Fault.DOUBT if self.left else Fault.NOT_REACHED


@dataclass(slots=True)
class Wire:
    """A pool of kept-alive connections to one vendor at `base`, one for each event loop that asks.

    `headers` go with every request and hold the key: they are never logged nor shown. `at_once`: connections.
    No redirects, no cookies, no proxy or netrc of the environment.
    """

    base: str
    headers: Mapping[str, str] = field(repr=False)
    at_once: int = CONNECTIONS
    deadline: float = DEADLINE.total_seconds()
    _pools: dict[asyncio.AbstractEventLoop, Lines] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        for name in _TALKATIVE:
            logging.getLogger(name).setLevel(logging.WARNING)

    async def ready(self, calls: int) -> None:
        """Connections for so many requests stand free, as far as they can be had within a few seconds."""
        await self._lines().ready(calls)

    def post(
        self, path: str, body: bytes, content_type: str, *, by: float = inf
    ) -> Coroutine[Any, Any, Answer | NoAnswer]:
        """One POST, within the deadline in all; `by`, of monotonic(): or its first byte does not leave.

        Nothing keeps `body` once it was written.
        """
        more = f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
        return self._ask(self._head("POST", path, more) + body, MOST_BYTES, by)

    async def get(self, path: str, *, most: int = MOST_BYTES) -> Answer | NoAnswer:
        """One GET, within the deadline in all; `most` bytes of answer. It changes nothing: ask again at will."""
        return await self._ask(self._head("GET", path, "\r\n"), most, inf)

    async def delete(self, path: str) -> Answer | NoAnswer:
        """One DELETE, within the deadline in all."""
        return await self._ask(self._head("DELETE", path, "\r\n"), MOST_BYTES, inf)

    async def close(self) -> None:
        """Let go of this event loop's connections; the next request opens new ones."""
        lines = self._pools.pop(asyncio.get_running_loop(), None)
        if lines is not None:
            lines.close()
            await asyncio.sleep(0)  # their ends are seen

    async def _ask(self, request: bytes, most: int, by: float) -> Answer | NoAnswer:
        lines = self._lines()
        end = lines.loop.time() + self.deadline
        try:
            line = await lines.take(self.deadline)
        except NoLine as problem:
            return NoAnswer(False, problem.said)
        try:
            if monotonic() > by:
                return NoAnswer(False, "too late for its first byte", late=True)
            answer = line.ask(request, most)
            lines.expect(line, end)
            del request
            try:
                return await answer
            except (Silent, Unreadable) as problem:
                return NoAnswer(True, str(problem))
        finally:
            lines.back(line)

    def _head(self, method: str, path: str, more: str) -> bytes:
        lines = self._lines()
        return f"{method} {lines.path}{_target(path)} HTTP/1.1\r\n{lines.always}{more}".encode("latin-1")

    def _lines(self) -> Lines:
        loop = asyncio.get_running_loop()
        lines = self._pools.get(loop)
        if lines is None:
            self._pools = {each: kept for each, kept in self._pools.items() if not each.is_closed()}
            lines = self._pools[loop] = Lines.to(self.base, self.headers, self.at_once, loop)
        return lines


@lru_cache(256)
def _target(path: str) -> str:
    """Most requests ask for the same few."""
    return quote(path, _TARGET)


def read_json(answer: Answer) -> Any:
    """The answer's JSON; None where it is none."""
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
