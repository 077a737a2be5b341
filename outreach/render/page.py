"""What does a mail program see in a finished HTML message? Its elements with their styles, inherited as it would.

Only what layouts and the CSS inliner write is read: style attributes, and rules by element and class inside
`@media (prefers-color-scheme: dark)`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"})
_DARK = re.compile(r"@media[^{]*prefers-color-scheme:\s*dark[^{]*\{((?:[^{}]*\{[^{}]*\})*)\s*\}")
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
#: What an element has from the one around it.
_INHERITED = ("color", "font-size", "line-height", "background-color")


@dataclass(slots=True)
class Element:
    """One element. `text`: all the text in it; `style`: its own and inherited, `dark`: the same in dark mode."""

    tag: str
    attributes: Mapping[str, str]
    above: "Element | None" = None
    style: dict[str, str] = field(default_factory=dict)
    dark: dict[str, str] = field(default_factory=dict)
    text: str = ""
    own_text: str = ""

    @property
    def classes(self) -> frozenset[str]:
        """The words of `class`."""
        return frozenset(self.attributes.get("class", "").split())

    def around(self) -> Iterator["Element"]:
        """The elements it stands in, from the inside out."""
        element = self.above
        while element is not None:
            yield element
            element = element.above

    @property
    def hidden(self) -> bool:
        """Whether nobody sees it."""
        return any(e.style.get("display") == "none" for e in (self, *self.around()))


@dataclass(frozen=True, slots=True)
class Page:
    """A message's elements in order, and its HTML."""

    html: str
    elements: list[Element]

    def all(self, *tags: str) -> Iterator[Element]:
        """Every element of these kinds."""
        return (element for element in self.elements if element.tag in tags)


def page_of(html: str) -> Page:
    """Read a message."""
    reader = _Reader(_dark_rules(html))
    reader.feed(html)
    reader.close()
    return Page(html, reader.elements)


Rules = list[tuple[list[str], dict[str, str]]]


def _dark_rules(html: str) -> Rules:
    """Selector (its words, outermost first) and declarations of each rule for dark mode."""
    found: Rules = []
    for block in _DARK.findall(html):
        for selectors, declared in _RULE.findall(block):
            found += [(selector.split(), declarations(declared)) for selector in selectors.split(",")]
    return found


def declarations(text: str) -> dict[str, str]:
    """`color: red !important` -> {"color": "red"}; `background` is read as its colour."""
    pairs = (part.partition(":") for part in text.split(";") if ":" in part)
    made = {name.strip().lower(): value.replace("!important", "").strip().lower() for name, _, value in pairs}
    if "background" in made:
        made.setdefault("background-color", made["background"])
    return made


class _Reader(HTMLParser):
    def __init__(self, dark: Rules) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self._dark = dark
        self._open: list[Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        above = self._open[-1] if self._open else None
        element = Element(tag, {name: value or "" for name, value in attrs}, above)
        own = declarations(element.attributes.get("style", ""))
        element.style = {**_handed_down(above.style if above else {}), **own}
        element.dark = {**_handed_down(above.dark if above else {}), **own, **self._in_dark(element)}
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        while self._open and any(element.tag == tag for element in self._open):
            if self._open.pop().tag == tag:
                return

    def handle_data(self, data: str) -> None:
        if self._open:
            self._open[-1].own_text += data
        for element in self._open:
            element.text += data

    def _in_dark(self, element: Element) -> dict[str, str]:
        made: dict[str, str] = {}
        for selector, declared in self._dark:
            if _fits(element, selector[-1]) and _within(element, selector[:-1]):
                made |= declared
        return made


def _handed_down(style: Mapping[str, str]) -> dict[str, str]:
    return {name: style[name] for name in _INHERITED if name in style}


def _fits(element: Element, simple: str) -> bool:
    """`a.button`: element and classes."""
    tag, *classes = simple.split(".")
    return tag in ("", "*", element.tag) and set(classes) <= element.classes


def _within(element: Element, selector: list[str]) -> bool:
    around = element.around()
    return all(any(_fits(outer, simple) for outer in around) for simple in reversed(selector))
