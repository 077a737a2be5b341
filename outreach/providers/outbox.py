"""How can messages be looked at before anything is trusted to leave? They are written to files, and only there.

PROJECT/.outreach/outbox/NIGHT/m-ID.eml holds headers and both parts as a mail program would get them; m-ID.html
opens in a browser; a text becomes m-ID.txt.
"""

import os
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path

from outreach.core.terms import Channel, MessageState
from outreach.providers.base import Envelope, Receipt


@dataclass(frozen=True, slots=True)
class Outbox:
    """Writes below `folder`; handing the same message twice writes the same file again."""

    folder: Path
    name: str = "outbox"

    def send(self, envelope: Envelope) -> Receipt:
        """Accepted once the file is in place; a disk that cannot take it refuses for now."""
        folder = self.folder / envelope.night
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for name, data in _files(envelope):
                _put(folder / name, data)
        except OSError as error:
            return Receipt(MessageState.READY, error=f"cannot write {folder.name}/{envelope.id}: {error.strerror}")
        return Receipt(MessageState.ACCEPTED, message_id=f"outbox-{envelope.id}")


def _files(envelope: Envelope) -> list[tuple[str, bytes]]:
    if envelope.channel is Channel.TEXT:
        lines = (f"From: {envelope.sender}", f"To: {envelope.to}", "", envelope.text, "")
        return [(f"{envelope.id}.txt", "\n".join(lines).encode())]
    files = [(f"{envelope.id}.eml", _mail(envelope).as_bytes(policy=SMTP))]
    if envelope.html is not None:
        files.append((f"{envelope.id}.html", envelope.html.encode()))
    return files


def _mail(envelope: Envelope) -> EmailMessage:
    mail = EmailMessage(policy=SMTP.clone(max_line_length=200))  # the stdlib mangles URLs it has to fold
    named = {name.lower() for name, _ in envelope.headers}
    if "from" not in named:
        mail["From"] = envelope.sender
    mail["To"] = envelope.to
    mail["Subject"] = envelope.subject or ""
    mail["Date"] = format_datetime(envelope.handed_at)
    for name, value in envelope.headers:
        mail[name] = value
    mail.set_content(envelope.text)
    if envelope.html is not None:
        mail.add_alternative(envelope.html, subtype="html")
    return mail


def _put(path: Path, data: bytes) -> None:
    """Whole or not at all: written beside, then renamed."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_bytes(data)
    beside.replace(path)
