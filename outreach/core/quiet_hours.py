"""When may a message reach this customer, and when does that window end?

A window is half-open in local wall time: opens <= time < closes. A customer who may be in several zones is only
written to while it is open in all of them (settled 19). A window can only begin or end where a wall clock shows the
opening or closing time, or where a clock is put forward or back: those instants are looked at, and no others.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from outreach.core.shop import Hours

#: When a customer's possible zones are never open together: the main zone's middle of the day (settled 19).
MIDDLE_OF_THE_DAY = Hours(time(10), time(17))
_DAY = timedelta(days=1)
#: A common window, if there is one, comes back every day; the second day covers nights when clocks change.
_DAYS_AHEAD = 3


@lru_cache(maxsize=65_536)
def next_open(now: datetime, zones: tuple[str, ...], hours: Hours) -> datetime:
    """The first instant at or after `now` (aware) at which every zone is open; in UTC. `zones`: main one first.

    Raises ValueError for a naive `now` or no zone.
    """
    start = _instant(now, zones)
    places = tuple(ZoneInfo(zone) for zone in zones)
    for moment in (start, *_edges(start, places, hours)):
        if _all_open(moment, places, hours):
            return moment
    return next_open(start, zones[:1], MIDDLE_OF_THE_DAY)


@lru_cache(maxsize=65_536)
def closes_at(start: datetime, zones: tuple[str, ...], hours: Hours) -> datetime:
    """When the window that `next_open(start, ...)` falls into ends: the first instant some zone is closed; in UTC.

    For a provider's validity. Raises ValueError as `next_open` does.
    """
    opened = next_open(start, zones, hours)
    places = tuple(ZoneInfo(zone) for zone in zones)
    if not _all_open(opened, places, hours):
        places, hours = places[:1], MIDDLE_OF_THE_DAY
    return next(moment for moment in _edges(opened, places, hours) if not _all_open(moment, places, hours))


def _instant(now: datetime, zones: tuple[str, ...]) -> datetime:
    if now.tzinfo is None or not zones:
        raise ValueError("an aware instant and at least one zone are needed")
    return now.astimezone(UTC)


def _all_open(moment: datetime, places: tuple[ZoneInfo, ...], hours: Hours) -> bool:
    return all(hours.opens <= moment.astimezone(place).time() < hours.closes for place in places)


def _edges(after: datetime, places: tuple[ZoneInfo, ...], hours: Hours) -> list[datetime]:
    """Instants after `after`, in order, at which some zone may open or close."""
    found = {moment for place in places for moment in _edges_of(place, after, hours)}
    return sorted(moment for moment in found if moment > after)


def _edges_of(place: ZoneInfo, after: datetime, hours: Hours) -> Iterator[datetime]:
    today = after.astimezone(place).date()
    for ahead in range(_DAYS_AHEAD + 1):
        yield from _wall(place, today + ahead * _DAY, hours)
        yield from _clock_change(place, after + ahead * _DAY)


def _wall(place: ZoneInfo, day: date, hours: Hours) -> Iterator[datetime]:
    """When the wall shows the opening and closing time of `day`; both times if a clock put back shows it twice."""
    for wall in (hours.opens, hours.closes):
        for fold in (0, 1):
            yield datetime.combine(day, wall.replace(fold=fold), place).astimezone(UTC)


def _clock_change(place: ZoneInfo, start: datetime) -> Iterator[datetime]:
    """The instant within a day of `start` at which the clock is changed there, to the second, if there is one."""
    low, high = int(start.timestamp()), int((start + _DAY).timestamp())
    before = _offset(place, low)
    if before == _offset(place, high):
        return
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(place, middle) == before else (low, middle)
    yield datetime.fromtimestamp(high, UTC)


def _offset(place: ZoneInfo, second: int) -> timedelta | None:
    return datetime.fromtimestamp(second, place).utcoffset()
