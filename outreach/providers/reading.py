"""How is a vendor's answer read from what its socket gave? (HTTP/1.1, RFC 9112)"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

#: A status line and headers longer than this are no answer.
_LONGEST_HEAD = 64 * 1024
#: Statuses without a body, whatever their headers say (RFC 9112, 6.3).
_BARE = frozenset({204, 304})


class Headers(Mapping[str, str]):
    """By name, in any case. One said several times: the values, with commas between them (RFC 9110, 5.3)."""

    __slots__ = ("_values",)

    def __init__(self, values: dict[str, str]) -> None:
        self._values = values

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def get(self, name: str, default: Any = None) -> Any:
        """As of any Mapping; without an exception for each header that is not there."""
        return self._values.get(name.lower(), default)

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the vendor answered. `body`: as much of it as was wanted; `whole`: it ended as it should."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    whole: bool = True


class Unreadable(Exception):
    """The vendor's answer is none that HTTP knows."""

    def __init__(self) -> None:
        super().__init__("the answer could not be read")


@dataclass(slots=True)
class Reading:
    """One answer, as far as it is there. `length`: of the body, None: to the connection's end; `chunked`: in pieces."""

    most: int
    rest: bytearray = field(default_factory=bytearray)
    body: bytearray = field(default_factory=bytearray)
    status: int = 0
    headers: Headers | None = None
    length: int | None = None
    chunked: bool = False
    piece: int = 0  # bytes of a piece still to come
    behind: bool = False  # a line end is due behind the last piece
    over: bool = False  # nothing more belongs to it

    def take(self, data: bytes) -> None:
        """More of it. Raises Unreadable."""
        self.rest += data
        while self.headers is None:
            if not self._head():
                return
        if self.chunked:
            self._pieces()
        else:
            self._plain()

    def _head(self) -> bool:
        """Read the status line and headers, once they are all there; an interim answer (1xx) is passed over."""
        end = self.rest.find(b"\r\n\r\n")
        if end < 0 or end > _LONGEST_HEAD:
            if len(self.rest) > _LONGEST_HEAD or not b"HTTP/1.".startswith(self.rest[:7]):
                raise Unreadable
            return False
        first, *lines = self.rest[:end].decode("latin-1").split("\r\n")
        del self.rest[: end + 4]
        self.status = _status(first)
        if self.status < 200:
            return True
        self.headers = Headers(_fields(lines))
        if first.startswith("HTTP/1.0"):
            self.headers._values.setdefault("connection", "close")
        self._measure(self.headers)
        return True

    def _measure(self, headers: Headers) -> None:
        coded, said = headers.get("Transfer-Encoding"), headers.get("Content-Length")
        if self.status in _BARE:
            self.length = 0
        elif coded is not None:
            self.chunked = coded.strip().lower() == "chunked"
        elif said is not None:
            if not (said.isascii() and said.isdigit()):
                raise Unreadable
            self.length = int(said)

    def _plain(self) -> None:
        some = self.rest if self.length is None else self.rest[: self.length - len(self.body)]
        self.body += some
        del self.rest[: len(some)]
        self.over = len(self.body) == self.length

    def _pieces(self) -> None:
        """Pieces of a chunked body (RFC 9112, 7.1), each with a line end behind it; trailers are passed over."""
        while not self.over:
            some = self.rest[: self.piece]
            self.body += some
            del self.rest[: len(some)]
            self.piece -= len(some)
            end = self.rest.find(b"\r\n")
            if self.piece or end < 0 or not self._next_piece(end):
                break
        if len(self.rest) > _LONGEST_HEAD:
            raise Unreadable

    def _next_piece(self, end: int) -> bool:
        """Read the line before `end`: a piece's size, or nothing behind one. False: the rest is yet to come."""
        line = bytes(self.rest[:end])
        if self.behind:
            if line:
                raise Unreadable
            self.behind = False
        elif size := _size(line):
            self.piece, self.behind = size, True
        else:
            last = self.rest.find(b"\r\n\r\n", end)
            self.over = last >= 0
            del self.rest[: last + 4 if self.over else 0]
            return self.over
        del self.rest[: end + 2]
        return True

    def answer(self, *, ended: bool = False) -> Answer | None:
        """What there is; None before its head. `ended`: the connection did, which is how some answers end."""
        if self.headers is None:
            return None
        whole = len(self.body) < self.most and (self.over or (ended and self.length is None and not self.chunked))
        return Answer(self.status, self.headers, bytes(self.body[: self.most]), whole)

    @property
    def leaves_it_open(self) -> bool:
        assert self.headers is not None
        return self.over and not self.rest and "close" not in self.headers.get("Connection", "").lower()


def _status(line: str) -> int:
    version, _, rest = line.partition(" ")
    status = rest[:3]
    if version not in ("HTTP/1.1", "HTTP/1.0") or not (
        status.isascii() and status.isdigit() and rest[3:4] in ("", " ")
    ):
        raise Unreadable
    if (found := int(status)) < 100 or found == 101:
        raise Unreadable
    return found


def _fields(lines: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not name or name != name.strip():
            raise Unreadable
        name, value = name.lower(), value.strip(" \t")
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def _size(line: bytes) -> int:
    """Of one piece; extensions after a semicolon are passed over."""
    digits = line.partition(b";")[0].strip()
    if not 0 < len(digits) <= 8 or digits.strip(b"0123456789abcdefABCDEF"):
        raise Unreadable
    return int(digits, 16)
