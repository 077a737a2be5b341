"""What exactly leaves: subject, HTML, text, headers; and how is it kept small without losing a byte?"""

import hashlib
from dataclasses import dataclass
from functools import cached_property, lru_cache
from threading import get_ident
from typing import NamedTuple

import orjson
from zstandard import DICT_TYPE_RAWCONTENT, ZstdCompressionDict, ZstdCompressor, ZstdDecompressor, ZstdError

from outreach.core.quoted import Quoted
from outreach.render.problems import RenderProblem

#: The most of a revision that is given to the packer; few are as long.
DICTIONARY = 32_768
#: A third of zlib's time for much the same size. 3 takes half as long again, for 3 % less.
_LEVEL = 1


@dataclass(frozen=True)
class Content:
    """One rendered message. `parts`: how many texts it costs (None for an email).

    `headers` of an email: From and Reply-To names, the ways out, and what keeps machines from answering. From is a
    display name only: the provider adds the sender's address.
    """

    subject: str | None
    html: str | None
    text: str
    headers: tuple[tuple[str, str], ...] = ()
    parts: int | None = None

    @cached_property
    def exact(self) -> bytes:
        """The bytes that `sha` is over and that `pack` stores: a line of JSON, then HTML and text, quoted."""
        html = None if self.html is None else orjson.dumps(self.html)
        head = [self.subject, self.headers, self.parts, None if html is None else len(html)]
        return b"".join((orjson.dumps(head), b"\n", html or b"", orjson.dumps(self.text)))

    @property
    def sha(self) -> str:
        """SHA-256 over the exact content, 64 hex digits."""
        return hashlib.sha256(self.exact).hexdigest()

    def pack(self, skeleton: bytes) -> bytes:
        """Compressed, with the revision's skeleton as the dictionary both sides know."""
        return _packer(skeleton, get_ident()).compress(self.exact)

    @staticmethod
    def unpack(data: bytes, skeleton: bytes) -> "Content":
        """The content as it was. Raises RenderProblem (OUT-120) for damaged bytes or the wrong revision."""
        return Kept.unpack(data, skeleton).content


class Kept(NamedTuple):
    """A message as it is stored and leaves: the same fields, HTML and text still quoted."""

    subject: str | None
    html: Quoted | None
    text: Quoted
    headers: tuple[tuple[str, str], ...]
    parts: int | None

    @staticmethod
    def unpack(data: bytes, skeleton: bytes) -> "Kept":
        """Raises RenderProblem (OUT-120) for damaged bytes or the wrong revision."""
        try:
            exact = _reader(skeleton, get_ident()).decompress(data, allow_extra_data=False)
            start = exact.index(b"\n") + 1
            subject, headers, parts, length = orjson.loads(exact[:start])
        except (ZstdError, ValueError, MemoryError, OverflowError) as error:  # a damaged frame may claim any size
            why = str(error) or "its size"
            raise RenderProblem("OUT-120", f"a stored message cannot be read with this revision: {why}") from None
        end = start + (length or 0)
        html = None if length is None else Quoted(exact[start:end])
        return Kept(subject, html, Quoted(exact[end:]), tuple((name, value) for name, value in headers), parts)

    @property
    def content(self) -> Content:
        """The same, to be read."""
        html = None if self.html is None else str(self.html)
        return Content(self.subject, html, str(self.text), self.headers, self.parts)


# One of each for every thread: two must not use the same at once.
@lru_cache(maxsize=64)
def _packer(skeleton: bytes, thread: int) -> ZstdCompressor:
    """A compressor that has read the skeleton. What it packs ends with a checksum."""
    return ZstdCompressor(level=_LEVEL, dict_data=_dictionary(skeleton), write_checksum=True)


@lru_cache(maxsize=64)
def _reader(skeleton: bytes, thread: int) -> ZstdDecompressor:
    return ZstdDecompressor(dict_data=_dictionary(skeleton))


def _dictionary(skeleton: bytes) -> ZstdCompressionDict:
    return ZstdCompressionDict(skeleton, dict_type=DICT_TYPE_RAWCONTENT)


def skeleton_of(subject: str, html: str, text: str) -> bytes:
    """The dictionary for a revision's messages: what is the same in all of them, at most 32 KB."""
    return Content(subject, html, text).exact[-DICTIONARY:]
