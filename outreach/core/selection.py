"""What did the operator choose with --select or --exclude? Comma means and, space means or."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from outreach.core.errors import Misuse


@dataclass(frozen=True, slots=True)
class Term:
    """`country:BR`."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Selection:
    """Any of the groups; all terms of a group."""

    groups: tuple[tuple[Term, ...], ...]

    def campaigns(self) -> frozenset[str] | None:
        """The campaigns it can touch, or None when a group names none."""
        named = [{t.value for t in group if t.key == "campaign"} for group in self.groups]
        return frozenset().union(*named) if all(named) else None


_EXAMPLE = 'like --select "campaign:upgrade_offer,country:BR campaign:we_were_late"'
KEYS = ("campaign", "country", "language", "customer")


def parse(text: str, *, campaigns: Iterable[str]) -> Selection:
    """`campaign:upgrade_offer,country:BR campaign:we_were_late`. Raises Misuse (OUT-620) for an unknown word."""
    groups = tuple(tuple(_term(word) for word in group.split(",") if word) for group in text.split())
    if not groups or not all(groups):
        raise Misuse("OUT-620", "the selection is empty", help='say it like --select "campaign:delivery_check"')
    known = sorted(campaigns)
    for term in (t for group in groups for t in group):
        if term.key == "campaign" and term.value not in known:
            raise Misuse(
                "OUT-620", f'no campaign is called "{term.value}"', facts=(_near(term.value, known),), help=_EXAMPLE
            )
    return Selection(groups)


def _term(word: str) -> Term:
    key, colon, value = word.partition(":")
    if not colon or not value or key not in KEYS:
        said = f'"{word}" is not something a night can be selected by'
        raise Misuse("OUT-620", said, facts=(f"use {', '.join(k + ':…' for k in KEYS)}",), help=_EXAMPLE)
    return Term(key, value)


def _near(word: str, known: list[str]) -> str:
    close = difflib.get_close_matches(word, known, 1)
    return f'did you mean "{close[0]}"?' if close else f"there are {', '.join(known)}"
