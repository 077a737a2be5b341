"""How are a date, an amount, a count and a list written in one language? CLDR patterns, remembered once made.

Every function passes *missing* (None) through. Locale names are Babel's (`pt_BR`). No clock is read here.
"""

import re
from datetime import date, datetime, timedelta
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time, format_timedelta
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal, format_percent, get_currency_precision

from outreach.core.terms import Money

_YEAR_LAST = re.compile(r"[\s,]*('[^']*'\s*)?y$")
_NEVER = float("inf")
_ORDINALS = {"en": "{n}{th}", "pt": "{n}.º", "es": "{n}.º", "it": "{n}º", "de": "{n}.", "nl": "{n}e", "pl": "{n}."}


def locale_of(language: str, country: str) -> str:
    """`en` in GB -> en_GB; `pt-BR` stays pt_BR; English in a country without its own is en_GB: the day comes first."""
    base, _, territory = language.partition("-")
    wanted = [f"{base}_{territory}"] if territory else [f"{base}_{country}"]
    fallback = ["en_GB"] if base == "en" else [base]
    for name in wanted + fallback:
        try:
            return str(Locale.parse(name))
        except (UnknownLocaleError, ValueError):
            continue
    return "en_GB"


@lru_cache(maxsize=8192)
def long_date(day: date, locale: str) -> str:
    """12 November 2026. Never digits only: 12/11 is two dates."""
    return format_date(day, "long", locale)


@lru_cache(maxsize=8192)
def weekday_date(day: date, locale: str) -> str:
    """Thursday 12 November: CLDR's own pattern, or else the full date without its year, where that stands last."""
    found = Locale.parse(locale)
    pattern = found.datetime_skeletons.get("MMMMEEEEd")
    full = str(found.date_formats["full"].pattern)
    return format_date(day, str(pattern.pattern) if pattern else _YEAR_LAST.sub("", full), locale)


def month_year(day: date, locale: str) -> str:
    """November 2026."""
    return _month_year(day.year, day.month, locale)


@lru_cache(maxsize=1024)
def _month_year(year: int, month: int, locale: str) -> str:
    return str(format_skeleton("yMMMM", date(year, month, 1), locale=locale))


@lru_cache(maxsize=8192)
def short_date(day: date, locale: str) -> str:
    """12 Nov (CLDR MMMd)."""
    return str(format_skeleton("MMMd", day, locale=locale))


@lru_cache(maxsize=1024)
def clock(moment: datetime, locale: str) -> str:
    """5 PM, 5:30 PM or 17:00, as the language's own clock; `moment` is already in the customer's zone."""
    at = moment.time()
    if not at.minute and "a" in str(Locale.parse(locale).time_formats["short"].pattern):
        return str(format_skeleton("h", at, locale=locale))
    return str(format_time(at, "short", locale=locale))


@lru_cache(maxsize=8192)
def amount(money: Money, locale: str) -> str:
    """€89.00 · 89,00 €."""
    digits = get_currency_precision(money.currency)
    return format_currency(money.minor / 10**digits, money.currency, locale=locale)


@lru_cache(maxsize=4096)
def decimal(number: float, locale: str) -> str:
    """1,204."""
    return format_decimal(number, locale=locale)


@lru_cache(maxsize=1024)
def share(number: float, locale: str) -> str:
    """0.12 -> 12%."""
    return format_percent(number, locale=locale)


@lru_cache(maxsize=4096)
def length(days: int, locale: str, *, past: bool = False) -> str:
    """31 days · 7 months · 2 years, always rounded down; `past`: 3 days ago."""
    months = int(days / 30.4375)
    unit, count = ("year", int(days / 365.25)) if months >= 24 else ("month", months) if days >= 60 else ("day", days)
    seconds = {"year": 365, "month": 30, "day": 1}[unit] * 86400 * count
    delta = timedelta(seconds=-seconds if past else seconds)
    return format_timedelta(delta, granularity=unit, threshold=_NEVER, add_direction=past, locale=locale)  # type: ignore[arg-type]


@lru_cache(maxsize=4096)
def listed(words: tuple[str, ...], locale: str) -> str:
    """Mill 3 and Hob 2."""
    return format_list(words, locale=locale)


@lru_cache(maxsize=1024)
def plural_form(number: float, locale: str) -> str:
    """The CLDR form: zero, one, two, few, many or other."""
    return Locale.parse(locale).plural_form(number)


def plural_forms(locale: str) -> frozenset[str]:
    """The forms that whole numbers up to 200 take in this language; `other` always among them."""
    return frozenset({plural_form(number, locale) for number in range(201)} | {"other"})


@lru_cache(maxsize=1024)
def ordinal(number: int, locale: str) -> str:
    """3rd · 3.º; a language we have no rule for keeps the plain number."""
    th = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    base = locale.partition("_")[0]
    if base == "fr":
        return f"{number}{'er' if number == 1 else 'e'}"
    return _ORDINALS.get(base, "{n}").replace("{n}", str(number)).replace("{th}", th)


def has_ordinal(locale: str) -> bool:
    """Whether `ordinal` writes more than the plain number in this language."""
    return locale.partition("_")[0] in {*_ORDINALS, "fr"}


def is_right_to_left(language: str) -> bool:
    """Whether a language is written from right to left."""
    try:
        return Locale.parse(language, sep="-").text_direction == "rtl"
    except (UnknownLocaleError, ValueError):
        return False
