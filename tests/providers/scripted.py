"""Who answers in the tests of providers, byte by byte as a test says? A server in the test's own event loop."""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

from tests.providers.listening import Listening

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        return next((value for known, value in self.headers if known.lower() == name.lower()), None)


@dataclass
class Scripted(Listening):
    """Answers requests with `answers`, in order; the last one again and again."""

    answers: list[Answer]
    asked: list[Asked] = field(default_factory=list)
    ended: int = 0
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def url(self) -> str:
        return f"http{'s' if self.tls else ''}://127.0.0.1:{self.port}"

    async def conversation(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not writer.is_closing() and (asked := await _request(reader)) is not None:
            self.asked.append(asked)
            await self._tell()
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            await answer(writer)

    async def hung_up(self) -> None:
        self.ended += 1
        await self._tell()

    async def until(self, true: Callable[["Scripted"], bool]) -> None:
        """Wait for something to have happened here."""
        async with self._news:
            await self._news.wait_for(lambda: true(self))

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()


async def _request(reader: asyncio.StreamReader) -> Asked | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    first, *lines = head.removesuffix("\r\n\r\n").split("\r\n")
    headers = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    length = next((int(value) for name, value in headers if name.lower() == "content-length"), 0)
    method, target, _ = first.split(" ", 2)
    return Asked(method, target, headers, await reader.readexactly(length))


def says(status: int, body: bytes = b"", headers: Iterable[tuple[str, str]] = ()) -> Answer:
    """A whole answer."""
    lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(body)}", *(f"{n}: {v}" for n, v in headers)]
    return raw("\r\n".join(lines).encode() + b"\r\n\r\n" + body)


def raw(data: bytes, *, last: bool = False) -> Answer:
    """These bytes; `last`: and nothing more after them, though the client's end stays open."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        if last:
            writer.write_eof()
        await writer.drain()

    return answer


def trickles(data: bytes, pause: float = 0.02) -> Answer:
    """A byte at a time: each one resets a socket's own timeout."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        for byte in data:
            writer.write(bytes([byte]))
            await asyncio.sleep(pause)

    return answer


async def hangs(writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def closes(writer: asyncio.StreamWriter) -> None:
    writer.close()


async def resets(writer: asyncio.StreamWriter) -> None:
    found = writer.get_extra_info("socket")
    found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def nobody() -> int:
    """A port where nobody listens."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
