"""Can everyone read this finished email? Each rule of the layout, looked for in the message itself (OUT-170 to 179)."""

import re
from collections.abc import Iterator, Mapping
from itertools import chain

from outreach.core.errors import Finding, Place
from outreach.core.terms import Severity
from outreach.render.content import Content
from outreach.render.contrast import LEAST, too_faint
from outreach.render.formats import is_right_to_left
from outreach.render.page import Element, Page, page_of
from outreach.render.plaintext import COLUMNS
from outreach.render.seen import loads
from outreach.render.source import Source
from outreach.render.tone import Tone
from outreach.render.trial import said_of

_TARGET = 44
_LEAST_TEXT, _LEAST_BODY = 14, 16
_PIXELS = re.compile(r"(\d+(?:\.\d+)?)px")
#: What is wrong: code, in words, and the words to look for in the template, if they are the author's.
Wrong = tuple[str, str, str]


def readable(source: Source, language: str, contents: Mapping[str, Content], *, tone: Tone) -> Iterator[Finding]:
    """All that is wrong with the rendered emails, once each, with for whom."""
    found: dict[Wrong, list[str]] = {}
    for person, content in contents.items():
        if content.html is not None:
            page = page_of(content.html)
            for wrong in dict.fromkeys([*_wrong(page, content, (language, tone)), *_preview(page, source)]):
                found.setdefault(wrong, []).append(person)
    for (code, message, needle), people in found.items():
        at = source.text.find(needle, source.body_at) if needle else -1
        place = source.place(at, len(needle)) if at >= 0 else Place(source.file)
        facts = () if len(people) == len(contents) else (said_of(people),)
        severity = Severity.WARNING if code == "OUT-174" else Severity.ERROR
        yield Finding(code, message, place, facts=facts, severity=severity)


def _wrong(page: Page, content: Content, about: tuple[str, Tone]) -> Iterator[Wrong]:
    language, tone = about
    yield from chain(
        _language(page, language),
        _head(page, content.subject or ""),
        _tables_and_headings(page),
        _links(page, tone),
        _colours_and_sizes(page),
        _loads(page),
        _plain(page, content.text),
    )


def _language(page: Page, language: str) -> Iterator[Wrong]:
    direction = "rtl" if is_right_to_left(language) else "ltr"
    for tag in ("html", "td"):
        if not any(_says(e, lang=language, dir=direction) for e in page.all(tag)):
            yield "OUT-170", f'<{tag}> does not say lang="{language}" and dir="{direction}"', ""


def _says(element: Element, **wanted: str) -> bool:
    return all(element.attributes.get(name, "").lower() == value.lower() for name, value in wanted.items())


def _head(page: Page, subject: str) -> Iterator[Wrong]:
    titles = [" ".join(e.text.split()) for e in page.all("title")]
    if titles != [" ".join(subject.split())]:
        yield "OUT-171", "<title> is not the subject", ""
    at = page.html.lower().find('<meta charset="utf-8"')
    if at < 0 or len(page.html[:at].encode()) > 1024:  # HTML standard: within the first 1024 bytes
        yield "OUT-171", 'the head does not begin with <meta charset="utf-8">', ""
    named = {e.attributes.get("name", ""): e.attributes.get("content", "") for e in page.all("meta")}
    for name, wanted in (("viewport", "width=device-width"), ("color-scheme", "dark"), ("format-detection", "no")):
        if wanted not in named.get(name, ""):
            yield "OUT-178", f'<meta name="{name}"> does not say {wanted}', ""


def _preview(page: Page, source: Source) -> Iterator[Wrong]:
    if source.front.preview and not any(e.hidden and e.text.strip() for e in page.all("div")):
        yield "OUT-178", "the preview line is not in the message, or is seen in it", ""


def _tables_and_headings(page: Page) -> Iterator[Wrong]:
    for table in page.all("table"):
        heads = [e for e in page.all("th") if table in e.around()]
        if not _says(table, role="presentation") and (not heads or any("scope" not in e.attributes for e in heads)):
            yield "OUT-172", 'a table says role="presentation", or has <th scope="col"> over its columns', "<table"
    if sum(1 for _ in page.all("h1")) > 1:
        yield "OUT-173", "there is more than one heading of the first rank", "# "


def _links(page: Page, tone: Tone) -> Iterator[Wrong]:
    for link in page.all("a"):
        words = " ".join(link.text.split())
        if not words:
            yield "OUT-174", "a link has no words", ""
        elif words.casefold().strip(" .:>→") in tone.nowhere:
            yield "OUT-174", f'"{words}" does not say where the link goes', words
        if "underline" not in link.style.get("text-decoration", ""):
            yield "OUT-174", f'the link "{words}" is not underlined', words
        high = _height(link)
        if link.style.get("display") == "inline-block" and high < _TARGET:
            yield "OUT-175", f'"{words}" is {high:.0f} px high: a finger needs {_TARGET}', words


def _height(link: Element) -> float:
    size = _pixels(link.style.get("font-size", ""), _LEAST_BODY)
    line = link.style.get("line-height", "1.5")
    text = _pixels(line, 0) or size * float(line if re.fullmatch(r"\d+(?:\.\d+)?", line) else 1.2)
    sides = _PIXELS.findall(link.style.get("padding", "")) or ["0"]
    border = _pixels(link.style.get("border", ""), 0)
    return text + float(sides[0]) + float(sides[2] if len(sides) > 2 else sides[0]) + 2 * border


def _pixels(text: str, otherwise: float) -> float:
    found = _PIXELS.search(text)
    return float(found[1]) if found else otherwise


def _colours_and_sizes(page: Page) -> Iterator[Wrong]:
    for element in page.elements:
        words = " ".join(element.own_text.split())
        if not words or element.hidden or not any(e.tag == "body" for e in (element, *element.around())):
            continue
        for mode, style in (("light", element.style), ("dark", element.dark)):
            if (faint := too_faint(style)) is not None:
                yield "OUT-176", f'"{_short(words)}" is hard to read in {mode} mode: {faint:.1f}, not {LEAST}', ""
        least = _LEAST_TEXT if any("foot" in e.classes for e in (element, *element.around())) else _LEAST_BODY
        size = _pixels(element.style.get("font-size", ""), least)
        if size < least:
            yield "OUT-176", f'"{_short(words)}" is {size:.0f} px: {least} can be read', ""


def _loads(page: Page) -> Iterator[Wrong]:
    for code, message in loads(page):
        yield code, message, message.partition(">")[0] if message.startswith("<") else ""


def _plain(page: Page, text: str) -> Iterator[Wrong]:
    lines = [line.strip() for line in text.splitlines()]
    for line in text.splitlines():
        if len(line) > COLUMNS and " " in line.strip():
            yield "OUT-179", f'a line of the plain text is longer than {COLUMNS} columns: "{_short(line)}"', ""
    for link in page.all("a"):
        if link.attributes.get("href", "") not in lines:
            words = " ".join(link.text.split())
            yield "OUT-179", f'the link "{words}" has no line of its own in the plain text', words


def _short(words: str) -> str:
    return words if len(words) <= 40 else f"{words[:40]}…"
