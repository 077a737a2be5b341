"""What does a template file say: its front matter, its body, and where each of its letters stands?"""

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field

from outreach.core.errors import Misuse, Place
from outreach.documents import Document, parse

MOST_CHARACTERS = 64_000
#: Letters the compiler uses for its own marks; a template has no use for them.
PRIVATE = re.compile("[\ue000-\uf8ff\x00-\x08\x0b-\x1f\x7f]")
_ESCAPED = re.compile(r"\\x..|\\u.{4}|\\U.{8}|\\.|''", re.S)
_UNQUOTED = re.compile(r"^(subject|preview|why):\s*(\{[{%].*)$")
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
        found = re.search(rf"^{key}:\s*(?:[|>][-+]?\s*)?[\"']?", self.text[: self.body_at], re.M)
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
    front = _front(found[1] or "", shown)
    source = Source(shown, whole.text, front, found.end())
    _no_smuggling(source)
    return source


def _front(text: str, shown: str) -> Front:
    """The front matter, with a word about the slip that is made most. Raises Misuse (OUT-110)."""
    try:
        return parse(text, Front, shown=shown, code="OUT-110", first_line=2)
    except Misuse as problem:
        bare = _UNQUOTED.search(problem.place.text) if problem.place else None
        if bare and not problem.findings:
            problem.help = f'put quotes around it: {bare[1]}: "{bare[2]}"'
        raise


def _no_smuggling(source: Source) -> None:
    """YAML can spell letters that must not be in a template: "\\ue000". Raises Misuse (OUT-110)."""
    for key in ("subject", "preview", "why"):
        value = getattr(source.front, key) or ""
        if odd := PRIVATE.search(value):
            place = source.place(source.front_offsets(key, value)[odd.start()])
            raise Misuse("OUT-110", f"the invisible character U+{ord(odd[0]):04X} cannot be in `{key}`", place=place)


def read_bare(path: Path, shown: str) -> Source:
    """Read a file without front matter: a piece. Raises Misuse (OUT-110)."""
    return bare(_decoded(path, shown), shown)


def bare(text: str, shown: str) -> Source:
    """A text without front matter: a layout or a piece. Raises Misuse (OUT-110) for what no template may hold."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > MOST_CHARACTERS:
        raise Misuse("OUT-110", f"{shown} is longer than {MOST_CHARACTERS:,} characters", place=Place(shown))
    source = Source(shown, text, Front())
    if odd := PRIVATE.search(text):
        said = f"the invisible character U+{ord(odd[0]):04X} cannot be in a template"
        raise Misuse("OUT-110", said, place=source.place(odd.start()), help="delete it, or type the place anew")
    return source


def _decoded(path: Path, shown: str) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Misuse("OUT-110", f"{shown} is not UTF-8 text (byte {error.start})", help="save it as UTF-8") from None
    except OSError as error:
        raise Misuse("OUT-110", f"{shown} cannot be read: {error.strerror}", help="is it a file?") from None
