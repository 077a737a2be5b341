"""Does the body's HTML hold together whichever branch is taken, and may all of it be in a message?"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from itertools import chain, islice

from outreach.core.errors import Finding
from outreach.render.addresses import addresses_in
from outreach.render.assembly import html_chunks
from outreach.render.environment import Hosts
from outreach.render.marks import TOKEN, Mark, mark_of
from outreach.render.source import Source

#: After so many, the rest of a file is not worth reading.
MOST_FINDINGS = 50
#: A tag that every program reads alike: each value in quotes, or plain; no quote, `<`, `>` or `=` anywhere else.
_VALUE = r"(?:\"[^\"<>]*\"|'[^'<>]*'|[^\s\"'<>=`/]+)"
_ELEMENT = re.compile(rf"<(/?)([a-zA-Z][a-zA-Z0-9]*)((?:\s+[a-zA-Z-]+\s*=\s*{_VALUE})*)\s*/?>")
_ANY_TAG = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]*)")
_FRAME = re.compile(r"<!doctype|<\?|<!\[|</?(?:html|head|body)\b", re.I)
_VOID = frozenset({"br", "hr", "wbr", "col"})
_MAY = re.compile(
    "br|hr|wbr|col|p|h[1-4]|[uo]l|li|a|strong|em|[bius]|small|su[bp]|span|div|blockquote|pre|code|bd[io]|abbr|"
    "table|thead|tbody|tfoot|tr|t[dh]|caption|d[ltd]"
)
_ATTRIBUTE = re.compile(rf"([a-zA-Z-]+)\s*=\s*({_VALUE})")
_MAY_HAVE = re.compile("href|class|lang|dir|title|style|role|scope|colspan|rowspan|align|width|start")
_COUNTED = {"colspan": re.compile(r"[1-9]\d?"), "rowspan": re.compile(r"[1-9]\d?"), "start": re.compile(r"\d{1,9}")}
_SIZE, _COLOUR = r"\d{1,3}(?:\.\d{1,2})?(?:px|%|em)?", r"(?!transparent)[a-z]+|\#[0-9a-f]{3}(?:[0-9a-f]{3})?"
_LONGEST_STYLE = 500
#: Classes of the layout's own parts: one of them hides.
_OF_THE_LAYOUT = frozenset({"preview", "outer", "column", "letter", "foot"})
#: What a style may say: nothing that hides, moves, covers or loads.
_STYLE = re.compile(
    rf"""(?:
    (?:color|background|background-color|border(?:-\w+)?-color) \s*:\s* (?:{_COLOUR})
    | (?:margin|padding)(?:-(?:top|right|bottom|left))? \s*:\s* (?:{_SIZE}|auto)(?:\s+(?:{_SIZE}|auto)){{0,3}}
    | (?:border(?:-(?:top|right|bottom|left|width|style|radius|spacing))?) \s*:\s*
      (?:{_SIZE}|{_COLOUR})(?:\s+(?:{_SIZE}|{_COLOUR})){{0,3}}
    | (?:max-)?width \s*:\s* {_SIZE} | font-size \s*:\s* (?:[89]|[1-9]\d)px
    | line-height \s*:\s* (?:1|2)(?:\.\d{{1,2}})? | font-family \s*:\s* [\w\s,'-]+
    | font-weight \s*:\s* (?:bold|normal|[1-9]00) | font-style \s*:\s* (?:italic|normal)
    | text-align \s*:\s* (?:left|right|center|start|end) | text-decoration \s*:\s* (?:underline|none|line-through)
    | vertical-align \s*:\s* (?:top|middle|bottom|baseline) | border-collapse \s*:\s* (?:collapse|separate)
    | display \s*:\s* (?:block|inline|inline-block)
    | list-style(?:-type)? \s*:\s* (?:disc|circle|square|decimal|none) | white-space \s*:\s* (?:nowrap|normal)
    )""",
    re.X,
)


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
    words = unescape(_ELEMENT.sub(" ", html))
    several = chain(_strangers(bare, source, hosts), addresses_in(words, source, hosts))
    strangers = {found.message: found for found in islice(several, MOST_FINDINGS)}
    found = [*_frames(bare, source), *strangers.values(), *_marks(html, source, marks)]
    return found or list(_crossed(html, source, marks))


def _frames(bare: str, source: Source) -> Iterator[Finding]:
    """What is of a whole page, or for nobody to see, or what programs read differently from one another."""
    if frame := _FRAME.search(bare):
        help = "keep what stands inside <body>, without <style>"
        yield _finding("OUT-137", f"the layout draws the frame already: {frame[0]}", source, frame[0], help)
    if "<!--" in bare:
        yield _finding("OUT-137", "a comment would be sent to every customer", source, "<!--", "{# like this #}")
    at = _ELEMENT.sub("", bare).find("<")
    if at >= 0:
        rest = _ELEMENT.sub("", bare)[at:]
        tag = _ANY_TAG.match(rest)
        if tag and _MAY.fullmatch(tag[1].lower()):
            help = 'write each attribute as name="value", with the quotes, and nothing else in the tag'
            yield _finding("OUT-137", f"the tag {tag[0]} cannot be read with certainty", source, tag[0], help)
        elif tag:
            yield _finding("OUT-137", f"{tag[0]}> cannot be in a message", source, tag[0])
        else:
            yield _finding("OUT-137", "a `<` stands alone: write &lt;", source, "<")


def _strangers(bare: str, source: Source, hosts: Hosts) -> Iterator[Finding]:
    """Elements, attributes and links that cannot be in a message."""
    for closing, name, attributes in _ELEMENT.findall(bare):
        if not _MAY.fullmatch(name.lower()):
            yield _finding("OUT-137", f"<{name}> cannot be in a message", source, f"<{name}")
        for key, quoted in _ATTRIBUTE.findall(attributes):
            said = unescape(quoted.strip("\"'"))
            if closing or not _may_say(key.lower(), said):
                yield _finding("OUT-137", f"{key}={quoted} cannot be in a message".replace("\ue000", "…"), source, key)
            elif key.lower() == "href" and said != "\ue000" and ("\ue000" in said or not hosts.safe(said)):
                message = f"this link goes to a place that is not ours: {said}"
                needle = said.partition("\ue000")[0]
                yield _finding("OUT-137", message.replace("\ue000", "…"), source, needle, _WHERE)


_WHERE = "links go to https hosts in shop.links of config/outreach.yaml, or to a link variable"


def _may_say(key: str, said: str) -> bool:
    """Whether an attribute may have this value; only a link and a title may hold a value of the customer's."""
    if not _MAY_HAVE.fullmatch(key) or ("\ue000" in said and key not in ("href", "title")):
        return False
    if key == "class":
        return not _OF_THE_LAYOUT & set(said.lower().split())
    if key == "style":
        return len(said) < 500 and all(
            _STYLE.fullmatch(part.strip().lower()) for part in said.split(";") if part.strip()
        )
    return key not in _COUNTED or _COUNTED[key].fullmatch(said) is not None


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
            mark = mark_of(found[4], marks)
            if mark.kind != "value":
                word = mark.kind.removeprefix("end")
                yield _Piece(word, mark.kind in ("if", "for"), mark.kind.startswith("end"), mark)
        elif found[2].lower() not in _VOID:
            yield _Piece(found[2].lower(), not found[1], bool(found[1]))


def _finding(code: str, message: str, source: Source, needle: str, help: str = "") -> Finding:
    at = source.text.find(needle, source.body_at)
    return Finding(code, message, source.place(max(at, source.body_at), len(needle)), help)
