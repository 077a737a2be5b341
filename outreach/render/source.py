"""What does a template file say: its front matter, its body, and where each of its letters stands?"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field

from outreach.core.errors import Misuse, Place
from outreach.documents import Document, parse

MOST_CHARACTERS = 100_000
#: Letters the compiler uses for its own marks; a template has no use for them.
PRIVATE = re.compile("[\ue000-\uf8ff\x00-\x08\x0b-\x1f\x7f]")
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
        found = re.search(rf"^{key}:\s*[|>]?[-+]?\s*[\"']?", self.text[: self.body_at], re.M)
        return found.end() if found else 0


def read(path: Path, shown: str) -> Source:
    """Read one file. Raises Misuse (OUT-110) naming file:line:column."""
    try:
        return understand(path.read_bytes().decode("utf-8-sig"), shown)
    except UnicodeDecodeError as error:
        raise Misuse("OUT-110", f"{shown} is not UTF-8 text (byte {error.start})", help="save it as UTF-8") from None


def understand(text: str, shown: str) -> Source:
    """Take a file's text apart. Raises Misuse (OUT-110) naming file:line:column."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    whole = Source(shown, text, Front())
    if len(text) > MOST_CHARACTERS:
        raise Misuse("OUT-110", f"{shown} is longer than {MOST_CHARACTERS:,} characters", place=Place(shown))
    if odd := PRIVATE.search(text):
        place = whole.place(odd.start())
        raise Misuse("OUT-110", f"the invisible character U+{ord(odd[0]):04X} cannot be in a template", place=place)
    found = _FRONT.match(text)
    if found is None:
        help = "start the file with a line ---, then subject: and status:, then a line ---"
        raise Misuse("OUT-110", "there is no front matter", place=whole.place(0), help=help)
    front = parse(found[1] or "", Front, shown=shown, code="OUT-110", first_line=2)
    return Source(shown, text, front, found.end())


def bare(text: str, shown: str) -> Source:
    """A file without front matter: a layout or a piece."""
    return Source(shown, text.replace("\r\n", "\n"), Front())
