"""How does one request reach a vendor over HTTP, and when it fails: had a byte left?

Everything a hand-off must be sure of hangs on that question (settled 34). aiohttp keeps a request's headers back until
the first bytes of its body are written, and asks the body to write itself only once a connection stands: so `_Body`
knows. Whatever goes wrong before it wrote (DNS, connecting, TLS, no free connection, a kept-alive connection the vendor
closed meanwhile and whose end we have seen) is surely unsent; whatever goes wrong after it is in doubt. A kept-alive
connection whose end arrives only after the write is in doubt too: what the vendor had read by then, nobody knows. It is
rare, because idle connections are let go before vendors do.

Once the status line is there the vendor has decided; a body that breaks off or trickles changes nothing about it.
"""

import asyncio
import json
import logging
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp.abc import AbstractStreamWriter

from outreach.providers.base import CONNECTIONS, DEADLINE

#: What is read of an answer; the rest is of no use to us.
MOST_BYTES = 64 * 1024
#: Waiting for a free connection, DNS, TCP and TLS together, in seconds.
CONNECT = 5.0
#: Idle connections are let go after this many seconds, before vendors close theirs (60 s and more).
IDLE = 15.0
#: These log whole requests, keys and all, when the root logger is at DEBUG.
_TALKATIVE = ("python_http_client", "twilio")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the vendor answered. `body`: at most MOST_BYTES of it; `whole`: it ended as it should."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    whole: bool = True


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """There was none. `left`: bytes of the request may have reached the vendor. `said`: why, without addresses."""

    left: bool
    said: str


class _Body(aiohttp.BytesPayload):
    """A request's body that knows whether it began to leave."""

    left = False

    async def write_with_length(self, writer: AbstractStreamWriter, content_length: int | None) -> None:
        transport = getattr(writer, "transport", None)
        if transport is None or transport.is_closing():
            raise ConnectionResetError("the connection had ended")
        self.left = True
        await super().write_with_length(writer, content_length)


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
    _sessions: dict[asyncio.AbstractEventLoop, aiohttp.ClientSession] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        for name in _TALKATIVE:
            logging.getLogger(name).setLevel(logging.WARNING)

    async def post(self, path: str, body: bytes, content_type: str) -> Answer | NoAnswer:
        """One POST, within the deadline in all."""
        sent = _Body(body, content_type=content_type)
        try:
            return await self._ask("POST", path, sent)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            return NoAnswer(sent.left, _why(error))

    async def get(self, path: str, *, most: int = MOST_BYTES) -> Answer | NoAnswer:
        """One GET, within the deadline in all; `most` bytes of answer. It changes nothing, so `left` says nothing."""
        try:
            return await self._ask("GET", path, None, most)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            return NoAnswer(False, _why(error))

    async def close(self) -> None:
        """Let go of this event loop's connections; the next request opens new ones."""
        session = self._sessions.pop(asyncio.get_running_loop(), None)
        if session is not None:
            await session.close()

    async def _ask(self, method: str, path: str, body: _Body | None, most: int = MOST_BYTES) -> Answer:
        answer: Answer | None = None
        try:
            async with (
                asyncio.timeout(self.deadline),
                self._session().request(method, path, data=body, allow_redirects=False) as response,
            ):
                answer = Answer(response.status, response.headers, whole=False)
                read = await _read(response, most)
                return Answer(response.status, response.headers, *read)
        except (aiohttp.ClientError, OSError, TimeoutError):
            if answer is None:
                raise
            return answer

    def _session(self) -> aiohttp.ClientSession:
        loop = asyncio.get_running_loop()
        session = self._sessions.get(loop)
        if session is None or session.closed:
            session = aiohttp.ClientSession(
                self.base,
                connector=aiohttp.TCPConnector(limit=self.at_once, keepalive_timeout=IDLE),
                headers={"Accept-Encoding": "identity", **self.headers},
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None, connect=CONNECT),
                auto_decompress=False,
            )
            self._sessions = {each: kept for each, kept in self._sessions.items() if not each.is_closed()}
            self._sessions[loop] = session
        return session


def read_json(answer: Answer) -> Any:
    """The answer's JSON; None where it is none."""
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        return None


async def _read(response: aiohttp.ClientResponse, most: int) -> tuple[bytes, bool]:
    """The body, and whether it ended. More than `most` is left unread, and its connection given up."""
    got = bytearray()
    while not response.content.at_eof():
        got += await response.content.read(most - len(got))
        if len(got) >= most:
            response.close()
            return bytes(got), False
    return bytes(got), True


def _why(error: BaseException) -> str:
    """In a few words, without the address that aiohttp names."""
    match error:
        case aiohttp.ClientConnectorDNSError():
            return "its name could not be looked up"
        case aiohttp.ClientConnectorCertificateError():
            return "its certificate is not good"
        case aiohttp.ClientConnectorError(os_error=ssl.SSLError()):
            return "no secure connection"
        case aiohttp.ConnectionTimeoutError() | aiohttp.ClientConnectorError():
            return "no connection"
        case TimeoutError():
            return "no answer in time"
        case aiohttp.ServerDisconnectedError() | ConnectionResetError() | aiohttp.ClientOSError():
            return "the connection broke off"
    return "the answer could not be read"
