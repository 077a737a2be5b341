"""Which words of a mail would a person read, and what else came with it?"""

from collections.abc import Iterator
from dataclasses import dataclass

from outreach.inbound.decoding import decoded, header_text, transferred
from outreach.inbound.mime import Part, Tree
from outreach.inbound.plain import text_of

MOST_TEXT = 64 * 1024  # characters
#: Bytes of one text part that are looked at: HTML and transfer encodings take room.
_MOST_SOURCE = 4 * MOST_TEXT


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part that is not the message's text. `size` in bytes, estimated where it is encoded; `name` may be ""."""

    name: str
    content_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Words:
    """The text of a mail, the files beside it, and whether the text was longer."""

    text: str
    attachments: tuple[Attachment, ...]
    cut: bool


def words_of(raw: bytes, tree: Tree) -> Words:
    """Plain text where there is any, else what the HTML says. Files that happen to be text stay files."""
    written = [part for part in tree.parts if part.kind.startswith("text/") and not part.attached]
    plain = [part for part in written if part.kind == "text/plain" and not (part.name and part is not written[0])]
    pages = [part for part in written if part.kind == "text/html"]
    read = {id(part) for part in (*plain, *pages)}
    text, cut = _joined(_plain_texts(raw, plain))
    if not text.strip():
        text, cut = _joined(_page_texts(raw, pages))
    files = tuple(_attachment(part) for part in tree.parts if id(part) not in read)
    return Words(text, files, cut)


def shortened(text: str) -> tuple[str, bool]:
    """At most 64 KiB of it, and whether that is less than all."""
    return text[:MOST_TEXT], len(text) > MOST_TEXT


def _plain_texts(raw: bytes, parts: list[Part]) -> Iterator[tuple[str, bool]]:
    for part in parts:
        text = decoded(part_bytes(raw, part), part.charset)
        looks_like_a_page = text[:200].lstrip()[:6].lower() in ("<html>", "<!doct", "<html ")
        yield text_of(text) if looks_like_a_page else text, part.size > _MOST_SOURCE


def _page_texts(raw: bytes, parts: list[Part]) -> Iterator[tuple[str, bool]]:
    for part in parts:
        yield text_of(decoded(part_bytes(raw, part), part.charset)), part.size > _MOST_SOURCE


def part_bytes(raw: bytes, part: Part) -> bytes:
    """The first bytes of a part, without their transfer encoding."""
    return transferred(raw[part.start : min(part.end, part.start + _MOST_SOURCE)], part.encoding)


def _joined(texts: Iterator[tuple[str, bool]]) -> tuple[str, bool]:
    pieces: list[str] = []
    length, cut = 0, False
    for text, less in texts:
        cut |= less
        if length > MOST_TEXT:
            cut = True
            break
        pieces.append(text.strip("\n"))
        length += len(text)
    whole, longer = shortened("\n\n".join(piece for piece in pieces if piece.strip()))
    return whole, cut or longer


def _attachment(part: Part) -> Attachment:
    encoded = part.encoding == "base64"
    return Attachment(header_text(part.name)[:200], part.kind, part.size * 3 // 4 if encoded else part.size)
