"""What do the servers of these tests share? Each listens on loopback in the test's event loop, and leaves no task."""

import asyncio
import ssl
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self


@dataclass(kw_only=True)
class Listening:
    """A server for as long as its `async with` runs. Who derives from it says how one `conversation` goes."""

    tls: ssl.SSLContext | None = None
    from_the_start: bool = True  # TLS; otherwise only once both sides agreed on it
    connections: int = 0
    _open: set["asyncio.Task[None]"] = field(default_factory=set)

    async def __aenter__(self) -> Self:
        context = self.tls if self.from_the_start else None
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=context)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    @property
    def port(self) -> int:
        found: int = self._server.sockets[0].getsockname()[1]
        return found

    async def conversation(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """With one client, until its end."""
        raise NotImplementedError

    async def hung_up(self) -> None:
        """One conversation is over."""

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        self.connections += 1
        try:
            await self.conversation(reader, writer)
        except (asyncio.CancelledError, ConnectionError, ssl.SSLError):
            pass
        finally:
            self._open.discard(task)
            writer.close()
            await self.hung_up()
