"""What goes over one connection to a vendor? One HTTP/1.1 request at a time, and its answer. (RFC 9112)

Written here rather than taken from a client library, because the send spends most of its time in this place: the
request leaves in one write, the answer is read from what the socket gave, and nothing is made for it but the answer.
"""

import asyncio

from outreach.providers.reading import Answer, Reading, Unreadable


class Silent(Exception):
    """The exchange ended, and no answer had come. It says why."""


class Line(asyncio.Protocol):
    """One connection. `idle_since`: by the event loop's clock, when it last became free."""

    def __init__(self) -> None:
        self.idle_since = 0.0
        self._transport: asyncio.Transport | None = None
        self._reading: Reading | None = None
        self._answer: asyncio.Future[Answer] | None = None

    @property
    def busy(self) -> bool:
        """An exchange is not over."""
        return self._answer is not None

    @property
    def usable(self) -> bool:
        """As far as we have heard."""
        return self._transport is not None and not self._transport.is_closing()

    def ask(self, request: bytes, most: int) -> "asyncio.Future[Answer]":
        """Write a whole request, now; the answer is awaited, with at most `most` bytes of body.

        It fails with Silent or Unreadable. Once cancelled, or told to `cut`, the connection is not used again.
        """
        assert self._transport is not None
        self._reading = Reading(most)
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._answer

    def cut(self, why: str) -> None:
        """No more of this: what came so far is the answer, if it is one."""
        self._end(Silent(why))

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        reading = self._reading
        if reading is None:  # a vendor that speaks unasked says goodbye
            self.cut("it spoke unasked")
            return
        try:
            reading.take(data)
        except Unreadable as problem:
            self._end(problem)
            return
        if reading.over and reading.leaves_it_open:
            self._done(None)
        elif reading.over or len(reading.body) >= reading.most:
            self._end(None)

    def connection_lost(self, exc: Exception | None) -> None:
        self._done(Silent("the connection broke off"), ended=exc is None)

    def _end(self, otherwise: Exception | None) -> None:
        if self._transport is not None:
            self._transport.abort()
        self._done(otherwise)

    def _done(self, otherwise: Exception | None, *, ended: bool = False) -> None:
        """The exchange is over: with an answer once its head was there, or else with this problem."""
        answer, reading = self._answer, self._reading
        self._answer = self._reading = None
        if answer is None or reading is None or answer.done():
            return
        found = reading.answer(ended=ended)
        if found is None:
            answer.set_exception(otherwise or Unreadable())
        else:
            answer.set_result(found)
