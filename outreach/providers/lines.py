"""Which connections to a vendor stand, and how does a request get one of them?"""

import asyncio
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit

from outreach.providers.line import Line

#: Waiting for a free connection, DNS, TCP and TLS together, in seconds.
CONNECT = 5.0
#: Idle connections are let go after this many seconds, before vendors close theirs (60 s and more).
IDLE = 15.0
#: A vendor with several addresses: the next is tried as well after so many seconds (RFC 8305).
_NEXT_ADDRESS = 0.25


class NoLine(Exception):
    """No connection could be had. `said`: why, without the address."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = said


@dataclass(slots=True)
class Lines:
    """The connections of one event loop to one vendor: at most `at_once`, the last one used first.

    `path` stands before every request's own; `always`: the headers every request has, as they are written.
    """

    loop: asyncio.AbstractEventLoop
    host: str
    port: int
    secure: ssl.SSLContext | None
    path: str
    always: str = field(repr=False)
    at_once: int
    _places: asyncio.Semaphore
    _taken: int = 0
    _idle: list[Line] = field(default_factory=list)
    _awaited: dict[Line, float] = field(default_factory=dict)
    _alarm: asyncio.TimerHandle | None = None
    _closed: bool = False

    @classmethod
    def to(cls, base: str, headers: Mapping[str, str], at_once: int, loop: asyncio.AbstractEventLoop) -> Self:
        """None stands yet. `headers` hold no line end: `Wanted.key` sees to it."""
        parts = urlsplit(base)
        secure = ssl.create_default_context() if parts.scheme == "https" else None
        shown = {"Host": parts.netloc, "Accept-Encoding": "identity", **headers}
        always = "".join(f"{name}: {value}\r\n" for name, value in shown.items())
        port = parts.port or (443 if secure else 80)
        places = asyncio.Semaphore(at_once)
        return cls(loop, parts.hostname or "", port, secure, parts.path.rstrip("/"), always, at_once, places)

    async def ready(self, calls: int) -> None:
        """So many stand free, as far as there are places and the vendor lets us. One first, where none stands."""
        self._let_go_of_idlers()
        until = self.loop.time() + CONNECT
        if not self._idle and not self._taken:
            await self._one_more(until)
        missing = min(calls, self.at_once - self._taken) - len(self._idle)
        if missing > 0 and (self._idle or self._taken):
            await asyncio.gather(*(self._one_more(until) for _ in range(missing)))

    async def take(self, patience: float) -> Line:
        """A free or a new one, ours until it is given `back`. Raises NoLine, after `patience` seconds or CONNECT."""
        until = self.loop.time() + min(CONNECT, patience)
        try:
            if self._places.locked():
                async with asyncio.timeout_at(until):
                    await self._places.acquire()
            else:
                await self._places.acquire()
        except TimeoutError as error:
            raise NoLine(_why(error)) from None
        self._taken += 1
        try:
            return self._kept() or await self._opened(until)
        except (OSError, TimeoutError) as error:
            self._leave()
            raise NoLine(_why(error)) from None
        except asyncio.CancelledError:
            self._leave()
            raise

    def expect(self, line: Line, end: float) -> None:
        """Its answer is here by `end` of the loop's clock, or the line is cut. One alarm serves all of them."""
        self._awaited[line] = end
        if self._alarm is None or end < self._alarm.when():
            self._ring_at(end)

    def back(self, line: Line) -> None:
        """For others to use; unless its exchange was broken off."""
        self._leave()
        self._awaited.pop(line, None)
        if line.busy or self._closed:
            line.cut("no longer wanted")
        elif line.usable:
            line.idle_since = self.loop.time()
            self._idle.append(line)

    def close(self) -> None:
        """Hang up, those in use as soon as they are given back."""
        self._closed = True
        if self._alarm is not None and not self._awaited:
            self._alarm.cancel()
        while self._idle:
            self._idle.pop().close()

    def _ring_at(self, end: float) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = self.loop.call_at(end, self._ring)

    def _ring(self) -> None:
        """Cut whom nobody answered, and ring again for the next."""
        self._alarm = None
        now = self.loop.time()
        for line in [line for line, end in self._awaited.items() if end <= now]:
            del self._awaited[line]
            line.cut("no answer in time")
        if self._awaited:
            self._ring_at(min(self._awaited.values()))

    def _leave(self) -> None:
        self._taken -= 1
        self._places.release()

    def _kept(self) -> Line | None:
        oldest = self.loop.time() - IDLE
        while self._idle:
            line = self._idle.pop()
            if line.usable and line.idle_since > oldest:
                return line
            line.close()
        return None

    def _let_go_of_idlers(self) -> None:
        oldest = self.loop.time() - IDLE
        for line in self._idle:
            if line.idle_since <= oldest:
                line.close()
        self._idle = [line for line in self._idle if line.usable]

    async def _one_more(self, until: float) -> None:
        try:
            line = await self._opened(until)
        except (OSError, TimeoutError):
            return  # whoever asks for one hears why
        line.idle_since = self.loop.time()
        self._idle.append(line)

    async def _opened(self, until: float) -> Line:
        async with asyncio.timeout_at(until):
            _, line = await self.loop.create_connection(
                Line, self.host, self.port, ssl=self.secure, happy_eyeballs_delay=_NEXT_ADDRESS
            )
        return line


def _why(error: OSError) -> str:
    """In a few words, without the address that the error names."""
    match error:
        case socket.gaierror():
            return "its name could not be looked up"
        case ssl.SSLCertVerificationError():
            return "its certificate is not good"
        case ssl.SSLError():
            return "no secure connection"
    return "no connection"
