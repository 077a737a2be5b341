"""Whose address stands in a header, and what is it called in our books?

Headers such as From come from strangers. Python's own address parser calls itself for every open bracket and has
mistaken one address for another (CVE-2023-27043), so addresses are found here with one pattern that never looks back.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from outreach.inbound.decoding import address_text, header_text

_LONGEST = 32 * 1024
_PIECE = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\Z)|<[^<>]*(?:>|\Z)|\([^()]*(?:\)|\Z)|[,;]|[^",;<(]+|.', re.S)
#: What an address of the internet looks like; local parts are taken as they come, within reason.
_ADDRESS = re.compile(r"([^\s<>()\[\]\\,;:@\"]{1,64})@([^\s<>()\[\]\\,;:@\"/]{1,253})")
_QUOTED_LOCAL = re.compile(r'"((?:[^"\\]|\\.){1,62})"@([^\s<>()\[\]\\,;:@"/]{1,253})', re.S)
_ID = re.compile(r"<([^<>\s]{1,900})>")
_BARE_ID = re.compile(r"[^\s<>()\"]{1,450}@[^\s<>()\"]{1,450}")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody named in a header. `name` may be "", `address` is canonical or None."""

    name: str
    address: str | None


def canonical(address: str) -> str | None:
    """`address` with its domain in small letters and nothing around it; None if it is no address.

    Quotes stay where a local part cannot stand without them: `"john smith"@example.org` (RFC 5321, 4.1.2).
    """
    text = address_text(address).strip().strip("<>").strip()
    if quoted := _QUOTED_LOCAL.fullmatch(text):
        text = f"{quoted[1]}@{quoted[2]}"
    found = _ADDRESS.fullmatch(text) or quoted
    if not found:
        return None
    local, domain = (f'"{found[1]}"' if found is quoted else found[1]), found[2].rstrip(".").lower()
    return f"{local}@{domain}" if domain and not domain.startswith(".") and ".." not in domain else None


def people(raw: str) -> tuple[Person, ...]:
    """Everybody whom a From, To or Cc names, in their order. `raw` is the header as it travelled."""
    return tuple(person for person in _people(raw[:_LONGEST]) if person.address or person.name)


def addresses(raw: str) -> tuple[str, ...]:
    """The addresses of `people`, each once."""
    return tuple(dict.fromkeys(person.address for person in people(raw) if person.address))


def addresses_in(text: str) -> tuple[str, ...]:
    """Every address that stands anywhere in a text, each once, in their order."""
    return tuple(
        dict.fromkeys(filter(None, (canonical(found[0].strip("'.*`=-")) for found in _ADDRESS.finditer(text))))
    )


def message_ids(raw: str) -> tuple[str, ...]:
    """The ids of a Message-ID, In-Reply-To or References, with their angle brackets; bare ones get theirs."""
    text = address_text(raw)
    found = [f"<{name}>" for name in _ID.findall(text)] or [f"<{name}>" for name in _BARE_ID.findall(text)]
    return tuple(dict.fromkeys(found))


def _people(raw: str) -> Iterator[Person]:
    words: list[str] = []
    inside: str | None = None
    for found in _PIECE.finditer(raw + ","):
        piece = found[0]
        if piece in (",", ";"):
            yield _person("".join(words), inside)
            words, inside = [], None
        elif piece[0] == "<":
            inside = piece if canonical(piece) else inside
        elif piece[0] == '"':
            words.append(piece if raw[found.end() : found.end() + 1] == "@" else _unquoted(piece))
        else:
            words.append(piece)


def _person(words: str, inside: str | None) -> Person:
    """In `a@b.example <c@d.example>` only what stands in the brackets is the address; the rest is a name."""
    name = header_text(words).strip()
    if inside is None:
        bare = re.sub(r"\([^()]*\)", " ", words).strip().removeprefix("mailto:")
        if (address := canonical(bare)) is not None:
            comment = re.search(r"\(([^()]*)\)", name)
            return Person(comment[1].strip() if comment else "", address)
        inside = next(iter(bare.split()), "")
    return Person(name, canonical(inside))


def _unquoted(piece: str) -> str:
    return re.sub(r"\\(.)", r"\1", piece.strip('"'), flags=re.S)
