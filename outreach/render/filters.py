"""Which filters may a template use, what do they take and give, and what does each one do?

A closed list. Every filter passes *missing* (None) through; `or("text")` ends the chain.
"""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import pass_context
from jinja2.runtime import Context

from outreach.core.terms import Channel
from outreach.render import formats
from outreach.render.contexts import MOST_LETTERS
from outreach.render.problems import RenderProblem

_WORDS = frozenset({"text", "code"})
_DAYS = frozenset({"date"})
_COUNT = frozenset({"number"})


@dataclass(frozen=True, slots=True)
class Spec:
    """`takes` and `gives` are type names; `args`: how many words at most, `least` at least; `named`: keywords."""

    takes: frozenset[str]
    gives: str
    args: int = 0
    least: int = 0
    arg_type: type = str
    named: tuple[str, ...] = ()
    many: bool = False


SPECS = {
    # what comes out of `or` is words for the reader: no other filter takes it
    "or": Spec(_WORDS | _COUNT, "written", 1, 1),
    "money": Spec(frozenset({"money"}), "text"),
    "date": Spec(_DAYS, "text"),
    "day": Spec(_DAYS, "text"),
    "month": Spec(_DAYS, "text"),
    "short_day": Spec(_DAYS, "text"),
    "time": Spec(frozenset({"time"}), "text"),
    "ago": Spec(_DAYS, "text"),
    "span": Spec(_DAYS | _COUNT, "text"),
    "names": Spec(frozenset({"text", "item", "product", "model"}), "text", 1, 0, int, (), True),
    "plural": Spec(_COUNT, "text", named=("zero", "one", "two", "few", "many", "other")),
    "ordinal": Spec(_COUNT, "text"),
    "number": Spec(_COUNT, "text"),
    "percent": Spec(_COUNT, "text"),
    "upper_first": Spec(_WORDS, "text"),
    "plain": Spec(_WORDS, "text"),
    "link": Spec(frozenset({"link"}), "link", 1, 1),
}
#: What people type, and what we have instead.
INSTEAD = {"default": "or", "d": "or", "title": "upper_first", "capitalize": "upper_first", "join": "names"}
_LATIN = str.maketrans({"ß": "ss", "ø": "o", "Ø": "O", "æ": "ae", "Æ": "Ae", "ł": "l", "Ł": "L", "’": "'", "‘": "'"})
_LATIN |= str.maketrans({"“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "º": "o", "ª": "a", "ı": "i"})


@dataclass(frozen=True, slots=True)
class Voice:
    """The language a message is written in: Babel's locale, the channel, and "{n} more" in words."""

    locale: str
    channel: Channel
    more: str = "{n}"


@dataclass(frozen=True, slots=True)
class Anchor:
    """A link with its own words."""

    url: str
    words: str


def plain(value: str | None) -> str | None:
    """Letters without accents, so that a text stays in the cheap alphabet; other scripts stay as they are."""
    if value is None or value.isascii():
        return value
    apart = unicodedata.normalize("NFKD", value.translate(_LATIN))
    bare = "".join(c for c in apart if not unicodedata.combining(c))
    return bare if bare.isascii() else unicodedata.normalize("NFC", bare)


def _upper_first(value: str | None) -> str | None:
    return None if value is None else value[:1].upper() + value[1:]


def _or(value: Any, words: str) -> Any:
    return words if value is None or value == "" else value


def _link(value: str | None, words: str) -> Anchor | None:
    return None if value is None else Anchor(value, words)


def _whole_days(value: date | int, today: date) -> int:
    return (today - value).days if isinstance(value, date) else value


@dataclass(frozen=True, slots=True)
class _Bound:
    """The filters that need to know the language."""

    voice: Voice

    def said(self, make: Callable[..., str]) -> Callable[[Any], str | None]:
        """`make(value, locale)`, missing passed through, and no wide spaces in a text."""
        locale = self.voice.locale

        @lru_cache(maxsize=4_096)
        def written(value: Any) -> str | None:
            return None if value is None else self.narrow(make(value, locale))

        return written

    def narrow(self, made: str) -> str:
        """In a text a wide space would cost the cheap alphabet."""
        if self.voice.channel is not Channel.TEXT or made.isascii():
            return made
        return made.replace("\u00a0", " ").replace("\u202f", " ")

    def span(self, context: Context, value: date | int | None) -> str | None:
        days = None if value is None else _whole_days(value, context["today"])
        return None if days is None else self.narrow(formats.length(max(days, 0), self.voice.locale))

    def ago(self, context: Context, value: date | None) -> str | None:
        days = None if value is None else _whole_days(value, context["today"])
        return None if days is None else self.narrow(formats.length(max(days, 0), self.voice.locale, past=True))

    def clock(self, context: Context, value: datetime | None) -> str | None:
        if value is None:
            return None
        return self.narrow(formats.clock(value.astimezone(ZoneInfo(context["_zone"])), self.voice.locale))

    def names(self, values: Sequence[Any] | None, most: int = 0) -> str | None:
        shown = values[:most] if values and most else values or ()
        words = [word for word in (v if isinstance(v, str) else v.name for v in shown) if word is not None]
        if words and values and len(values) > len(shown):
            words.append(self.voice.more.replace("{n}", str(len(values) - len(shown))))
        if (letters := sum(map(len, words))) > MOST_LETTERS:
            raise RenderProblem("OUT-119", f"a list would be {letters:,} letters long", help="names(3)")
        return self.narrow(formats.listed(tuple(words), self.voice.locale)) if words else None

    def plural(self, number: float | None, **forms: str) -> str | None:
        if number is None:
            return None
        words = forms.get(formats.plural_form(number, self.voice.locale), forms["other"])
        return self.narrow(words.replace("{n}", formats.decimal(number, self.voice.locale)))


def table(voice: Voice) -> dict[str, Callable[..., Any]]:
    """The closed list of filters, for one language and channel."""
    bound = _Bound(voice)
    made: dict[str, Callable[..., Any]] = {
        "or": _or,
        "money": bound.said(formats.amount),
        "date": bound.said(formats.long_date),
        "day": bound.said(formats.weekday_date),
        "month": bound.said(formats.month_year),
        "short_day": bound.said(formats.short_date),
        "time": pass_context(lambda context, value: bound.clock(context, value)),
        "ago": pass_context(lambda context, value: bound.ago(context, value)),
        "span": pass_context(lambda context, value: bound.span(context, value)),
        "names": bound.names,
        "plural": bound.plural,
        "ordinal": bound.said(formats.ordinal),
        "number": bound.said(formats.decimal),
        "percent": bound.said(formats.share),
        "upper_first": _upper_first,
        "plain": plain,
        "link": _link,
    }
    return made
