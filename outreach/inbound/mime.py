"""Which parts is a mail made of, whoever wrote it?

Every limit of faults.md holds by the way it is read: parts are spans of the same bytes, never copies, and the walk
stops at the fiftieth part and the tenth level. Python's own parser calls itself once per level and looks at every open
boundary for each line, so somebody else could choose how long it takes; here it reads header blocks only (compat32).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32
from email.utils import collapse_rfc2231_value

MOST_HEADERS = 64 * 1024  # bytes of one header block
MOST_PARTS = 50
DEEPEST = 10
_END_OF_HEAD = re.compile(rb"\r?\n[ \t]*\r?\n")
_HEADER_LINE = re.compile(rb"[!-9;-~]+[ \t]*:|[ \t]+\S")
_MBOX = re.compile(rb"(?:\s*\n)?(?:>?From [^\n]*\n)?")
_LONGEST_PARAMETERS = 4096
#: Lines that begin like a boundary are looked at no more often than this, and no further than this.
_MOST_MARKS, _LONGEST_TAIL = 1000, 80


@dataclass(frozen=True, slots=True)
class Part:
    """One leaf of the tree: its headers, and where its body stands in the whole mail's bytes."""

    headers: Message
    kind: str  # lower case: text/plain
    start: int
    end: int

    @property
    def size(self) -> int:
        return self.end - self.start

    @property
    def encoding(self) -> str:
        return header(self.headers, "content-transfer-encoding").split(";")[0].strip().lower()

    @property
    def charset(self) -> str:
        return parameter(self.headers, "charset")

    @property
    def name(self) -> str:
        """The file's name, "" if the part has none."""
        return parameter(self.headers, "filename", "content-disposition") or parameter(self.headers, "name")

    @property
    def attached(self) -> bool:
        return header(self.headers, "content-disposition").strip().lower().startswith("attachment")


@dataclass(frozen=True, slots=True)
class Tree:
    """A mail taken apart. `head`: its header block. `cut`: there was more than the limits let us read."""

    head: bytes
    kind: str
    parts: tuple[Part, ...]
    cut: bool


def unified(raw: bytes) -> bytes:
    """`raw` with line ends that can be read: some programs of old write a lone CR."""
    return raw.replace(b"\r", b"\n") if b"\n" not in raw else raw


def tree(raw: bytes) -> Tree:
    """The parts of `raw` in their order. Returned messages (message/rfc822) are leaves: what is in them is not said."""
    begin = found.end() if (found := _MBOX.match(raw)) else 0
    walk = _Walk(raw)
    headers, body = walk.head(begin, len(raw))
    walk.visit(headers, body, len(raw), depth=0)
    return Tree(raw[begin : min(body, begin + MOST_HEADERS)], kind_of(headers), tuple(walk.parts), walk.cut)


def head_of(block: bytes) -> Message:
    """One header block. Lines that are no header are passed over, where Python's parser would stop."""
    lines = block[:MOST_HEADERS].splitlines(keepends=True)
    while lines and lines[0][:1] in (b" ", b"\t"):
        lines.pop(0)
    return BytesHeaderParser(policy=compat32).parsebytes(b"".join(line for line in lines if _HEADER_LINE.match(line)))


def header(headers: Message, name: str) -> str:
    """The first value of `name` as it stands, "" without one; undecodable bytes are surrogates."""
    wanted = name.lower()
    return next((value for key, value in headers.raw_items() if key.lower() == wanted), "")


def kind_of(headers: Message) -> str:
    """`type/subtype`; text/plain where none, or none that can be read, is given (RFC 2045, 5.2)."""
    kind = header(headers, "content-type").partition(";")[0].strip().lower()
    return kind if kind.count("/") == 1 and kind.isascii() else "text/plain"


def parameter(headers: Message, name: str, of: str = "content-type") -> str:
    """A parameter such as `charset` or `boundary`, RFC 2231 forms too; "" without one."""
    value = header(headers, of)[:_LONGEST_PARAMETERS].encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    one = Message(policy=compat32)
    one["Content-Type"] = value.replace("\r", " ").replace("\n", " ")
    try:
        return collapse_rfc2231_value(one.get_param(name, "")).strip()
    except (ValueError, LookupError, TypeError):  # RFC 2231 pieces that contradict one another
        return ""


class _Walk:
    """A way through one mail; stops by itself."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.parts: list[Part] = []
        self.cut = False

    def head(self, start: int, end: int) -> tuple[Message, int]:
        """The headers that begin at `start`, and where the body begins."""
        if self.raw[start : start + 2] in (b"\r\n", b"\n\n") or self.raw[start : start + 1] == b"\n":
            return head_of(b""), min(end, self.raw.find(b"\n", start) + 1)
        found = _END_OF_HEAD.search(self.raw, start, end)
        stop, body = (found.start(), found.end()) if found else (end, end)
        self.cut |= stop - start > MOST_HEADERS
        return head_of(self.raw[start : min(stop, start + MOST_HEADERS)]), body

    def visit(self, headers: Message, start: int, end: int, *, depth: int) -> None:
        kind = kind_of(headers)
        boundary = parameter(headers, "boundary").encode("utf-8", "replace") if kind.startswith("multipart/") else b""
        spans = list(self._between(boundary, start, end)) if boundary and depth < DEEPEST else []
        if spans:
            for first, last in spans:
                if len(self.parts) >= MOST_PARTS:
                    self.cut = True
                    return
                inner, body = self.head(first, last)
                self.visit(inner, body, last, depth=depth + 1)
        else:
            self.cut |= kind.startswith("multipart/")
            leaf = "text/plain" if kind.startswith("multipart/") else kind
            self.parts.append(Part(headers, leaf, start, max(start, end)))

    def _between(self, boundary: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
        """What stands between the boundary's lines; the last one may be missing."""
        first: int | None = None
        for mark in self._marks(b"--" + boundary, start, end):
            if first is not None:
                yield first, mark
            line_end = self.raw.find(b"\n", mark + 1, end)
            if self.raw[mark : line_end if line_end >= 0 else end].rstrip().endswith(b"--" + boundary + b"--"):
                return
            first = line_end + 1 if line_end >= 0 else end
        if first is not None:
            yield first, end

    def _marks(self, mark: bytes, start: int, end: int) -> list[int]:
        """Where the line breaks stand before lines that are the boundary, or its end, and nothing else."""
        found: list[int] = []
        for broken in (b"\n" + mark, b"\n " + mark):  # some programs write a blank before it
            at, looked = self.raw.find(broken, max(start - 1, 0), end), 0
            while at >= 0 and looked < _MOST_MARKS:
                rest = self.raw[at + len(broken) : at + len(broken) + _LONGEST_TAIL].partition(b"\n")[0]
                if rest.strip() in (b"", b"--"):
                    found.append(at)
                at, looked = self.raw.find(broken, at + 1, end), looked + 1
            self.cut |= looked >= _MOST_MARKS
        return sorted(found)
