"""How can messages be looked at before anything is trusted to leave? They are written to files, and only there.

PROJECT/.outreach/outbox/NIGHT/m-ID.eml holds headers and both parts as a mail program would get them; m-ID.html
opens in a browser; a text becomes m-ID.txt.
"""

import os
from dataclasses import dataclass
from datetime import datetime
from email.charset import Charset
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.utils import format_datetime
from pathlib import Path

from outreach.core.lifecycle import Fault
from outreach.core.terms import Channel
from outreach.providers.base import CONNECTIONS, Envelope, Found, LookUp, Receipt, Verdict
from outreach.providers.mime import with_files


@dataclass(frozen=True, slots=True)
class Outbox:
    """Writes below `folder`; handing the same message twice writes the same file again."""

    folder: Path
    name: str = "outbox"
    idempotent: bool = True
    per_second: float | None = None
    at_once: int = CONNECTIONS

    async def ready(self, calls: int) -> None:
        """A folder needs no connection."""

    async def send(self, envelope: Envelope) -> Receipt:
        """Accepted once the file is in place; a disk that cannot take it was surely not reached.

        Never waits: a few files cost less than handing them to a thread would.
        """
        folder = self.folder / envelope.night
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for name, data in _files(envelope):
                _put(folder / name, data)
        except OSError as error:
            return Receipt(Fault.NOT_REACHED, said=f"cannot write {folder.name}/{envelope.id}: {error.strerror}")
        return Receipt(message_id=f"outbox-{envelope.id}")

    async def look_up(self, envelope: Envelope, since: datetime) -> LookUp:
        """Nobody asks: a message handed twice is one file, so it is never in doubt."""
        return LookUp(Found.CANNOT_TELL)

    async def check(self) -> Verdict:
        """Whether the folder can be written to."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            return Verdict(False, f"cannot write {self.folder.name}: {error.strerror}", "make the folder writable")
        return Verdict(True, "messages are kept on this machine")

    async def close(self) -> None:
        """Nothing is held open."""


def _files(envelope: Envelope) -> list[tuple[str, bytes]]:
    if envelope.channel is Channel.TEXT:
        lines = (f"From: {envelope.sender}", f"To: {envelope.to}", "", str(envelope.text), "")
        return [(f"{envelope.id}.txt", "\n".join(lines).encode())]
    files = [(f"{envelope.id}.eml", _mail(envelope).as_bytes())]
    if envelope.html is not None:
        files.append((f"{envelope.id}.html", str(envelope.html).encode()))
    return files


def _mail(envelope: Envelope) -> MIMEMultipart:
    """As a mail program gets it. The older MIME classes: a sixth of the time, and they leave long URLs whole."""
    words = MIMEMultipart("alternative")
    words.attach(_part(str(envelope.text), "plain"))
    if envelope.html is not None:
        words.attach(_part(str(envelope.html), "html"))
    mail = with_files(words, envelope.attached)
    headers = {"From": envelope.sender, **dict(envelope.headers)}
    headers |= {"To": envelope.to, "Subject": envelope.subject or "", "Date": format_datetime(envelope.handed_at)}
    for name, value in headers.items():
        mail[name] = value if value.isascii() else Header(value, "utf-8", header_name=name).encode()
    return mail


def _part(words: str, kind: str) -> MIMENonMultipart:
    """8-bit, so that the file can be read as it is; these files travel nowhere."""
    readable = Charset("utf-8")
    readable.body_encoding = None  # type: ignore[assignment]  # documented so; the stubs say int
    part = MIMENonMultipart("text", kind)
    part.set_payload(words, readable)
    return part


def _put(path: Path, data: bytes) -> None:
    """Whole or not at all: written beside, then renamed."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_bytes(data)
    beside.replace(path)
