"""Who plays a mail server, command by command as a test says? In the test's own event loop."""

import asyncio
from dataclasses import dataclass, field

from tests.providers.listening import Listening

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
class MailServer(Listening):
    """`odd`: what it says to some commands in place of the usual; HANG says nothing, DROP ends the connection.

    A list says something else each time; its last word stays.
    """

    odd: dict[str, str | list[str]] = field(default_factory=dict)
    from_the_start: bool = field(default=False, kw_only=True)
    mails: list[bytes] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)

    async def conversation(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._say("greeting", writer)
        while line := await reader.readline():
            await self._take(line.decode().strip(), reader, writer)

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
