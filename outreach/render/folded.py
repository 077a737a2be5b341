"""How does a token travel in an email address, where systems on the way fold case and lengths are counted?

TOKEN = contact point id + what it is about (48 bits) + 128-bit HMAC, all in base32's small letters and digits. What
stands before the @ may be 64 characters (RFC 5321, 4.5.3.1.1), and is for its own host alone to read: others may
change its case and nothing else.
"""

import hmac
from base64 import b32decode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable

LONGEST_LOCAL_PART = 64
_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
#: Letters that 48 bits take, and 128.
_ABOUT, _SIGNED = 10, 26
#: Letters the largest id takes (links.LARGEST_ID).
_LONGEST_ID = 9
#: What stands before a token that stops everything; no token holds a dash.
STOP = "stop-"
#: The longest mailbox name a token still fits behind, with its plus.
LONGEST_NAME = LONGEST_LOCAL_PART - 1 - _LONGEST_ID - _ABOUT - _SIGNED

Sign = Callable[[bytes], bytes]


def reply_token(contact_point_id: int, about: str, sign: Sign) -> str:
    """`about`: a `links.reference`. `sign` gives 16 bytes."""
    value = _number(contact_point_id) + _spelled(urlsafe_b64decode(about))
    return value + _spelled(sign(f"reply|{value}".encode()))


def stop_token(contact_point_id: int, sign: Sign) -> str:
    """The way out by mail."""
    value = _number(contact_point_id)
    return STOP + value + _spelled(sign(f"stop|{value}".encode()))


def read_reply_token(token: str, signs: Iterable[Sign]) -> tuple[int, str] | None:
    """(contact point, about) of a token, in whatever case; None for what is none of ours by one letter."""
    folded = token.lower()
    value = folded[:-_SIGNED]
    number, about = value[:-_ABOUT], value[-_ABOUT:]
    if not (token.isascii() and _is_number(number) and len(about) == _ABOUT):  # "\u212a".lower() is "k"
        return None
    if not any(_same(folded, value + _spelled(sign(f"reply|{value}".encode()))) for sign in signs):
        return None
    return _id(number), urlsafe_b64encode(_bytes(about)).decode()


def read_stop_token(token: str, signs: Iterable[Sign]) -> int | None:
    """The contact point of a token behind `stop-`; None for anything else."""
    folded = token.lower()
    value = folded.removeprefix(STOP)[:-_SIGNED]
    if not (token.isascii() and folded.startswith(STOP) and _is_number(value)):
        return None
    good = any(_same(folded, STOP + value + _spelled(sign(f"stop|{value}".encode()))) for sign in signs)
    return _id(value) if good else None


def _same(told: str, ours: str) -> bool:
    return hmac.compare_digest(told.encode(), ours.encode())


def _spelled(data: bytes) -> str:
    """Base32 in small letters, without padding: two letters at once, for four of these stand in every email."""
    letters = -(-len(data) * 8 // 5)
    last = 10 * (-(-letters // 2) - 1)
    number = int.from_bytes(data) << (last + 10 - 8 * len(data))
    return "".join([_PAIRS[number >> shift & 1023] for shift in range(last, -10, -10)])[:letters]


def _bytes(text: str) -> bytes:
    return b32decode(text.upper() + "=" * (-len(text) % 8))


def _number(number: int) -> str:
    made = "" if number else _ALPHABET[0]
    while number:
        number, digit = divmod(number, 32)
        made = _ALPHABET[digit] + made
    return made


def _is_number(text: str) -> bool:
    """As we would write one ourselves: no leading nought."""
    return 0 < len(text) <= _LONGEST_ID and all(letter in _ALPHABET for letter in text) and _number(_id(text)) == text


def _id(text: str) -> int:
    number = 0
    for letter in text:
        number = number * 32 + _ALPHABET.index(letter)
    return number
