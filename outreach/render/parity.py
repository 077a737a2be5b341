"""Does a translation say what its original says: the same values, links, promises; and is it as new?

Words cannot be compared by a program; these can. How a customer is addressed may differ from language to language.
All of it is for thought (warnings): the translator knows best.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jinja2 import nodes

from outreach.core.errors import Finding
from outreach.core.terms import Severity
from outreach.render.expressions import path_of
from outreach.render.marks import Mark
from outreach.render.source import Source
from outreach.render.template import Template
from outreach.render.variables import Schema

_UNREAD = re.compile(r"\{[{%#].*?[}%#]\}|\]\([^)\n]*\)|</?[a-zA-Z][^>]*>", re.S)
_MATCHES = re.compile(r"([A-Za-z]{2,3}(?:-[A-Za-z0-9]+)*)@([0-9a-f]{6,64})")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_ADDRESS = re.compile(r"(?:https://|mailto:)[^\s)\"'<>]+")
#: How one speaks to a person differs from language to language.
_ADDRESSING = frozenset({"customer", "shop", "loop"})
_PROMISING = frozenset({"date", "money", "time"})


@dataclass(frozen=True, slots=True)
class Version:
    """One language of a message. `template` None: it has errors, and only its age is looked at."""

    language: str
    source: Source
    schema: Schema
    template: Template | None = None


def parity_of(versions: Sequence[Version], shop_language: str) -> Iterator[tuple[Version, Finding]]:
    """What the translations of one message lack or have too much, with whose finding it is."""
    by_language = {version.language: version for version in versions}
    for version in versions:
        original = by_language.get(_made_from(version, by_language, shop_language))
        if original is None or original is version:
            continue
        for finding in (*_age(version, original), *_differences(version, original)):
            yield version, finding


def _made_from(version: Version, known: dict[str, Version], shop_language: str) -> str:
    found = _MATCHES.fullmatch(version.source.front.matches or "")
    if found:
        return found[1]
    return next((name for name in (shop_language, "en") if name in known), "")


def _age(version: Version, original: Version) -> Iterator[Finding]:
    said, now = version.source.front.matches, f"{original.language}@{original.source.words}"
    place = version.source.place(version.source.front_at("matches"), len(said or "-"))
    mend = f"read {original.source.file}, bring this up to it, then write: matches: {now}"
    if said is None:
        message = f"nobody can tell whether this still says what {original.language} says"
        yield _thought("OUT-164", message, version.source, help=mend)
    elif not (found := _MATCHES.fullmatch(said)):
        yield Finding("OUT-164", f'"{said}" is not a language and its version', place, mend, (), Severity.WARNING)
    elif not original.source.words.startswith(found[2]) and not found[2].startswith(original.source.words):
        message = f"{original.language} changed after this was made from it; this still says the older thing"
        yield Finding("OUT-161", message, place, mend, (f"it is {now} now",), Severity.WARNING)


def _differences(version: Version, original: Version) -> Iterator[Finding]:
    if version.template is not None and original.template is not None:
        ours, theirs = _printed(version), _printed(original)
        for code, what in (("OUT-160", "value"), ("OUT-162", "link"), ("OUT-163", "promise")):
            yield from _told(
                code,
                ({p for p, k in ours.items() if k == what}, {p for p, k in theirs.items() if k == what}),
                (version, original),
            )
    for code, pattern in (("OUT-162", _ADDRESS), ("OUT-163", _NUMBER)):
        yield from _written(code, pattern, (version, original))


def _told(code: str, names: tuple[set[str], set[str]], pair: tuple[Version, Version]) -> Iterator[Finding]:
    (ours, theirs), (version, original) = names, pair
    for name in sorted(theirs - ours):
        yield _thought(code, f"{original.language} says `{name}`, this does not", version.source)
    for name in sorted(ours - theirs):
        yield _thought(code, f"this says `{name}`, {original.language} does not", version.source)


def _written(code: str, pattern: re.Pattern[str], pair: tuple[Version, Version]) -> Iterator[Finding]:
    """Numbers and addresses that are written out."""
    ours, theirs = (Counter(pattern.findall(_own_words(version.source, code))) for version in pair)
    version, original = pair
    for found in sorted((theirs - ours).keys()):
        yield _thought(code, f"{original.language} says {found}, this does not", version.source)
    for found in sorted((ours - theirs).keys()):
        yield _thought(code, f"this says {found}, {original.language} does not", version.source, needle=found)


def _own_words(source: Source, code: str) -> str:
    front = source.front
    whole = "\n".join(filter(None, (front.subject, front.preview, front.why, source.body)))
    if code == "OUT-162":
        return re.sub(r"\{[{%#].*?[}%#]\}", " ", whole, flags=re.S)
    return _UNREAD.sub(" ", whole)


def _printed(version: Version) -> dict[str, str]:
    """The values a message prints, the things of lists as `orders[].number`, and what each one is."""
    assert version.template is not None
    found: dict[str, str] = {}
    over: dict[str, str] = {}
    for mark in version.template.program.marks:
        if mark.kind == "for" and mark.node is not None:
            over = {mark.target: f"{'.'.join(path_of(mark.node))}[]"}
        elif mark.kind == "value":
            found |= {path: _sort_of(version.schema, path) for path in _paths(mark, over)}
    return found


def _paths(mark: Mark, over: dict[str, str]) -> Iterator[str]:
    """The dotted names one mark prints; what an inline `if` asks about is not printed."""
    waiting: list[nodes.Node] = [mark.node] if mark.node is not None else []
    while waiting:
        node = waiting.pop()
        if isinstance(node, nodes.CondExpr):
            waiting += [side for side in (node.expr1, node.expr2) if side is not None]
        elif isinstance(node, nodes.Name | nodes.Getattr):
            head, *rest = path_of(node)
            if head not in _ADDRESSING:
                yield ".".join([over.get(head, head), *rest])
        else:
            waiting += node.iter_child_nodes()


def _sort_of(schema: Schema, path: str) -> str:
    """Whether what stands at a path is a link, a promise (a day, an hour, an amount), or another value."""
    kind = None
    for part in path.replace("[]", "").split("."):
        many_off = schema.names.get(part) if kind is None else schema.records.get(kind.name, {}).get(part)
        if many_off is None:
            return "value"
        kind = many_off
    name = kind.name if kind else ""
    return "link" if name == "link" else "promise" if name in _PROMISING else "value"


def _thought(code: str, message: str, source: Source, *, help: str = "", needle: str = "") -> Finding:
    at = max(source.text.find(needle, source.body_at) if needle else -1, source.body_at)
    return Finding(code, message, source.place(at, len(needle)), help, severity=Severity.WARNING)
