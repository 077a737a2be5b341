"""Does the body's HTML hold together whichever branch is taken, and may all of it be in a message?"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from outreach.core.errors import Finding
from outreach.render.assembly import html_chunks
from outreach.render.environment import Hosts
from outreach.render.marks import TOKEN, Mark
from outreach.render.source import Source

#: After so many, the rest of a file is not worth reading.
MOST_FINDINGS = 50
_ELEMENT = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)((?:\"[^\"]*\"|'[^']*'|[^'\"<>])*)>")
_FRAME = re.compile(r"<!doctype|<\?xml|</?(?:html|head|body)\b", re.I)
_COMMENT = re.compile(r"<!--.*?-->|<![a-zA-Z][^>]*>|<\?[^>]*>", re.S)
_VOID = frozenset({"br", "hr", "wbr", "col"})
_MAY = re.compile(
    "br|hr|wbr|col|p|h[1-4]|[uo]l|li|a|strong|em|[bius]|small|su[bp]|span|div|blockquote|pre|code|bd[io]|abbr|"
    "table|thead|tbody|tfoot|tr|t[dh]|caption|d[ltd]"
)
_ATTRIBUTE = re.compile(r"([a-zA-Z-]+)\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s\"'>]+)")
_MAY_HAVE = re.compile("href|class|lang|dir|title|style|role|scope|colspan|rowspan|align|width|start")


@dataclass(frozen=True, slots=True)
class _Piece:
    """An element's opening or closing, or a tag of the template."""

    word: str
    opens: bool = False
    closes: bool = False
    mark: Mark | None = None


def findings_of(html: str, source: Source, marks: Sequence[Mark], hosts: Hosts) -> list[Finding]:
    """All that is wrong with the body's HTML: OUT-136 crossed structure, OUT-137 what may not be there."""
    bare = TOKEN.sub("\ue000", html)
    strangers = {found.message: found for found in islice(_strangers(bare, source, hosts), MOST_FINDINGS)}
    found = [*_frames(bare, source), *strangers.values(), *_marks(html, source, marks)]
    return found or list(_crossed(html, source, marks))


def _frames(bare: str, source: Source) -> Iterator[Finding]:
    """What is of a whole page, or for nobody to see."""
    if frame := _FRAME.search(bare):
        help = "keep what stands inside <body>, without <style>"
        yield _finding("OUT-137", f"the layout draws the frame already: {frame[0]}", source, frame[0], help)
    if "<!--" in bare:
        yield _finding("OUT-137", "a comment would be sent to every customer", source, "<!--", "{# like this #}")
    if "<" in _ELEMENT.sub("", _COMMENT.sub("", bare)):
        yield _finding("OUT-137", "a `<` stands alone: write &lt;", source, "<")


def _strangers(bare: str, source: Source, hosts: Hosts) -> Iterator[Finding]:
    """Elements, attributes and links that cannot be in a message."""
    for closing, name, attributes in _ELEMENT.findall(_COMMENT.sub("", bare)):
        if not _MAY.fullmatch(name.lower()):
            yield _finding("OUT-137", f"<{name}> cannot be in a message", source, f"<{name}")
        for key, quoted in [] if closing else _ATTRIBUTE.findall(attributes):
            url = quoted.strip("\"'").replace("&amp;", "&")
            if not _MAY_HAVE.fullmatch(key.lower()) or (
                key.lower() == "style" and re.search(r"url|expression|@|\\", quoted)
            ):
                yield _finding("OUT-137", f"{key}= cannot be in a message", source, key)
            elif key.lower() == "href" and url != "\ue000" and ("\ue000" in url or not hosts.safe(url)):
                message = f"this link goes to a place that is not ours: {url}"
                help = "links go to https hosts in shop.links of config/outreach.yaml, or to a link variable"
                yield _finding("OUT-137", message.replace("\ue000", "…"), source, url.partition("\ue000")[0], help)


def _marks(html: str, source: Source, marks: Sequence[Mark]) -> Iterator[Finding]:
    for chunk in html_chunks(html, marks):
        mark = chunk.mark
        if mark is not None and mark.kind != "value" and chunk.where != "content":
            yield Finding("OUT-136", f"`{mark.kind}` cannot stand inside an element's own tag", mark.place)


def _crossed(html: str, source: Source, marks: Sequence[Mark]) -> Iterator[Finding]:
    """Every element and every tag closes in the branch where it was opened."""
    stack: list[_Piece] = []
    for piece in _pieces(html, marks):
        if piece.opens:
            stack.append(piece)
            continue
        word = {"elif": "if", "else": "if"}.get(piece.word, piece.word)
        if not stack or stack[-1].word != word:
            place = piece.mark.place if piece.mark else source.place(source.body_at)
            message = f"{_said(piece)} crosses {_said(stack[-1])}" if stack else f"{_said(piece)} closes nothing"
            help = "close bold, lists and links in the same branch they are opened in"
            yield Finding("OUT-136", message, place, help)
            return
        if piece.closes:
            stack.pop()
    for piece in stack[:1]:
        yield Finding("OUT-136", f"{_said(piece)} is never closed", source.place(source.body_at))


def _said(piece: _Piece) -> str:
    return f"`{piece.mark.kind}`" if piece.mark else f"<{piece.word}>"


def _pieces(html: str, marks: Sequence[Mark]) -> Iterator[_Piece]:
    whole = re.compile(f"{_ELEMENT.pattern}|{TOKEN.pattern}")
    for found in whole.finditer(html):
        if found[4] is not None:
            mark = marks[int(found[4])]
            if mark.kind != "value":
                word = mark.kind.removeprefix("end")
                yield _Piece(word, mark.kind in ("if", "for"), mark.kind.startswith("end"), mark)
        elif found[2].lower() not in _VOID:
            yield _Piece(found[2].lower(), not found[1], bool(found[1]))


def _finding(code: str, message: str, source: Source, needle: str, help: str = "") -> Finding:
    at = source.text.find(needle, source.body_at)
    return Finding(code, message, source.place(max(at, source.body_at), len(needle)), help)
