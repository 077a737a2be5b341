"""What if the line to a server is bad? A TCP proxy that refuses, falls silent, loses answers, is slow, or is cut.

It stands between a client and PostgreSQL, Redis or a provider; it runs in a thread and is told what to do from tests.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tests.fake.wire import reset

_READ = 65_536


class Line(StrEnum):
    """The state of the line, for connections old and new."""

    OPEN = "open"
    REFUSED = "refused"  # a new connection is closed at once
    SILENT = "silent"  # bytes vanish, both ways: a partition
    DEAF = "deaf"  # requests arrive, answers vanish


@dataclass
class Proxy:
    """A way to `host:port` through 127.0.0.1:`port`. Use as a context manager.

    `delay`: seconds each piece waits, in each direction. `per_second`: bytes a second of answers (None: all at once).
    `lose`: the next answers to a request holding these bytes are cut off by a reset: the server did the work, and the
    client never hears of it. `lost` counts them.
    """

    upstream: int
    line: Line = Line.OPEN
    delay: float = 0.0
    per_second: float | None = None
    lose: bytes = b""
    lose_times: int = 0
    lost: int = 0
    port: int = 0
    _open: "set[asyncio.StreamWriter]" = field(default_factory=set)
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)

    def __enter__(self) -> "Proxy":
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self.port = self._do(self._listen())
        return self

    def __exit__(self, *_: object) -> None:
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def cut(self) -> None:
        """Reset every connection that is open now."""
        self._do(self._cut())

    def lose_answers(self, to: bytes, times: int = 1) -> None:
        """Lose the answers to the next requests that hold these bytes."""
        self.lose, self.lose_times = to, times

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def _do(self, work: "Coroutine[Any, Any, Any]") -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _listen(self) -> int:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def _cut(self) -> None:
        for writer in list(self._open):
            reset(writer.transport)

    async def _end(self) -> None:
        self._server.close()
        await self._cut()
        mine = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in mine:
            task.cancel()
        await asyncio.gather(*mine, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.line is Line.REFUSED:
            return reset(writer.transport)
        try:
            to, out = await asyncio.open_connection("127.0.0.1", self.upstream)
        except OSError:
            return reset(writer.transport)
        self._open |= {writer, out}
        doomed = asyncio.Event()  # the answer that comes next is lost
        with contextlib.suppress(OSError):
            await asyncio.gather(
                self._pass(reader, out, lambda data: self._request(data, doomed)),
                self._pass(to, writer, lambda _: self.line is not Line.DEAF, doomed),
            )
        self._open -= {writer, out}
        for each in (writer, out):
            each.close()
        return None

    def _request(self, data: bytes, doomed: asyncio.Event) -> bool:
        if self.lose_times and self.lose in data:
            self.lose_times -= 1
            self.lost += 1
            doomed.set()
        return True

    async def _pass(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        lets: Callable[[bytes], bool],
        doomed: asyncio.Event | None = None,
    ) -> None:
        while data := await reader.read(_READ):
            if doomed is not None and doomed.is_set():
                return reset(writer.transport)
            if self.delay:
                await asyncio.sleep(self.delay)
            if not lets(data) or self.line is Line.SILENT:
                continue
            await self._write(writer, data, slowly=doomed is not None)
        if writer.can_write_eof() and not writer.is_closing():
            writer.write_eof()
        return None

    async def _write(self, writer: asyncio.StreamWriter, data: bytes, *, slowly: bool) -> None:
        if not slowly or self.per_second is None:
            writer.write(data)
            return await writer.drain()
        for byte in data:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(1 / self.per_second)
        return None
