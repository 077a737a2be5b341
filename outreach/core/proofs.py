"""How does a proof outlive the words it was made of? Whoever still has the words can show that they are the same."""

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Iterable

#: What a proof begins with that names a record of ours or a line of a list: it holds nobody's words.
_RECORD = re.compile(r"(?:inbox \d+|audit \d+|m-\d+)(?=$|[:;,])")
_KEPT = re.compile(r"(?:(?:inbox|audit) \d+; |m-\d+; )?hmac-sha256 [0-9a-f]{64}")
#: A name shorter than this stands in too many words that are not it.
_SHORTEST = 3


def words_hashed(pepper: bytes, words: str) -> str:
    """`inbox 12; hmac-sha256 3f…` in place of `inbox 12: please stop`; the same again for what was hashed already.

    HMAC-SHA256 over `evidence:` and the words, hex. What is only the number of a record of ours stays as it is.
    """
    if _KEPT.fullmatch(words):
        return words
    record = _RECORD.match(words)
    if record and record.end() == len(words):
        return words
    digest = hmac.new(pepper, f"evidence:{words}".encode(), hashlib.sha256).hexdigest()
    return f"{record[0]}; hmac-sha256 {digest}" if record else f"hmac-sha256 {digest}"


def key_hashed(pepper: bytes, key: str) -> str:
    """The name a forgotten customer keeps, where the shop's key for them was their address or name: `gone-3f…`."""
    return f"gone-{hmac.new(pepper, f'key:{key}'.encode(), hashlib.sha256).hexdigest()[:32]}"


def folded(text: str) -> str:
    """As texts are compared: capitals and accents' spellings aside."""
    return unicodedata.normalize("NFC", text).casefold()


def names_them(text: str, addresses: Iterable[str], names: Iterable[str]) -> bool:
    """Whether a text holds one of their addresses, or one of their names as a word."""
    said = folded(text)
    if any(folded(address) in said for address in addresses):
        return True
    long = [folded(name) for name in names if len(name) >= _SHORTEST]
    return any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", said) for name in long)


def is_their_address(key: str, addresses: Iterable[str]) -> bool:
    """Whether a key is an address: one of theirs in any spelling of its digits, or any at all with an @."""
    digits = "".join(filter(str.isdigit, key))
    theirs = {"".join(filter(str.isdigit, address)) for address in addresses if "@" not in address}
    return "@" in key or (len(digits) >= 7 and any(number.endswith(digits.lstrip("0")) for number in theirs))
