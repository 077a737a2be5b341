"""What do a yes, a country, a language or a count look like in the records of shops around the world?"""

import re
import unicodedata
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale

_YES = "yes y true t 1 on x sim s ja j oui o si sí tak subscribed opted_in"
_NO = "no n false f 0 off não nao nein non nee nie unsubscribed not_subscribed opted_out"
_IN_STOCK = frozenset({"in stock", "instock", "in_stock", "available", "onbackorder"})
_OUT_OF_STOCK = frozenset({"out of stock", "outofstock", "out_of_stock", "sold out", "unavailable"})
_CANCELLED = (
    "canceled cancelled cancel unavailable void voided failed trash storniert annulliert cancelado cancelada anulado "
    "anulada annulé annulée annule geannuleerd annullato annullata anulowane anulowano"
)
_YES_OR_NO = {**dict.fromkeys(_YES.split(), True), **dict.fromkeys(_NO.split(), False)}
_CANCELLED_WORDS = frozenset(_CANCELLED.split())
_OTHER_COUNTRY_NAMES = {
    "uk": "GB",
    "great britain": "GB",
    "england": "GB",
    "scotland": "GB",
    "wales": "GB",
    "northern ireland": "GB",
    "usa": "US",
    "u.s.a.": "US",
    "u.s.": "US",
    "united states of america": "US",
    "holland": "NL",
    "the netherlands": "NL",
    "czech republic": "CZ",
    "turkey": "TR",
    "south korea": "KR",
    "el": "GR",
}
_LANGUAGE = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{4}))?(?:[-_]([A-Za-z]{2}|\d{3}))?(?:[.@].*)?")
#: Marks that turn the reading direction round or hide in a name; letters of no language need them.
_HIDDEN = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C, 0xFEFF])
_NAMED_IN = ("en", "de", "fr", "es", "pt", "it", "nl")


class NotAWord(ValueError):
    """The text is not one of the words its field knows; `args[0]` says what it should be."""


@lru_cache(maxsize=8_192)
def clean(text: str) -> str | None:
    """The text without control and direction marks, blanks folded; None when nothing is left."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip() or None
    kept = (" " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c for c in text.translate(_HIDDEN))
    return " ".join("".join(kept).split()) or None


def person_name(text: str) -> str | None:
    """A name, or None when it holds no letter at all ("-", ".", "?")."""
    name = clean(text)
    return name if name and any(c.isalpha() for c in name) else None


def yes_no(text: str) -> bool:
    """Yes or no in the usual languages. Raises NotAWord."""
    word = _YES_OR_NO.get(text.strip().lower())
    if word is None:
        raise NotAWord("yes or no")
    return word


def in_stock(text: str) -> bool:
    """Yes or no, or a count: more than none is in stock. Raises NotAWord."""
    word = text.strip().lower()
    if word in _IN_STOCK or word in _OUT_OF_STOCK:
        return word in _IN_STOCK
    if re.fullmatch(r"-?\d+(?:[.,]0+)?", word):
        return int(re.split(r"[.,]", word)[0]) > 0
    return yes_no(text)


def count(text: str) -> int:
    """A whole number from 0 to a million. Raises NotAWord."""
    found = re.fullmatch(r"(\d{1,7})(?:[.,]0+)?", text.strip())
    if not found or int(found[1]) > 1_000_000:
        raise NotAWord("a whole number")
    return int(found[1])


def sentences(text: str) -> list[str] | None:
    """`Longer battery life; brighter display` -> two sentences; None when there are none."""
    found = [s for s in (clean(part) for part in text.split(";")) if s]
    return found or None


def is_cancelled(status: str | None) -> bool:
    """Whether a status says that this order will never be delivered."""
    return status is not None and status.strip().lower().removeprefix("wc-") in _CANCELLED_WORDS


def country(text: str) -> str:
    """ISO 3166-1 alpha-2 of a code or a name. Raises NotAWord."""
    word = text.strip()
    if word.upper() in _codes():
        return word.upper()
    found = _OTHER_COUNTRY_NAMES.get(word.lower()) or _country_names().get(word.casefold())
    if found is None:
        raise NotAWord("a country we know; write its two letters, like GB")
    return found


def language(text: str) -> str:
    """`pt_br` -> `pt-BR`, `German` -> `de`. Raises NotAWord."""
    found = _LANGUAGE.fullmatch(text.strip())
    if found and found[1].lower() in Locale("en").languages:
        parts = [found[1].lower(), (found[2] or "").title(), (found[3] or "").upper()]
        return "-".join(p for p in parts if p)
    named = _language_names().get(text.strip().casefold())
    if named is None:
        raise NotAWord("a language we know; write its code, like en or pt-BR")
    return named


def state(text: str, of_country: str | None) -> str | None:
    """`US-CA` -> `CA`; short codes in capitals, names as written."""
    word = clean(text)
    if word is None:
        return None
    if of_country and word.upper().startswith(f"{of_country}-"):
        word = word[len(of_country) + 1 :]
    return word.upper() if len(word) <= 3 else word


@lru_cache(maxsize=512)
def zone(text: str) -> str:
    """An IANA zone name. Raises NotAWord."""
    try:
        ZoneInfo(text.strip())
    except (KeyError, ValueError, OSError):
        raise NotAWord("a time zone; use a name like Europe/London") from None
    return text.strip()


@lru_cache(maxsize=1)
def _codes() -> frozenset[str]:
    """Two-letter codes; the list also has areas of the world by number, and marks of no country."""
    named = (str(code) for code in Locale("en").territories)
    return frozenset(c for c in named if len(c) == 2 and c.isalpha()) - {"ZZ", "EU", "UN", "EZ", "XA", "XB"}


@lru_cache(maxsize=1)
def _country_names() -> dict[str, str]:
    named = (Locale(where).territories.items() for where in _NAMED_IN)
    return {str(name).casefold(): str(code) for items in named for code, name in items if code in _codes()}


@lru_cache(maxsize=1)
def _language_names() -> dict[str, str]:
    named = (Locale(where).languages.items() for where in _NAMED_IN)
    return {str(name).casefold(): str(code).replace("_", "-") for items in named for code, name in items}
