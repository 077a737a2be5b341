"""Is the footer of the finished HTML there for everyone to see, and does nothing load or run?

Asked of the very bytes that the inliner gave back, once per revision: whatever an author wrote, and however it was
read on the way, this is what mail programs are going to read.
"""

import re
from collections.abc import Iterator

from outreach.render.page import Element, Page, page_of

LOADS = frozenset({"img", "script", "form", "input", "iframe", "object", "embed", "video", "audio", "link", "base"})
#: Elements whose content is not shown, or not as what it is.
_SWALLOWS = re.compile(
    "template|textarea|select|option|details|dialog|svg|math|noscript|title|style|script|xmp|plaintext|iframe|object|"
    "button|canvas|noembed|noframes|head"
)
_LOADING = re.compile(r"@import|@font-face|(?:url|image-set|image|src)\s*\(", re.I)
#: An element's style that leaves nothing to see, whatever it is inherited from.
_UNSEEN = {
    "display": re.compile("none"),
    "visibility": re.compile("hidden|collapse"),
    "font-size": re.compile(r"0+(?:\.0+)?[a-z%]*"),
    "line-height": re.compile(r"0+(?:\.0+)?[a-z%]*"),
    "opacity": re.compile(r"0?\.?0*"),
    "max-height": re.compile(r"0+[a-z%]*"),
    "height": re.compile(r"0+[a-z%]*"),
    "color": re.compile("transparent"),
    "position": re.compile("absolute|fixed"),
}
#: What is wrong: code, and in words.
Wrong = tuple[str, str]


def wrong_with(html: str, *, address: str, stop: str) -> Iterator[Wrong]:
    """What of a finished message, tokens in place, is not as it must be.

    `address`: the postal address; `stop`: what stands for the link to stop.
    """
    page = page_of(html)
    yield from loads(page)
    links = [link for link in page.all("a") if link.attributes.get("href") == stop]
    if not any(link.text.strip() and not covered(link) for link in links):
        yield "OUT-137", "the way out of the footer cannot be seen any more"
    wanted = _plain(address)
    if not any(wanted in _plain(cell.text) and not covered(cell) for cell in page.all("p", "td", "div", "span")):
        yield "OUT-137", "the postal address of the footer cannot be seen any more"


def loads(page: Page) -> Iterator[Wrong]:
    """OUT-177: a message is complete as it is."""
    for element in page.elements:
        if element.tag in LOADS or "background" in element.attributes or "src" in element.attributes:
            yield "OUT-177", f"<{element.tag}> loads something: a message is complete as it is"
    if _LOADING.search(" ".join(_styles(page))):
        yield "OUT-177", "a style loads something: a message is complete as it is"


def covered(element: Element) -> bool:
    """Whether the element, or one it stands in, keeps its words from being seen."""
    return any(
        _SWALLOWS.fullmatch(each.tag)
        or "hidden" in each.attributes
        or any(rule.fullmatch(each.style.get(name, "-")) for name, rule in _UNSEEN.items())
        for each in (element, *element.around())
    )


def _styles(page: Page) -> Iterator[str]:
    for element in page.elements:
        yield element.attributes.get("style", "")
        if element.tag == "style":
            yield element.text


def _plain(text: str) -> str:
    return " ".join(text.split())
