"""What would somebody read in an HTML mail, as plain lines?

What is quoted (`blockquote`) begins with `>`, as it does in plain mail, so that quotes are recognised once. The tags
are found with one pattern that never looks back: Python's own HTML parser takes time that grows with the square of some
broken pages (CVE-2025-6069), and whoever writes to us chooses the page.
"""

import re
from html import unescape

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:]{0,30})([^<>]*)>")
_ASIDE = re.compile(r"<!--|<[!?]|</?(script|style|head|title|noscript|template|svg)(?=[\s/>])", re.I)
_SPACES = re.compile(r"[ \t\r\n\f\xa0]+")
_BLANKS = re.compile(r"\n{3,}")
_NAMES = (
    "address article aside body center dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr html li "
    "main nav ol option p pre section table tbody td tfoot th thead tr ul blockquote"
)
_SPACED = "p h1 h2 h3 h4 h5 h6 table ul ol dl blockquote pre"
_BLOCKS = frozenset(_NAMES.split())  # begin and end a line
_PARAGRAPHS = frozenset(_SPACED.split())  # have a blank line around them
_DEEPEST = 8


def text_of(html: str) -> str:
    """`html` as lines of text, in time that grows with its length only. Never raises."""
    lines = _Lines()
    html = _without_asides(html)
    at = 0
    for tag in _TAG.finditer(html):
        lines.write(html[at : tag.start()])
        lines.tag(tag[2].lower(), closing=bool(tag[1]))
        at = tag.end()
    lines.write(html[at:])
    return lines.text()


def _without_asides(html: str) -> str:
    """The page without comments, declarations, scripts, styles and head; one that is never closed hides nothing."""
    kept: list[str] = []
    at, missing = 0, set[str]()
    lower = html.lower()
    if len(lower) != len(html):  # a few letters change their length with their case
        lower = html
    while found := _ASIDE.search(html, at):
        name = (found[1] or "").lower()
        end = {"<!--": "-->"}.get(found[0], f"</{name}" if name else ">")
        close = -1 if end in missing or html.startswith("</", found.start()) else lower.find(end, found.end())
        kept.append(html[at : found.start()])
        if close < 0:
            missing.add(end)
            at = found.end()
        else:
            at = close + len(end)
        if name:  # the rest of the tag itself
            rest = html.find(">", at, at + 2_000)
            at = rest + 1 if rest >= 0 else at
    kept.append(html[at:])
    return "".join(kept)


class _Lines:
    """Text as it grows. Each line begins with one `> ` for every blockquote around it."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []
        self._quoted = 0

    def write(self, html: str) -> None:
        if words := _SPACES.sub(" ", unescape(html)):
            self._line.append(words)

    def tag(self, name: str, *, closing: bool) -> None:
        if name == "br":
            self._end(blank=True)
        elif name in _BLOCKS:
            self._end(blank=False)
            if name in _PARAGRAPHS and self._lines and self._lines[-1].strip("> "):
                self._lines.append("> " * self._quoted if closing and self._quoted else "")
        if name == "blockquote":
            self._quoted = max(self._quoted - 1, 0) if closing else min(self._quoted + 1, _DEEPEST)

    def text(self) -> str:
        self._end(blank=False)
        while self._lines and not self._lines[-1].strip("> "):
            self._lines.pop()
        return _BLANKS.sub("\n\n", "\n".join(line.rstrip() for line in self._lines)).strip("\n")

    def _end(self, *, blank: bool) -> None:
        words = _SPACES.sub(" ", "".join(self._line)).strip()
        self._line = []
        if words or blank:
            self._lines.append("> " * self._quoted + words)
