"""What is posted to us by providers, through which doors, and what does a door make of a post?

A door is built from keys by a provider's file (providers/listening.py); the web program knows it only as a `Door`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from outreach.core.inbound import Event, Written


class Forged(Exception):
    """Nothing proves that this post is the provider's. Holds no more than that: whoever forges is told nothing."""


class TooMuch(Exception):
    """More in one post than any provider sends."""


@dataclass(frozen=True, slots=True)
class Post:
    """One POST as it came. `headers`: lower-cased names; one that came twice is joined by ", " (RFC 9110 5.3).

    `query`: what stood after the "?", as it stood there. `secret`: the last part of the path, where a door has one.
    """

    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    at: datetime
    query: str = ""
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that was posted to us: form fields as raw bytes, and (name, content type, bytes) of each file with them.

    `raw`: the mail as it would travel (RFC 5322), kept.
    """

    provider: str
    fields: Mapping[str, bytes] = field(repr=False)
    files: tuple[tuple[str, str, bytes], ...] = field(repr=False)
    raw: bytes = field(repr=False)


Heard = tuple[Event | Written | Mail, ...]


@dataclass(frozen=True, slots=True)
class Door:
    """Where a provider posts. `read` raises Forged and TooMuch, and nothing else whatever is posted.

    `most`: bytes of a body. `answer`: what the provider wants to hear when all is kept, and of which media type.
    """

    name: str
    path: str
    most: int
    read: Callable[[Post], Heard] = field(repr=False)
    answer: str = ""
    media_type: str = "text/plain"


@dataclass(frozen=True, slots=True)
class Shut:
    """A door that does not open: these variables are not set. Nobody can post what nobody can prove."""

    name: str
    path: str
    lacks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Doors:
    """All of them."""

    opened: tuple[Door, ...]
    shut: tuple[Shut, ...] = ()
