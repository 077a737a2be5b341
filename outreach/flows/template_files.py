"""Which template file is meant, what exactly does it hold, and how is it changed without losing anyone's words?

Bytes in, bytes out: line ends, a byte order mark and everything that is not meant to change stay as they are.
"""

import dataclasses
import difflib
import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from outreach.core.errors import Misuse, Place
from outreach.flows.app import App
from outreach.render.catalogue import FOLDER, key_of
from outreach.render.source import understand
from outreach.render.template import Key

_MARK = b"\xef\xbb\xbf"
_FRONT = re.compile(rb"\A(?:\xef\xbb\xbf)?---[ \t]*(\r\n|\r|\n)(.*?)^---[ \t]*(?:\r|\n|\Z)", re.S | re.M)
_STATUS = re.compile(rb"^(status[ \t]*:[ \t]*)([\"']?)(draft|ready|off)\2(?=[ \t\r\n])", re.M)
_NOT_STATUS = 'write it on a line of its own, like "status: draft"'


@dataclass(frozen=True, slots=True)
class TemplateFile:
    """One file as it was read. `data`: its very bytes; b"" for one that is not there any more."""

    path: Path
    key: Key
    data: bytes

    @property
    def shown(self) -> str:
        """`templates/delivery_check/email.en.j2`: how errors and the database name it."""
        return shown(self.key)

    @property
    def name(self) -> str:
        """`delivery_check/email.en`: how people type it."""
        return self.shown.removeprefix(f"{FOLDER}/").removesuffix(".j2")

    @property
    def seen(self) -> str:
        """SHA-256 of the bytes: whoever saves says from which ones they started."""
        return hashlib.sha256(self.data).hexdigest()


def shown(key: Key) -> str:
    """The file of a key, from the project folder on."""
    campaign, channel, language, variant = key
    return f"{FOLDER}/{campaign}/{channel.value}.{language}{f'@{variant}' if variant else ''}.j2"


def located(app: App, word: str) -> TemplateFile:
    """The file a word means: `delivery_check/email.en`, with or without templates/ and .j2. Misuse (OUT-184)."""
    asked = Path(word)
    if asked.is_absolute() and asked.is_relative_to(app.project):
        asked = asked.relative_to(app.project)
    parts = [part for part in asked.parts if part not in (FOLDER, ".")]
    name = "/".join(parts).removesuffix(".j2")
    known = {file.removeprefix(f"{FOLDER}/").removesuffix(".j2"): path for file, path in _all(app).items()}
    path = known.get(name)
    if path is None:
        close = difflib.get_close_matches(name, known, 3) or [n for n in known if n.startswith(f"{name}/")][:3]
        facts = (f"did you mean {' or '.join(close)}?",) if close else ()
        raise Misuse("OUT-184", f'no template is called "{word}"', facts=facts, help="like delivery_check/email.en")
    key = key_of(path)
    assert key is not None
    return TemplateFile(path, key, _bytes(path, shown(key)))


def of_campaign(app: App, campaign: str) -> list[TemplateFile]:
    """Every template file of one campaign, whatever its status, by name."""
    found = [(key_of(path), path) for path in _all(app).values() if path.parent.name == campaign]
    return [TemplateFile(path, key, _bytes(path, shown(key))) for key, path in found if key is not None]


def _all(app: App) -> dict[str, Path]:
    """Files only: a folder, a pipe or a link to nothing may bear a template's name and hold none; lint names it."""
    paths = sorted(path for path in (app.project / FOLDER).glob("[!_]*/*.j2") if path.is_file())
    keys = ((key_of(path), path) for path in paths)
    return {shown(key): path for key, path in keys if key is not None and key[0] in app.campaigns}


def _bytes(path: Path, name: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Misuse("OUT-110", f"{name} cannot be read: {error.strerror}", help="is it a file?") from None


def text_of(data: bytes, name: str) -> str:
    """The words of these bytes, line ends and all. Raises Misuse (OUT-110) when they are not UTF-8."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Misuse("OUT-110", f"{name} is not UTF-8 text (byte {error.start})", help="save it as UTF-8") from None


def made_ready(data: bytes, name: str) -> bytes:
    """The same bytes with `status: ready`. Raises Misuse (OUT-110) for front matter in which that cannot be said."""
    text_of(data, name)
    front = _FRONT.match(data)
    if front is not None:
        start, end = front.span(2)
        found = _STATUS.search(data, start, end)
        if found is not None:
            data = data[: found.start()] + found[1] + b"ready" + data[found.end() :]
        elif re.search(rb"^status\b", data[start:end], re.M) is None:
            data = data[:end] + b"status: ready" + front[1] + data[end:]
    if understand(text_of(data, name), name).front.status != "ready":
        raise Misuse("OUT-110", "the status of this template cannot be set", place=Place(name), help=_NOT_STATUS)
    return data


def in_the_manner_of(data: bytes, words: str) -> bytes:
    """Stored words (line ends are \\n) as bytes with the line ends and the byte order mark this file has now."""
    ends = b"\r\n" if b"\r\n" in data else b"\n"
    return (_MARK if data.startswith(_MARK) else b"") + words.encode().replace(b"\n", ends)


def writable(app: App, file: TemplateFile) -> TemplateFile:
    """The same words where they are really kept: of a link, the file it leads to.

    Raises Misuse (OUT-110) for one outside templates/, and for one nobody may write.
    """
    target = file.path.resolve()
    if not target.is_relative_to((app.project / FOLDER).resolve()):
        help_text = f"put the file itself there: {file.shown}"
        raise Misuse("OUT-110", f"{file.shown} is a link that leads out of {FOLDER}/", help=help_text)
    if not (os.access(target, os.W_OK) and target.stat().st_mode & 0o222):
        raise Misuse("OUT-110", f"{file.shown} is read-only", help=f"chmod u+w {file.shown}")
    return dataclasses.replace(file, path=target)


def replace(file: TemplateFile, data: bytes) -> None:
    """Write it whole or not at all. Raises Misuse (OUT-181) when the file is no longer what was read."""
    unchanged(file, file.seen)
    beside = file.path.with_name(f".{file.path.name}.{os.getpid()}")
    try:
        beside.write_bytes(data)
        beside.chmod(file.path.stat().st_mode)
        beside.replace(file.path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise Misuse("OUT-110", f"{file.shown} cannot be written: {error.strerror}") from None


def unchanged(file: TemplateFile, seen: str) -> None:
    """Raises Misuse (OUT-181) unless the file on disk is still the one that somebody saw."""
    on_disk = file.path.read_bytes() if file.path.is_file() else b""
    if hashlib.sha256(on_disk).hexdigest() != seen:
        help_text = f"look at it, then again: outreach publish {file.name}"
        raise Misuse("OUT-181", f"{file.shown} changed while it was being published", help=help_text)
