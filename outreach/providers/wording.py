"""May these words stand in a mail's headers, and what of a vendor's own words may we keep?

The plan refuses unfit subjects and names already; a provider asks again, because it is the last wall (faults, Security
5): a line end in a header makes a second one, a comma or semicolon in a name makes a second recipient, direction marks
make an address read backwards, and Python 3.11's mail package lets an encoded word carry a line end (CVE-2024-6923).
"""

import re
from functools import lru_cache

from outreach.providers.base import Envelope

#: Controls, line ends, the letters that turn a line's direction, and halves of surrogate pairs.
_HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")
_ENCODED = re.compile(r"=\?[^?]*\?[bBqQ]\?")
_SPLITS = re.compile('[,;<>"@]')
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110 token, which RFC 5322 field names fit in
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"@]+@[^\s<>()\[\],;:\"@]+")
_MASKED = re.compile(r"[^\s<>\"']+@[^\s<>\"']+|\+?\d[\d ()-]{5,}\d|https?://\S+")
#: Set from the envelope's own fields, or by the vendor; never taken from a list of headers.
OWN = frozenset({"from", "reply-to", "to", "subject", "date"})
#: Of these, who signs and who gets the answer.
_PEOPLE = frozenset({"from", "reply-to"})
#: SendGrid's list of headers it sets itself, and those that would add a recipient.
NEVER = frozenset(
    {
        "cc",
        "bcc",
        "sender",
        "received",
        "return-path",
        "dkim-signature",
        "content-type",
        "content-transfer-encoding",
        "mime-version",
        "x-sg-id",
        "x-sg-eid",
        "resent-to",
        "resent-cc",
        "resent-bcc",
    }
)


def unfit(envelope: Envelope) -> str | None:
    """What in an email's headers must not leave; None: they are fit."""
    if not _ADDRESS.fullmatch(envelope.to) or _HIDDEN.search(envelope.to):
        return "the recipient's address is not one address"
    if broken(envelope.subject or ""):
        return "the subject holds what must not stand in a header"
    met = set()
    for name, value in envelope.headers:
        lower, may_be_set = _named_so(name)
        if lower in met:
            return "a header is set twice"
        met.add(lower)
        if not may_be_set:
            return f"the header {name!r:.40} must not be set"
        if broken(value):
            return f"the header {name} holds what must not stand in one"
        if lower not in OWN and not value.isascii():
            return f"the header {name} is not plain ASCII"
        if lower in _PEOPLE and not _is_one(value):
            return f"the name or address of {name} is not one name and one address"
    return None


@lru_cache(256)
def _named_so(name: str) -> tuple[str, bool]:
    """A header's name in lower case, and whether we may set it. All messages have the same few."""
    return name.lower(), _NAME.fullmatch(name) is not None and name.lower() not in NEVER


@lru_cache(256)
def _is_one(value: str) -> bool:
    """Who signs a campaign is the same in all its messages."""
    shown, address = named(value)
    return not _SPLITS.search(shown) and _ADDRESS.fullmatch(address) is not None


def broken(value: str) -> bool:
    """Whether a header's value could end it, turn it, or be decoded into another."""
    if value.isascii() and value.isprintable() and "=?" not in value:  # nearly every one, in a tenth of the time
        return False
    return bool(_HIDDEN.search(value) or _ENCODED.search(value))


def named(value: str) -> tuple[str, str]:
    """`Mara from Alder <m@x>` -> name and address; a bare address has no name."""
    shown, bracket, rest = value.rpartition("<")
    return (shown.strip(), rest.rstrip().removesuffix(">")) if bracket else ("", value.strip())


def masked(words: str) -> str:
    """A vendor's words for people and logs: no address, number or link in them, and not many."""
    return " ".join(_MASKED.sub("…", _HIDDEN.sub(" ", words)).split())[:120]
