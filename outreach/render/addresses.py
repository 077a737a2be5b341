"""To which web addresses do a template's plain words send people? Phones make links of them without being asked."""

import re
from collections.abc import Iterator

from outreach.core.errors import Finding
from outreach.render.environment import LINK_HELP, Hosts
from outreach.render.marks import TOKEN
from outreach.render.source import Source

#: With a scheme, with www., or a domain with a path: `evil.example/offer`. An email address is none of them.
_ADDRESS = re.compile(
    r"(?<![\w@.-])(?:https?://[^\s<>\"]+|www\.[^\s<>\"]+|(?:\w[\w-]{0,62}\.)+[^\W\d_]{2,}/[^\s<>\"]*)", re.IGNORECASE
)
_AFTER = ".,;:!?)]}'*_»”’"


def addresses_in(text: str, source: Source, hosts: Hosts) -> Iterator[Finding]:
    """OUT-137 for each address in `text` (plain words, tokens in place) that is not the shop's own."""
    words = TOKEN.sub("\ue000", text)
    for address in dict.fromkeys(found.rstrip(_AFTER) for found in _ADDRESS.findall(words)):
        literal = address.replace("\ue000", "x")
        if not hosts.safe(literal if "://" in literal else f"https://{literal}"):
            needle = address.partition("\ue000")[0]
            at = max(source.text.find(needle), 0)
            message = f"this web address is not one of ours: {address}".replace("\ue000", "…")
            yield Finding("OUT-137", message, source.place(at, len(needle)), LINK_HELP)
