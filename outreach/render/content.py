"""What exactly leaves: subject, HTML, text, headers; and how is it kept small without losing a byte?"""

import hashlib
import zlib
from dataclasses import dataclass
from functools import cached_property, lru_cache

import orjson

from outreach.render.problems import RenderProblem

#: zlib looks back 32 KB and no further.
DICTIONARY = 32_768
#: Two thirds of the time of zlib's usual 6, for 6 % more bytes.
_LEVEL = 3
#: A compressor of zlib's usual size (8) packs no better, and is copied by page faults: three times the packing.
_MEMORY = 5


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
        """The bytes that `sha` is over and that `pack` stores: a line of JSON, then HTML and text as they are."""
        html = None if self.html is None else self.html.encode()
        head = [self.subject, self.headers, self.parts, None if html is None else len(html)]
        return b"".join((orjson.dumps(head), b"\n", html or b"", self.text.encode()))

    @property
    def sha(self) -> str:
        """SHA-256 over the exact content, 64 hex digits."""
        return hashlib.sha256(self.exact).hexdigest()

    def pack(self, skeleton: bytes) -> bytes:
        """Compressed, with the revision's skeleton as the dictionary both sides know."""
        packer = _primed(skeleton).copy()
        return packer.compress(self.exact) + packer.flush()

    @staticmethod
    def unpack(data: bytes, skeleton: bytes) -> "Content":
        """The content as it was. Raises RenderProblem (OUT-120) for damaged bytes or the wrong revision."""
        try:
            reader = zlib.decompressobj(zdict=skeleton)
            exact = reader.decompress(data) + reader.flush()
            if not reader.eof:
                raise ValueError("it ends too early")
            start = exact.index(b"\n") + 1
            subject, headers, parts, length = orjson.loads(exact[:start])
            html = None if length is None else exact[start : start + length].decode()
            text = exact[start + (length or 0) :].decode()
        except (zlib.error, ValueError) as error:
            raise RenderProblem("OUT-120", f"a stored message cannot be read with this revision: {error}") from None
        return Content(subject, html, text, tuple((name, value) for name, value in headers), parts)


@lru_cache(maxsize=256)
def _primed(skeleton: bytes) -> "zlib._Compress":
    """A compressor that has read the skeleton, to be copied: reading it takes as long as packing half a message."""
    return zlib.compressobj(_LEVEL, memLevel=_MEMORY, zdict=skeleton)


def skeleton_of(subject: str, html: str, text: str) -> bytes:
    """The dictionary for a revision's messages: what is the same in all of them, at most 32 KB."""
    return Content(subject, html, text).exact[-DICTIONARY:]
