"""How many parts does a text message cost, and which letters make it dearer?

GSM 03.38: 160 units alone, 153 in each part of a longer one; ten characters cost two units. One letter outside
that alphabet turns the whole message into UCS-2: 70 units alone, 67 in each part; an emoji costs two.
"""

from dataclasses import dataclass

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
TWO_UNITS = frozenset("\f^{}\\[~]|€")
GSM7 = BASIC | TWO_UNITS
#: The provider refuses more characters than this.
MOST_CHARACTERS = 1600


@dataclass(frozen=True, slots=True)
class Parts:
    """`units` used in `encoding` ("GSM-7" or "UCS-2"), and the `count` of parts. `odd`: letters that force UCS-2."""

    encoding: str
    units: int
    count: int
    odd: str = ""


def parts(text: str) -> Parts:
    """How `text` travels. An empty text has no part."""
    odd = "".join(sorted(set(text) - GSM7))
    if odd:
        costs, alone, each, encoding = [2 if ord(c) > 0xFFFF else 1 for c in text], 70, 67, "UCS-2"
    else:
        costs, alone, each, encoding = [2 if c in TWO_UNITS else 1 for c in text], 160, 153, "GSM-7"
    units = sum(costs)
    count = (1 if text else 0) if units <= alone else _fill(costs, each)
    return Parts(encoding, units, count, odd)


def _fill(costs: list[int], each: int) -> int:
    """A character of two units never straddles two parts, so parts are filled one character after the other."""
    count, used = 1, 0
    for cost in costs:
        if used + cost > each:
            count, used = count + 1, 0
        used += cost
    return count
