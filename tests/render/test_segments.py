"""Does a text cost what a carrier counts?"""

import pytest

from outreach.core.segments import parts


@pytest.mark.parametrize(
    ("text", "encoding", "units", "count"),
    [
        ("", "GSM-7", 0, 0),
        ("a" * 160, "GSM-7", 160, 1),
        ("a" * 161, "GSM-7", 161, 2),
        ("a" * 306, "GSM-7", 306, 2),
        ("a" * 307, "GSM-7", 307, 3),
        ("€" * 80, "GSM-7", 160, 1),
        ("€" * 81, "GSM-7", 162, 2),
        ("[" + "a" * 158, "GSM-7", 160, 1),
        ("a" * 152 + "€" + "a" * 152, "GSM-7", 306, 3),  # the pair may not straddle: it starts the second part
        ("àèéùìòÇØøÅåΔÆæßÉ¤¡ÄÖÑÜ§¿äöñü", "GSM-7", 28, 1),
        ("ç", "UCS-2", 1, 1),
        ("\u00a0", "UCS-2", 1, 1),
        ("ã" * 70, "UCS-2", 70, 1),
        ("ã" * 71, "UCS-2", 71, 2),
        ("😜" * 35, "UCS-2", 70, 1),
        ("ã" * 66 + "😜" + "ã" * 66, "UCS-2", 134, 3),  # nor may the two halves of an emoji
    ],
)
def test_parts(text: str, encoding: str, units: int, count: int) -> None:
    found = parts(text)
    assert (found.encoding, found.units, found.count) == (encoding, units, count)


def test_the_dear_letters_are_named() -> None:
    assert parts("Olá ç ã").odd == "áãç"
    assert parts("Ola").odd == ""
