"""Who is left out on purpose, so that one day we know whether writing helps?

A salted hash: stable for a person and campaign, blind to everything about them (settled 17).
"""

import hashlib
from datetime import date

_BELOW = 2**63  # SQLite turns a larger integer into a float


def _number(text: bytes) -> int:
    return int.from_bytes(hashlib.sha256(text).digest()[:8], "big") % _BELOW


def held_out(salt: bytes, campaign: str, customer_id: int, share: float) -> bool:
    """True for `share` (0 to 1) of people, always the same ones for a campaign and salt."""
    if share <= 0:
        return False
    return _number(salt + f"|{campaign}|{customer_id}".encode()) < share * _BELOW


def draw(night: date, customer_id: int) -> int:
    """A lot for this night, 0 <= lot < 2^63: who goes first when a ceiling leaves some for tomorrow."""
    return _number(f"{night.isoformat()}|{customer_id}".encode())
