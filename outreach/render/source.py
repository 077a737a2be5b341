"""What does a template file say: its front matter, its body, and where each of its letters stands?"""

import hashlib
import json
import re
import sys
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Literal

from pydantic import Field

from outreach.core.errors import Misuse, Place
from outreach.documents import Document, parse
from outreach.render.problems import Refusal

MOST_CHARACTERS = 64_000
#: Letters the compiler uses for its own marks; a template has no use for them.
PRIVATE = re.compile("[\ue000-\uf8ff\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
#: What nobody sees and everybody is misled by: letters that turn a line round, letters without width (the joiners
#: that Persian, Hindi and emoji need aside), line ends that are none.
UNSEEN = re.compile("[\u202a-\u202e\u2066-\u2069\u200b\u2060-\u2064\ufeff\u2028\u2029\ufff9-\ufffb]")
MOST_BYTES = 4 * MOST_CHARACTERS
#: Of the front matter; the longest of ours has 600.
MOST_FRONT = 8_000
_REFERENCE = re.compile(r"&(?:#[xX]([0-9a-fA-F]+)|#([0-9]+)|([a-zA-Z][a-zA-Z0-9]*))")
_ESCAPED = re.compile(r"\\x..|\\u.{4}|\\U.{8}|\\.|''", re.S)
_UNQUOTED = re.compile(r"^(subject|preview|why):\s*(\{[{%].*)$")
_KEY = r"^[\"']?{key}[\"']?[ \t]*:[ \t]*(?:[|>][-+]?\s*)?[\"']?"
_FRONT = re.compile(r"\A---[ \t]*\n(.*?\n)?---[ \t]*\n", re.S)


class Front(Document):
    """The front matter. `subject`, `preview` and `why` are templates too; `from` is one of the shop's people."""

    subject: str | None = None
    preview: str | None = None
    why: str | None = None
    status: Literal["draft", "ready", "off"] = "draft"
    signer: str | None = Field(default=None, alias="from")
    gives: str | None = None
    matches: str | None = None
    notes: str | None = None
    body: Literal["markdown", "html"] = "markdown"


@dataclass(frozen=True, slots=True)
class Source:
    """One file. `text` is the whole of it with \\n line ends; its body starts at `body_at`."""

    file: str
    text: str
    front: Front
    body_at: int = 0

    @property
    def body(self) -> str:
        """What stands below the front matter."""
        return self.text[self.body_at :]

    @property
    def words(self) -> str:
        """Six hex digits over what a customer reads (subject, preview, why, body): `matches: en@9f3c1a` names them.

        Status, notes and the like may change without making any translation older.
        """
        front = self.front
        read = [front.subject, front.preview, front.why, front.body, self.body.strip()]
        return hashlib.sha256(json.dumps(read).encode()).hexdigest()[:6]

    def place(self, at: int, width: int = 1) -> Place:
        """The place of the character at offset `at` of the whole text; `width` ends with its line."""
        start = self.text.rfind("\n", 0, at) + 1
        shown = self.text[start:].partition("\n")[0]
        column = at - start
        return Place(
            self.file, self.text.count("\n", 0, at) + 1, column + 1, shown, max(1, min(width, len(shown) - column))
        )

    def front_at(self, key: str) -> int:
        """Where the value of a front matter key starts, after its quote; 0 when the key is not there."""
        found = re.search(_KEY.format(key=key), self.text[: self.body_at], re.M)
        return found.end() if found else 0

    def front_offsets(self, key: str, value: str) -> list[int]:
        """Where in the file each character of a front matter value stands, and where it ends.

        YAML writes some of them otherwise: `\\"` and `''` are one quote, a folded line end is a space.
        """
        at, made = self.front_at(key), []
        for letter in value:
            if (letter == " " and self.text[at : at + 1] == "\n") or letter == "\n":
                made.append(at)
                at = next((i for i in range(at, self.body_at) if not self.text[i].isspace()), at)
                continue
            made.append(at)
            written = _ESCAPED.match(self.text, at) if self.text[at : at + 1] != letter or letter in "\\'" else None
            at = min(written.end() if written else at + 1, self.body_at)
        return [*made, at]


def read(path: Path, shown: str) -> Source:
    """Read one file. Raises Misuse (OUT-110) naming file:line:column."""
    return understand(_decoded(path, shown), shown)


def understand(text: str, shown: str) -> Source:
    """Take a file's text apart. Raises Misuse (OUT-110) naming file:line:column."""
    whole = bare(text, shown)
    found = _FRONT.match(whole.text)
    if found is None:
        help = "start the file with a line ---, then subject: and status:, then a line ---"
        raise Misuse("OUT-110", "there is no front matter", place=whole.place(0), help=help)
    _nothing_unseen(whole)
    front = _front(found[1] or "", shown)
    source = Source(shown, whole.text, front, found.end())
    _no_smuggling(source)
    return source


def _front(text: str, shown: str) -> Front:
    """The front matter, with a word about the slip that is made most. Raises Misuse (OUT-110)."""
    if len(text) > MOST_FRONT:
        message, help = f"the front matter is longer than {MOST_FRONT:,} characters", "the message stands below it"
        raise Misuse("OUT-110", message, place=Place(shown, 2, 1), help=help)
    try:
        return parse(text, Front, shown=shown, code="OUT-110", first_line=2)
    except Misuse as problem:
        bare = _UNQUOTED.search(problem.place.text) if problem.place else None
        if bare and not problem.findings:
            problem.help = f'put quotes around it: {bare[1]}: "{bare[2]}"'
        raise


def _no_smuggling(source: Source) -> None:
    """YAML can spell letters that must not be in a template: "\\ue000". Raises Misuse (OUT-110)."""
    for key in ("subject", "preview", "why", "notes", "gives", "matches", "signer"):
        value = getattr(source.front, key) or ""
        odd = PRIVATE.search(value) or UNSEEN.search(value) or _bad_reference(value)
        if odd:
            name = "from" if key == "signer" else key
            place = source.place(source.front_offsets(name, value)[odd.start()])
            raise Misuse("OUT-110", f"{_said(odd[0])} cannot be in `{name}`", place=place, help=_RETYPE)


_RETYPE = "delete it, or type the place anew"


def _nothing_unseen(source: Source) -> None:
    """Raises Misuse (OUT-110) for letters that mislead who reads."""
    if odd := UNSEEN.search(source.text):
        raise Misuse(
            "OUT-110", f"{_said(odd[0])} cannot be in a template", place=source.place(odd.start()), help=_RETYPE
        )


def _bad_reference(text: str) -> re.Match[str] | None:
    """The first `&#xe000;` or `&ZeroWidthSpace;`: a reference to a letter that may not be written either."""
    return next((found for found in _REFERENCE.finditer(text) if _forbidden(found)), None)


def _forbidden(found: re.Match[str]) -> bool:
    digits = (found[1] or found[2] or "").lstrip("0")
    if not found[3]:
        number = int(digits or "0", 16 if found[1] else 10) if len(digits) < 9 else 0
        letter = chr(number) if number <= sys.maxunicode else "\0"
        return number < 0x20 or bool(PRIVATE.match(letter) or UNSEEN.match(letter))
    # HTML reads the longest name it knows: `&Tab;`, and a few without their semicolon
    meant = unescape(f"&{found[3]};")
    return any(letter in "\t\n" or PRIVATE.match(letter) or UNSEEN.match(letter) for letter in meant)


def no_forged(text: str) -> None:
    """A second look, when comments are cut out and pieces joined. Raises Refusal (OUT-110)."""
    if found := _bad_reference(text):
        raise Refusal("OUT-110", f"{_said(found[0])} cannot be in a template", help=_RETYPE)


def _said(odd: str) -> str:
    return f"`{odd[:20]}`" if odd.startswith("&") else f"the invisible character U+{ord(odd[0]):04X}"


def read_bare(path: Path, shown: str) -> Source:
    """Read a file without front matter: a piece. Raises Misuse (OUT-110)."""
    piece = bare(_decoded(path, shown), shown)
    _nothing_unseen(piece)
    return piece


def bare(text: str, shown: str) -> Source:
    """A text without front matter: a layout or a piece. Raises Misuse (OUT-110) for what no template may hold."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > MOST_CHARACTERS:
        raise Misuse("OUT-110", f"{shown} is longer than {MOST_CHARACTERS:,} characters", place=Place(shown))
    source = Source(shown, text, Front())
    if odd := PRIVATE.search(text) or _bad_reference(text):
        said = f"{_said(odd[0])} cannot be in a template"
        raise Misuse("OUT-110", said, place=source.place(odd.start(), len(odd[0])), help=_RETYPE)
    return source


def _decoded(path: Path, shown: str) -> str:
    try:
        if path.stat().st_size > MOST_BYTES:  # asked before it is read: it may be anything
            raise Misuse("OUT-110", f"{shown} is longer than {MOST_CHARACTERS:,} characters", place=Place(shown))
        return decoded(path.read_bytes(), shown)
    except OSError as error:
        said = f"{shown} cannot be read: {error.strerror}"
        raise Misuse("OUT-110", said, place=Place(shown), help="is it a file?") from None


def decoded(data: bytes, shown: str) -> str:
    """The text of these bytes. Raises Misuse (OUT-110) with the place of the first that is not UTF-8."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n")
        line = before.rpartition("\n")[2]
        place = Place(shown, before.count("\n") + 1, len(line) + 1, line)
        raise Misuse("OUT-110", f"{shown} is not UTF-8 text", place=place, help="save it as UTF-8") from None
