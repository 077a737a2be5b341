"""Who plays a mail server, command by command as a test says? In the test's own event loop."""

import asyncio
import ssl
from dataclasses import dataclass, field
from types import TracebackType

#: What a friendly server says to each command; "." is the end of the message.
FRIENDLY = {
    "greeting": "220 mail.example ESMTP",
    "EHLO": "250-mail.example\r\n250 AUTH PLAIN",
    "AUTH": "235 2.7.0 ok",
    "MAIL": "250 2.1.0 ok",
    "RCPT": "250 2.1.5 ok",
    "DATA": "354 go ahead",
    ".": "250 2.0.0 queued",
    "RSET": "250 2.0.0 ok",
    "QUIT": "221 2.0.0 bye",
    "STARTTLS": "220 2.0.0 go ahead",
}
HANG, DROP = "hang", "drop"


@dataclass
class MailServer:
    """`odd`: what it says to some commands in place of the usual; HANG says nothing, DROP ends the connection.

    A list says something else each time; its last word stays.
    """

    odd: dict[str, str | list[str]] = field(default_factory=dict)
    tls: ssl.SSLContext | None = None
    from_the_start: bool = False
    mails: list[bytes] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    connections: int = 0

    async def __aenter__(self) -> "MailServer":
        context = self.tls if self.from_the_start else None
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=context)
        self._open: set[asyncio.Task[None]] = set()
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

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        self.connections += 1
        try:
            await self._say("greeting", writer)
            while line := await reader.readline():
                await self._take(line.decode().strip(), reader, writer)
        except (asyncio.CancelledError, ConnectionError, ssl.SSLError):
            pass
        finally:
            self._open.discard(task)
            writer.close()

    async def _take(self, line: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.heard.append(line)
        word = line.split(" ")[0].upper()
        said = await self._say(word, writer)
        if word == "DATA" and said.startswith("354"):
            self.mails.append((await reader.readuntil(b"\r\n.\r\n")).removesuffix(b".\r\n"))
            await self._say(".", writer)
        if word == "STARTTLS" and self.tls is not None and said.startswith("220"):
            await writer.start_tls(self.tls)

    async def _say(self, word: str, writer: asyncio.StreamWriter) -> str:
        said = self.odd.get(word, FRIENDLY.get(word, "500 5.5.1 what?"))
        if isinstance(said, list):
            said = said.pop(0) if len(said) > 1 else said[0]
        if said == HANG:
            await asyncio.Event().wait()
        if said == DROP:
            raise ConnectionResetError
        writer.write(f"{said}\r\n".encode())
        await writer.drain()
        return said
