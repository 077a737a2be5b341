"""How is the same message written without HTML? 72 columns, links on their own line, from the same Markdown.

What does not depend on the person is wrapped once per revision; a paragraph with values is wrapped per message.
"""

import re
from html.parser import HTMLParser

from outreach.render.marks import TOKEN

COLUMNS = 72
_BLOCKS = frozenset({"p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "tr", "table", "blockquote"})
_LISTS = frozenset({"ul", "ol"})
#: Around a paragraph that is wrapped per message; its indent, one figure, comes first.
_OPENS, _CLOSES = "\ue002", "\ue003"
#: A paragraph of so many letters fits on one line whatever its indent.
_SHORT = COLUMNS - 9


def text_of(html: str) -> str:
    """The plain text of a body's HTML, tokens in place. Paragraphs that hold tokens are wrapped later."""
    writer = _Writer()
    writer.feed(html)
    writer.close()
    return writer.done()


def finished(text: str) -> str:
    """The rendered text: what was left to wrap is wrapped, gaps left by branches not taken are closed."""
    first, *later = text.split(_OPENS)
    made = [first]
    for paragraph in later:
        inside, _, after = paragraph.partition(_CLOSES)
        fits = len(inside) <= _SHORT and "\n" not in inside  # most do
        made += (inside[1:].strip() if fits else _filled(inside[1:], int(inside[0])), after)
    whole = "".join(made)
    while "\n\n\n" in whole:
        whole = whole.replace("\n\n\n", "\n\n")
    return whole.strip("\n") + "\n"


def _filled(text: str, indent: int) -> str:
    if len(text) <= COLUMNS - indent and "\n" not in text:  # most paragraphs with a value in them
        return text.strip()
    margin, width = "\n" + " " * indent, COLUMNS - indent
    lines = [line.strip() for line in text.split("\n")]
    return margin.join([x if len(x) <= width else _wrapped(x, width, margin) for x in lines if x])


def _wrapped(line: str, width: int, margin: str) -> str:
    """As many words a line as fit; a word longer than the line stands alone."""
    made: list[str] = []
    while len(line) > width:
        end = line.rfind(" ", 0, width + 1)
        end = end if end > 0 else line.find(" ", width)
        if end < 0:
            break
        made.append(line[:end])
        line = line[end:].lstrip(" ")
    made.append(line)
    return margin.join(made)


class _Writer(HTMLParser):
    """Collects paragraphs. Unknown elements give their text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._made: list[str] = []
        self._now: list[str] = []
        self._href = ""
        self._counts: list[int] = []
        self._bullet = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS or tag in _LISTS or tag == "li":
            self._flush()
        if tag in _LISTS:
            self._counts.append(0 if tag == "ol" else -1000)
        elif tag == "li" and self._counts:
            self._counts[-1] += 1
            self._bullet = f"{self._counts[-1]}. " if self._counts[-1] > 0 else "- "
        elif tag == "a":
            self._href = dict(attrs).get("href") or ""
        elif tag == "br":
            self._now.append("\n")
        elif tag == "hr":
            self._flush()
            self._made.append("-" * 24 + "\n\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._href:
            self._now.append(f":\n{self._href}\n")
            self._href = ""
        elif tag in _BLOCKS or tag == "li":
            self._flush()
        elif tag in _LISTS:
            self._flush()
            self._counts.pop()
            self._made.append("\n")

    def handle_data(self, data: str) -> None:
        self._now.append(re.sub(r"\s+", " ", data))

    def handle_comment(self, data: str) -> None:
        if TOKEN.fullmatch(data):
            self._flush()
            self._made.append(data)

    def _flush(self) -> None:
        text = re.sub(r" *\n *", "\n", "".join(self._now)).strip()
        text = re.sub(r"\n[.]$", "", text)  # the full stop of a sentence that ended in a link
        self._now = []
        if text:
            indent = len(self._bullet)
            later = f"{_OPENS}{indent}{text}{_CLOSES}"
            filled = later if TOKEN.search(text) else _filled(text, indent)
            self._made.append(self._bullet + filled + ("\n" if self._bullet else "\n\n"))
            self._bullet = ""

    def done(self) -> str:
        self._flush()
        return "".join(self._made)
