"""How fast could anything be? Requests made beforehand, pushed through sockets by hand, nothing kept of the answers.

`python -m tests.bench._wire PORT COUNT CONNECTIONS LATENCY-FREE-BODY-FILE` prints seconds as JSON.
"""

import asyncio
import json
import sys
import time
from pathlib import Path


class _Line(asyncio.Protocol):
    """One connection: the next request as soon as the answer's head came back."""

    def __init__(self, requests: "asyncio.Queue[bytes]", done: "asyncio.Future[None]") -> None:
        self._requests, self._done = requests, done

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        if data.startswith(b"HTTP/1.1 2"):
            self._next()

    def connection_lost(self, problem: Exception | None) -> None:
        if not self._done.done():
            self._done.set_exception(problem or ConnectionError("closed"))

    def _next(self) -> None:
        if self._requests.empty():
            if not self._done.done():
                self._done.set_result(None)
            return
        self._transport.write(self._requests.get_nowait())


async def push(port: int, requests: list[bytes], connections: int) -> float:
    """Seconds until every request was answered."""
    loop = asyncio.get_running_loop()
    waiting: asyncio.Queue[bytes] = asyncio.Queue()
    for request in requests:
        waiting.put_nowait(request)
    began = time.perf_counter()
    ends = []
    for _ in range(connections):
        done: asyncio.Future[None] = loop.create_future()
        ends.append(done)
        await loop.create_connection(lambda d=done: _Line(waiting, d), "127.0.0.1", port)  # type: ignore[misc]
    await asyncio.gather(*ends)
    return time.perf_counter() - began


def request(body: bytes) -> bytes:
    """One mail as SendGrid takes it."""
    head = "POST /v3/mail/send HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer SG.fake\r\n"
    return f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def main(words: list[str]) -> int:
    port, count, connections, body = int(words[0]), int(words[1]), int(words[2]), Path(words[3]).read_bytes()
    seconds = asyncio.run(push(port, [request(body)] * count, connections))
    print(json.dumps({"seconds": seconds}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
