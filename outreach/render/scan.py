"""Does a rendered message hold what must never leave: a program's word for nothing, a mark, a broken header?"""

import re
from collections.abc import Iterator
from typing import Any

#: Cheap to look for; only when one is found is it asked whether somebody wrote it on purpose.
_SIGNS = ("None", "nan", "NaN", "undefined", "{", "<", "0x", "\ue000")
_WORDS = re.compile(r"\bNone\b|\bnan\b|\bNaN\b|\bundefined\b|\{\{|\{%|<built-in|object at 0x|[\ue000-\ue003]")
#: Controls, line ends, and the letters that turn the direction of a line.
_HEADER = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200e\u200f\u061c\u2028\u2029\u202a-\u202e\u2066-\u2069]|=\\?[^?]*\\?[bBqQ]\\?"
)

#: Letters that print as nothing although Unicode calls them letters.
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")


def is_seen(line: str) -> bool:
    """Whether at least one letter of `line` can be seen."""
    return any(letter.isprintable() and letter != " " and letter not in _BLANK for letter in line)


def leaked(text: str, literals: str, *given: Any) -> str:
    """The first sign of a fault in `text` that neither the template nor a fact holds as its own words; else ''."""
    if not any(map(text.__contains__, _SIGNS)):
        return ""
    own = "\n".join([literals, *(word for value in given for word in _texts(value))])
    return next((found[0] for found in _WORDS.finditer(text) if found[0] not in own), "")


def breaks_header(line: str) -> str:
    """What in `line` must not stand in a mail header (faults, Security 5); else ''."""
    found = _HEADER.search(line)
    return repr(found[0]) if found else ""


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)
