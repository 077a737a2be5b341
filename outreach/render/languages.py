"""Is this word the tag of a language we can write in, and if not, which one was meant?"""

import difflib
from functools import cache
from pathlib import Path

from babel import Locale

from outreach.render.catalogue import key_of


def known(tag: str) -> bool:
    """Whether a template may be called after it: a BCP 47 tag, spelled as usual, with data in CLDR."""
    key = key_of(Path("any") / f"email.{tag}.j2")
    return key is not None and key[2] == tag == _spelled(tag)


def meant(word: str) -> str | None:
    """The tag somebody who typed `pt_br`, `PT-BR` or `German` had in mind."""
    if known(_spelled(word)):
        return _spelled(word)
    names = _names()
    close = difflib.get_close_matches(word.lower(), names, 1)
    return names[close[0]] if close else None


def _spelled(word: str) -> str:
    """RFC 5646, 2.1.1: language small, script Title, region CAPITALS."""
    first, *rest = word.replace("_", "-").split("-")
    return "-".join([first.lower(), *(part.title() if len(part) == 4 else part.upper() for part in rest)])


@cache
def _names() -> dict[str, str]:
    """Languages by their English name and by their own; only those a template may be written in."""
    english = Locale("en")
    found: dict[str, str] = {}
    for code, name in english.languages.items():
        tag = code.replace("_", "-")
        if known(tag):
            own = Locale.parse(tag, sep="-").display_name or name
            found |= {name.lower(): tag, own.lower(): tag}
    return found
