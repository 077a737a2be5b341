"""Can these colours be read on each other? WCAG 2.2, success criterion 1.4.3: 4.5 to 1."""

import re
from collections.abc import Mapping

LEAST = 4.5
_NAMED = {"white": "#ffffff", "black": "#000000", "red": "#ff0000", "gray": "#808080", "grey": "#808080"}
_SHORT = re.compile(r"#([0-9a-f])([0-9a-f])([0-9a-f])")
_LONG = re.compile(r"#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})(?:[0-9a-f]{2})?")
_RGB = re.compile(r"rgba?\(\s*(\d+)[\s,]+(\d+)[\s,]+(\d+).*\)")
Colour = tuple[int, int, int]


def colour(text: str) -> Colour | None:
    """`#0b4f8a`, `#fff`, `rgb(1, 2, 3)` or a common name; None for what we cannot tell."""
    text = _NAMED.get(text, text)
    if short := _SHORT.fullmatch(text):
        return _three([int(part * 2, 16) for part in short.groups()])
    if long := _LONG.fullmatch(text):
        return _three([int(part, 16) for part in long.groups()])
    if numbers := _RGB.fullmatch(text):
        return _three([min(int(part), 255) for part in numbers.groups()])
    return None


def _three(parts: list[int]) -> Colour:
    red, green, blue = parts
    return red, green, blue


def ratio(one: Colour, other: Colour) -> float:
    """Contrast from 1 to 21 (WCAG 2.2, relative luminance)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(found: Colour) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (part / 255 for part in found)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def too_faint(style: Mapping[str, str]) -> float | None:
    """The contrast of text and ground where it is less than LEAST, as written or with both inverted; else None.

    Some mail programs turn colours around by force. Without a colour of its own, text is black on white.
    """
    text = colour(style.get("color", "#000000"))
    ground = colour(style.get("background-color", "#ffffff"))
    if text is None or ground is None:
        return None
    least = min(ratio(text, ground), ratio(_turned(text), _turned(ground)))
    return least if least < LEAST else None


def _turned(found: Colour) -> Colour:
    return _three([255 - part for part in found])
