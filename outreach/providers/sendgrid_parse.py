"""What mail does SendGrid hand over? Inbound Parse, in default mode (in pieces) and in raw mode (as it travelled).

The form is read as bytes: each of its fields has a charset of its own, and a framework's parser would decode them all
alike, and cut them at 1 MiB. What the fields mean is `outreach.inbound`'s.
https://www.twilio.com/docs/sendgrid/for-developers/parsing-email/setting-up-the-inbound-parse-webhook
"""

import re
from base64 import encodebytes
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from hmac import compare_digest
from json import loads
from typing import Any
from urllib.parse import quote

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from outreach.core.posts import Door, Forged, Heard, Mail, Post, TooMuch
from outreach.providers.listening import Ears
from outreach.providers.sendgrid_events import key_of
from outreach.providers.signatures import SendGridKey
from outreach.providers.wanted import unusable

#: SendGrid takes mails of up to 30 MB, attachments and all.
MOST, MOST_PARTS = 34 << 20, 1_000
SHORTEST_SECRET = 20
_KEY, _SECRET = "SENDGRID_INBOUND_KEY", "SENDGRID_INBOUND_SECRET"
#: Headers that say how a mail's parts are put together: ours are put together anew.
_OF_THE_FORM = (b"content-", b"mime-version:")
_TOKEN = re.compile(r"[A-Za-z0-9_.:-]{1,40}")
_KIND = re.compile(r"[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,60}")
#: So many bytes are encoded at a time: whole lines of 57.
_LINES = 57 * 4096
File = tuple[str, str, bytes]
Pieces = list[bytes]


@dataclass(frozen=True, slots=True)
class _Proof:
    """What a post has to show: the secret in its address, SendGrid's signature, or both."""

    secret: str = field(repr=False)
    key: SendGridKey | None

    def check(self, post: Post) -> None:
        if self.secret and not compare_digest(post.secret.encode("utf-8", "replace"), self.secret.encode()):
            raise Forged
        if self.key:
            self.key.check(post)


def door(ears: Ears, path: str) -> Door:
    """Raises Misuse (OUT-413) for a secret that can be guessed, or a key that is none."""
    secret = ears.environment.get(_SECRET, "")
    if secret and not (len(secret) >= SHORTEST_SECRET and secret.isalnum() and secret.isascii()):
        said = f"has to be {SHORTEST_SECRET} letters and digits or more: it stands in an address"
        raise unusable(_SECRET, said, 'python3 -c "import secrets; print(secrets.token_hex(20))"')
    proof = _Proof(secret, key_of(ears, _KEY) if ears.environment.get(_KEY) else None)
    return Door("SendGrid inbound", path + "/{secret}" if secret else path, MOST, partial(_read, proof))


def _read(proof: _Proof, post: Post) -> Heard:
    proof.check(post)
    return (mail_of(post.headers.get("content-type", ""), post.body),)


def mail_of(content_type: str, body: bytes) -> Mail:
    """A mail out of a multipart form. What cannot be read as one has no fields, and its bytes are kept.

    Raises TooMuch for more than MOST_PARTS parts.
    """
    read = _Parts()
    with suppress(FormParserError, LookupError, UnicodeError):  # what came before a mistake counts
        _, options = parse_options_header(content_type)
        parser = MultipartParser(options[b"boundary"], read.callbacks())
        parser.write(body)
        parser.finalize()
    if not read.fields:
        return Mail("sendgrid", {}, (), body)
    files = tuple(read.files)
    return Mail("sendgrid", read.fields, files, read.fields.get("email") or rebuilt(read.fields, files))


class _Parts:
    """Fields and files of a form, as bytes, while it is read."""

    def __init__(self) -> None:
        self.fields: dict[str, bytes] = {}
        self.files: list[File] = []
        self._count = 0
        self._begin()

    def callbacks(self) -> Any:
        return {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._name.extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._value.extend(data[start:end]),
            "on_header_end": self._header,
            "on_part_data": lambda data, start, end: self._data.extend(data[start:end]),
            "on_part_end": self._end,
        }

    def _begin(self) -> None:
        self._headers: dict[bytes, bytes] = {}
        self._name, self._value, self._data = bytearray(), bytearray(), bytearray()

    def _header(self) -> None:
        self._headers[bytes(self._name.lower())] = bytes(self._value)
        self._name, self._value = bytearray(), bytearray()

    def _end(self) -> None:
        self._count += 1
        if self._count > MOST_PARTS:
            raise TooMuch
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        name = options.get(b"name", b"").decode("utf-8", "replace")
        if b"filename" in options:
            kind = self._headers.get(b"content-type", b"").decode("ascii", "replace")
            self.files.append((options[b"filename"].decode("utf-8", "replace"), kind, bytes(self._data)))
        elif name:
            self.fields.setdefault(name, bytes(self._data))
        self._data = bytearray()


def rebuilt(fields: Mapping[str, bytes], files: Sequence[File]) -> bytes:
    """The mail of a post in default mode, put together again: what is kept of both modes is one and the same form."""
    inner = _multipart("alternative", [_part(kind, fields[name], charset) for name, kind, charset in _words(fields)])
    parts = [inner, *(_part(_kind(kind), body, name=name) for name, kind, body in files)]
    whole = _multipart("mixed", parts) if files else inner
    return b"".join((b"\r\n".join(_head(fields)), b"\r\nMIME-Version: 1.0\r\n", *whole))


def _words(fields: Mapping[str, bytes]) -> Iterator[tuple[str, str, str]]:
    try:
        charsets = loads(fields.get("charsets", b"{}"))
    except (ValueError, RecursionError):
        charsets = {}
    for name, kind in (("text", "text/plain"), ("html", "text/html")):
        if fields.get(name):
            charset = charsets.get(name) if isinstance(charsets, dict) else None
            yield name, kind, charset if isinstance(charset, str) and _TOKEN.fullmatch(charset) else "utf-8"


def _head(fields: Mapping[str, bytes]) -> Iterator[bytes]:
    """The mail's own headers, without those of how it was put together; failing them, the three that were posted."""
    lines, kept = fields.get("headers", b"").splitlines(), True
    for line in filter(None, lines):
        if line[:1] not in b" \t":
            kept = not line.lower().startswith(_OF_THE_FORM)
        if kept:
            yield line
    for name in () if lines else ("from", "to", "subject"):
        yield name.title().encode() + b": " + b" ".join(fields.get(name, b"").split())


def _multipart(kind: str, parts: Sequence[Pieces]) -> Pieces:
    """In pieces, joined once: a mail may be all of 30 MB."""
    mark = b"=_" + sha256(b"".join(piece[:4096] for part in parts for piece in part[:3])).hexdigest()[:32].encode()
    pieces = [b"Content-Type: multipart/" + kind.encode() + b'; boundary="' + mark + b'"\r\n\r\n']
    for part in parts:
        pieces += [b"--" + mark + b"\r\n", *part, b"\r\n"]
    return [*pieces, b"--" + mark + b"--\r\n"]


def _part(kind: str, body: bytes, charset: str = "", *, name: str = "") -> Pieces:
    head = f"Content-Type: {kind}" + (f'; charset="{charset}"' if charset else "")
    if name:
        head += "\r\nContent-Disposition: attachment" + f"; filename*=utf-8''{quote(name, safe='')}"
    whole = f"{head}\r\nContent-Transfer-Encoding: base64\r\n\r\n".encode()
    return [whole, *(encodebytes(body[start : start + _LINES]) for start in range(0, len(body), _LINES))]


def _kind(kind: str) -> str:
    """A file's own, if it is one."""
    found = kind.partition(";")[0].strip().lower()
    return found if _KIND.fullmatch(found) else "application/octet-stream"
