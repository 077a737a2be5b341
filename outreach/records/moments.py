"""On which day, and at which instant, did it happen? Dates and times as shops write them."""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from outreach.records.mapping import DateOrder

#: What exports write where there is no value.
NOTHING = frozenset({"", "null", "none", "nan", "nat", "n/a", "na", "\\n", "-", "#n/a"})
_WRITTEN = re.compile(
    r"(?P<a>\d{1,4})(?P<sep>[-/.])(?P<b>\d{1,2})(?P=sep)(?P<c>\d{1,4})"
    r"(?:[T ]\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?\s*(?P<half>[AaPp][Mm])?"
    r"\s*(?P<offset>Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?"
)
_FIRST_YEAR, _LAST_YEAR = 1900, 2200


class NotADate(ValueError):
    """The text is not a date we can read."""


class Moment(NamedTuple):
    """`on`: the shop's local day. `at`: the instant in UTC, only when a time was given."""

    on: date
    at: datetime | None


def is_nothing(text: str) -> bool:
    """Whether a date, number or address is left out: blank, NULL, 0000-00-00."""
    return text.lower() in NOTHING or text.startswith("0000-00-00")


def moment(text: str, zone: ZoneInfo, order: DateOrder | None, *, promise: bool = False) -> Moment:
    """Read one date or time. Naive times are local to `zone` (an hour that occurs twice is the first one; an hour
    the clock skips is read by the offset before it); offsets are honoured; a promise at 00:00 is its day as written.

    Raises NotADate.
    """
    if text[4:5] == "-" == text[7:8]:
        if len(text) >= 16:
            day, clock = _midnight(text[:10], zone), _since_midnight(text[11:])
            if day is not None and clock is not None:
                return Moment(day[0], day[1] + clock if clock or not promise else None)
            try:
                return _placed(datetime.fromisoformat(text), zone, promise)
            except NotADate:
                raise
            except ValueError:
                pass  # "2025-05-11 09:55:16 -0400" and its like are read below
        elif len(text) == 10:
            return _plain_day(text)
    read = _time(text, order)
    return _placed(read, zone, promise) if isinstance(read, datetime) else Moment(_sane(read), None)


def _plain_day(text: str) -> Moment:
    try:
        return Moment(_sane(date.fromisoformat(text)), None)
    except ValueError:
        raise NotADate(text) from None


def _placed(read: datetime, zone: ZoneInfo, promise: bool) -> Moment:
    if promise and read.time() == time(0):
        return Moment(_sane(read.date()), None)
    if read.tzinfo is not None:
        _sane(read.date())
        return Moment(read.astimezone(zone).date(), read.astimezone(UTC))
    day = read.date()
    offset = _offset_all_day(day, zone)
    at = read.replace(tzinfo=zone).astimezone(UTC) if offset is None else read.replace(tzinfo=UTC) - offset
    return Moment(day, at)


@lru_cache(maxsize=8_192)
def _midnight(text: str, zone: ZoneInfo) -> tuple[date, datetime] | None:
    """A day as written, and when it begins in UTC; None where that does not tell when it is 10:01: read it whole."""
    try:
        day = date.fromisoformat(text)
        offset = _offset_all_day(day, zone)
    except ValueError:
        return None
    return None if offset is None else (day, datetime.combine(day, time.min, UTC) - offset)


@lru_cache(maxsize=8_192)
def _since_midnight(text: str) -> timedelta | None:
    """`10:01` as time gone by; None for anything but a plain time of day."""
    try:
        at = time.fromisoformat(text) if text[:1].isdigit() else None
    except ValueError:
        return None
    return None if at is None or at.tzinfo is not None else datetime.combine(date.min, at) - datetime.min


@lru_cache(maxsize=8_192)
def _offset_all_day(day: date, zone: ZoneInfo) -> timedelta | None:
    """How far the clock stands from UTC, the same days coming in row after row; None where it is changed that day."""
    first, last = (datetime.combine(_sane(day), at, zone).utcoffset() for at in (time.min, time.max))
    return first if first == last else None


def _sane(day: date) -> date:
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise NotADate(str(day))
    return day


def _time(text: str, order: DateOrder | None) -> datetime | date:
    if len(text) == 8 and text.isascii() and text.isdigit():
        text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
    found = _WRITTEN.fullmatch(text)
    if not found:
        raise NotADate(text)
    try:
        day = _day(found, order)
        return day if found["hour"] is None else datetime.combine(day, _clock(found), _offset(found["offset"]))
    except ValueError:
        raise NotADate(text) from None


def _day(found: re.Match[str], order: DateOrder | None) -> date:
    a, b, c = int(found["a"]), int(found["b"]), int(found["c"])
    if len(found["a"]) == 4:
        return date(a, b, c)
    if len(found["c"]) != 4:  # a year of two figures is a guess we do not make
        raise NotADate(found[0])
    if order is None and a <= 12 and b <= 12 and a != b:
        raise NotADate(found[0])
    month_first = order == "month-first" or (order is None and b > 12)
    return date(c, a, b) if month_first else date(c, b, a)


def _clock(found: re.Match[str]) -> time:
    hour = int(found["hour"])
    if found["half"]:
        if not 1 <= hour <= 12:
            raise NotADate(found[0])
        hour = hour % 12 + (12 if found["half"].lower() == "pm" else 0)
    return time(hour, int(found["minute"]), int(found["second"] or 0))


def _offset(text: str | None) -> timezone | None:
    if text is None:
        return None
    if text[0] not in "+-":
        return UTC
    sign = -1 if text[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(text[1:3]), minutes=int(text[-2:])))


def evidence(text: str) -> DateOrder | bool | None:
    """What one value says of its column: an order, None when it can be read both ways, True when it says nothing."""
    if len(text) > 4 and text[4] in "-/.":
        return True
    found = _WRITTEN.fullmatch(text)
    if not found or len(found["a"]) == 4:
        return True
    a, b = int(found["a"]), int(found["b"])
    if a > 12 >= b:
        return "day-first"
    if b > 12 >= a:
        return "month-first"
    return True if a == b or a > 12 else None
