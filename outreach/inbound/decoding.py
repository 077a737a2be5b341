"""Which characters did the sender mean, whatever they claimed to write in?

Real mail lies about its charset. The claim is tried first and strictly, then UTF-8, then the claim with marks for what
does not fit, and Windows-1252 last, which gives every byte a meaning. Nothing here raises.
"""

import binascii
import codecs
import re
from functools import lru_cache

#: What mails say -> the codec that reads what they then write.
_MEANT = {
    "ascii": "utf-8",
    "us-ascii": "utf-8",
    "ansi_x3.4-1968": "utf-8",
    "7bit": "utf-8",
    "8bit": "utf-8",
    "utf8mb4": "utf-8",
    "utf-8-mac": "utf-8",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "iso-2022-jp": "iso2022_jp_ext",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-6-i": "iso-8859-6",
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
    "tis-620": "cp874",
    "windows-874": "cp874",
    "big5": "big5hkscs",
    "cp-850": "cp850",
}
#: Codecs of Python that no mail is written in; two of them take time that grows with the square of the text.
_NO_CHARSET = frozenset({"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape"})
_WORD = re.compile(rb"=\?([^?\s]{1,60})\?([bBqQ])\?([^?\r\n]*)\?=")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")
#: Halves of letters too, which some codecs let through.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]+")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


def decoded(data: bytes, charset: str = "") -> str:
    """`data` as text. A character cut in two at the end is left out; line ends become newlines, controls go."""
    text = _first_fit(data, charset)
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff"))


def transferred(data: bytes, encoding: str) -> bytes:
    """`data` without its Content-Transfer-Encoding (RFC 2045, section 6). What is no such encoding stays as it is."""
    match encoding.strip().lower():
        case "base64":
            return unbase64(data)
        case "quoted-printable":
            return binascii.a2b_qp(data)
    return data


def unbase64(data: bytes) -> bytes:
    """Base64 with anything between its letters; what follows a broken end is left out."""
    letters = _NOT_BASE64.sub(b"", data)
    whole = letters[: len(letters) // 4 * 4] + (letters[len(letters) // 4 * 4 :] + b"==")[:4] * (len(letters) % 4 > 1)
    return binascii.a2b_base64(whole)


def address_text(raw: str) -> str:
    """An address or an id out of a header, as letters: raw 8-bit ones are UTF-8 (RFC 6532), controls go."""
    return raw if raw.isascii() and raw.isprintable() else _UNSEEN.sub("", _utf8(raw))


def _utf8(raw: str) -> str:
    return raw.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def header_text(raw: str) -> str:
    """A header's value as people read it: unfolded, encoded words decoded (RFC 2047), raw 8-bit letters too.

    `raw` is as Python's compat32 policy hands it over, undecodable bytes as surrogates.
    """
    data = raw.encode("utf-8", "surrogateescape")
    pieces: list[str] = []
    words, claimed, at = b"", "", 0
    for found in _WORD.finditer(data):
        between = data[at : found.start()]
        charset = found[1].decode("ascii", "replace").partition("*")[0].lower()
        if words and (between.strip() or charset != claimed):
            pieces.append(decoded(words, claimed))
            words = b""
        if between.strip() or not at:
            pieces.append(decoded(between))
        words, claimed, at = words + _word(found), charset, found.end()
    pieces += [decoded(words, claimed), decoded(data[at:])]
    return " ".join("".join(pieces).split())


def _word(found: re.Match[bytes]) -> bytes:
    """One encoded word's bytes: a letter may be split over two, so they are joined before they are decoded."""
    if found[2] in b"bB":
        return unbase64(found[3])
    return binascii.a2b_qp(found[3].replace(b"_", b" "), header=False)


def _first_fit(data: bytes, charset: str) -> str:
    claimed = _codec(charset)
    for codec, errors in ((claimed, "strict"), ("utf-8", "strict"), (claimed, "replace")):
        if codec and not (errors == "replace" and codec == "utf-8"):
            try:
                return codecs.getincrementaldecoder(codec)(errors).decode(data)
            except (UnicodeError, ValueError):
                continue
    nearly = data.decode("utf-8", "replace")
    if nearly.count("\ufffd") * 4 <= sum(not letter.isascii() for letter in nearly):
        return nearly  # a few damaged letters in a text that is UTF-8 otherwise
    return data.decode("cp1252", "replace")


@lru_cache(maxsize=256)
def _codec(charset: str) -> str:
    """The codec for what a mail claims; "" for none we know."""
    name = charset.strip().strip("\"'").lower()
    name = _MEANT.get(name, name)
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError, UnicodeError):
        return ""
    is_text = getattr(found, "_is_text_encoding", True)
    return found.name if is_text and found.name.replace("_", "-") not in _NO_CHARSET else ""
