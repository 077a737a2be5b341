"""Did the domain in From say that this mail is its own? (SPF, DKIM, DMARC; RFC 8601)

Whoever takes a mail in checks that, not we: here its verdict is read. A check that passed for another domain says
nothing about From.
"""

import re
from collections.abc import Iterable, Iterator

from outreach.inbound.fields import Fields

_RESULT = re.compile(r"\b(dmarc|dkim|spf)\s*=\s*(\w+)([^;]*)", re.I)
_DOMAIN = re.compile(
    r"(?:header\.from|header\.d|header\.i|smtp\.mailfrom|smtp\.mail|envelope-from)\s*=\s*<?\"?([^\s;\"<>]+)", re.I
)
_POSTED_DKIM = re.compile(r"@([^\s:,{}]+)\s*:\s*(\w+)")
_LONGEST = 8 * 1024
_COMMENT = re.compile(r"\([^()]*\)")


def vouched_by_headers(headers: Fields, from_address: str | None, authserv: str) -> bool | None:
    """What the topmost Authentication-Results of `authserv` says about the From domain; None without a result.

    Only what that server of ours wrote counts, and "" is none: anybody can write such a header.
    """
    for value in headers.every("authentication-results"):
        server, _, results = _COMMENT.sub(" ", value[:_LONGEST]).partition(";")
        if authserv and server.split(" ")[0].strip().lower() == authserv.lower():
            return _verdict(_aligned(results), from_address)
    return None


def vouched_by_post(dkim: str, spf: str, mail_from: str | None, from_address: str | None) -> bool | None:
    """What SendGrid found: `dkim` as "{@example.org : pass}", `spf` as "pass" for the envelope's sender."""
    found = [(domain, result.lower()) for domain, result in _POSTED_DKIM.findall(dkim[:_LONGEST])]
    if spf.strip() and mail_from:
        found.append((mail_from, spf.strip().lower()))
    return _verdict(found, from_address)


def _aligned(results: str) -> Iterator[tuple[str, str]]:
    for _, result, details in _RESULT.findall(results):
        for domain in _DOMAIN.findall(details):
            yield domain, result.lower()


def _verdict(found: Iterable[tuple[str, str]], from_address: str | None) -> bool | None:
    ours = (from_address or "").rpartition("@")[2]
    results = list(found)
    if not results or not ours:
        return None
    return any(result == "pass" and _same(domain.rpartition("@")[2].lower(), ours) for domain, result in results)


def _same(one: str, other: str) -> bool:
    """Relaxed alignment (RFC 7489, 3.1): the same domain, or one above the other; never a bare top level."""
    short, long = sorted((one.strip("."), other.strip(".")), key=len)
    return short.count(".") >= 1 and (long == short or long.endswith("." + short))
