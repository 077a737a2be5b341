"""How is HTML written so that a value can never become markup? Text is escaped unless it was made by this module."""

import re
from collections.abc import Iterable
from html import escape
from typing import TypeAlias


class Html(str):
    """Markup. Whatever else is put into an element is text."""

    __slots__ = ()


Inside: TypeAlias = Html | str | None
#: Elements without an end tag.
_VOID = frozenset({"input", "br", "meta"})
#: A value that needs no quotation marks around it.
_BARE = re.compile(r"[A-Za-z0-9_.:-]+")


def text(words: str) -> Html:
    """Words, never markup."""
    return words if isinstance(words, Html) else Html(escape(words, quote=False))


def el(element: str, /, *inside: Inside, **attributes: str | bool | None) -> Html:
    """An element. Attributes: True stands alone, None and False are left out; `class_` is class."""
    given = "".join(_attribute(key, value) for key, value in attributes.items())
    if element in _VOID:
        return Html(f"<{element}{given}>")
    return Html(f"<{element}{given}>{joined(inside)}</{element}>")


def _attribute(key: str, value: str | bool | None) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    if value is True:
        return f" {name}"
    return f" {name}={value}" if _BARE.fullmatch(value) else f' {name}="{escape(value)}"'


def joined(parts: Iterable[Inside]) -> Html:
    """Parts in a row; what is missing is left out."""
    return Html("".join(text(part) for part in parts if part is not None))


def filled(sentence: str, **values: str) -> Html:
    """A sentence of the words files. Each plain value stands apart from the direction of what is around it."""
    given = {name: value if isinstance(value, Html) else el("bdi", value) for name, value in values.items()}
    return Html(escape(sentence, quote=False).format(**given))
