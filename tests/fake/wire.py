"""How does the fake speak HTTP/1.1? A parser and a writer of our own: the fake shares two cores with what it measures.

It reads requests with Content-Length or chunks on kept-alive connections, one at a time, and can answer badly on
purpose: late, never, by a reset, cut in half, or a byte a second.
"""

import asyncio
import json
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl

REASONS = {
    200: "OK", 201: "Created", 202: "Accepted", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden",
    404: "Not Found", 413: "Payload Too Large", 429: "Too Many Requests", 500: "Internal Server Error",
    502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout",
}  # fmt: skip
JSON = ("Content-Type", "application/json")
#: Closing with this sends a reset, not a polite end.
_AT_ONCE = struct.pack("ii", 1, 0)


class Manner(StrEnum):
    """How an answer goes out."""

    WHOLE = "whole"
    HANG = "hang"  # nothing is said, and the connection stays open
    RESET = "reset"
    HALF = "half"  # half of the answer, then the end of the connection
    TRICKLE = "trickle"  # a byte a second


@dataclass(frozen=True, slots=True)
class Request:
    """One whole request. `head` is everything before the blank line; header names are found in any case."""

    method: str
    target: str
    head: bytes
    body: bytes

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(self.target.partition("?")[2], keep_blank_values=True))

    @property
    def headers(self) -> list[tuple[str, str]]:
        lines = self.head.decode("latin-1").split("\r\n")[1:]
        return [(name.strip(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]

    def header(self, name: bytes) -> str:
        """One header's value; `name` in lower case. Empty when it is not there."""
        return _header(self.head, self.head.lower(), name).decode("latin-1")


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said, how, and after how many seconds."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    manner: Manner = Manner.WHOLE
    after: float = 0.0

    def bytes(self) -> bytes:
        lines = [f"HTTP/1.1 {self.status} {REASONS.get(self.status, 'Odd')}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        lines.append(f"Content-Length: {len(self.body)}\r\n\r\n")
        return "\r\n".join(lines).encode("latin-1") + self.body


def in_json(status: int, content: Any, **headers: str) -> Answer:
    """An answer of JSON; `Retry_After="3"` becomes the header Retry-After."""
    more = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Answer(status, json.dumps(content).encode(), (JSON, *more))


def _header(head: bytes, lowered: bytes, name: bytes) -> bytes:
    begins = lowered.find(b"\r\n" + name + b":")
    if begins < 0:
        return b""
    begins += len(name) + 3
    ends = head.find(b"\r\n", begins)
    return head[begins : ends if ends >= 0 else len(head)].strip()


@dataclass
class Connection(asyncio.Protocol):
    """One connection: requests in, answers out, in order."""

    answer: Callable[[Request], Answer]
    buffer: bytearray = field(default_factory=bytearray)
    busy: bool = False  # an answer is being waited for: what follows it waits too

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while not self.busy and (request := self._next()) is not None:
            self._say(self.answer(request), request.header(b"connection").lower() == "close")

    def _next(self) -> Request | None:
        """The next whole request of the buffer, taken out of it."""
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return None
        head = bytes(self.buffer[:end])
        lowered = head.lower()
        if _header(head, lowered, b"expect"):
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if length := _header(head, lowered, b"content-length"):
            size, body = end + 4 + int(length), None
        elif b"chunked" in _header(head, lowered, b"transfer-encoding"):
            size, body = _chunks(self.buffer, end + 4)
        else:
            size, body = end + 4, None
        if size < 0 or len(self.buffer) < size:
            return None
        body = bytes(self.buffer[end + 4 : size]) if body is None else body
        del self.buffer[:size]
        method, target, _ = head.partition(b"\r\n")[0].decode("latin-1").split(" ", 2)
        return Request(method, target, head, body)

    def _say(self, answer: Answer, last: bool) -> None:
        if answer.after or answer.manner is not Manner.WHOLE:
            self.busy = True
            asyncio.get_running_loop().call_later(answer.after, self._say_late, answer, last)
            return
        self.transport.write(answer.bytes())
        if last:
            self.transport.close()

    def _say_late(self, answer: Answer, last: bool) -> None:
        said = answer.bytes()
        match answer.manner:
            case Manner.WHOLE:
                self.busy = False
                self.transport.write(said)
                if last:
                    self.transport.close()
                else:
                    self.data_received(b"")
            case Manner.HALF:
                self.transport.write(said[: len(said) - len(answer.body) // 2] if answer.body else said[:10])
                self.transport.close()
            case Manner.RESET:
                reset(self.transport)
            case Manner.TRICKLE:
                self._trickle(said)
            case Manner.HANG:
                pass

    def _trickle(self, left: bytes) -> None:
        self.transport.write(left[:1])
        if left[1:] and not self.transport.is_closing():
            asyncio.get_running_loop().call_later(1.0, self._trickle, left[1:])


def reset(transport: asyncio.BaseTransport) -> None:
    """End a connection as a crash or a firewall ends it."""
    connection = transport.get_extra_info("socket")
    if connection is not None and connection.fileno() >= 0:  # not gone already
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
    transport.abort()  # type: ignore[attr-defined]  # every transport of a socket has it


def _chunks(buffer: bytearray, at: int) -> tuple[int, bytes]:
    """(end of a chunked body, the body); -1 while it has not all come."""
    parts: list[bytes] = []
    while (line := buffer.find(b"\r\n", at)) >= 0:
        size = int(bytes(buffer[at:line]).partition(b";")[0], 16)
        at = line + 2 + size + 2
        if at > len(buffer):
            break
        if size == 0:
            return at, b"".join(parts)
        parts.append(bytes(buffer[line + 2 : at - 2]))
    return -1, b""
