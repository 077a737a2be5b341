"""Is a promised answer due at the end of a working day, whatever the calendar and the clocks do?"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.core.answer_time import answer_by
from outreach.core.shop import Replies

ZONES = ("Europe/London", "America/Sao_Paulo", "Asia/Kathmandu", "Pacific/Kiritimati", "Australia/Lord_Howe")
moments = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
calendars = st.builds(
    Replies,
    within_days=st.integers(1, 5),
    working_days=st.sets(st.integers(0, 6), min_size=1).map(lambda days: tuple(sorted(days))),
    day_ends=st.sampled_from([time(9), time(12, 30), time(17), time(23, 59)]),
    closed_on=st.frozensets(st.dates(date(2025, 1, 1), date(2027, 12, 31)), max_size=30),
)


def local(text: str, zone: str = "Europe/London") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("wrote", "by"),
    [
        ("2026-11-12 10:00", "2026-11-13 17:00"),  # Thursday -> Friday
        ("2026-11-12 18:30", "2026-11-13 17:00"),
        ("2026-11-13 16:59", "2026-11-16 17:00"),  # Friday -> Monday
        ("2026-11-14 11:00", "2026-11-16 17:00"),  # Saturday -> Monday
        ("2026-11-15 23:59", "2026-11-16 17:00"),
        ("2026-03-27 12:00", "2026-03-30 17:00"),  # the clocks go forward in between
        ("2026-10-23 12:00", "2026-10-26 17:00"),  # and back
        ("2026-12-24 09:00", "2026-12-29 17:00"),  # the shop is closed on Friday 25 and Monday 28
    ],
)
def test_by_the_end_of_the_next_working_day(wrote: str, by: str):
    replies = Replies(closed_on=frozenset({date(2026, 12, 25), date(2026, 12, 28)}))
    assert answer_by(local(wrote), replies, "Europe/London") == local(by)


def test_the_day_is_the_shops_own():
    wrote = datetime(2026, 11, 12, 23, tzinfo=UTC)  # Friday the 13th in Tokyo, Thursday in London
    assert answer_by(wrote, Replies(), "Asia/Tokyo") == local("2026-11-16 17:00", "Asia/Tokyo")
    assert answer_by(wrote, Replies(), "Europe/London") == local("2026-11-13 17:00")


def test_an_hour_the_clocks_jump_over_still_comes_after_the_letter():
    early = Replies(working_days=(6,), day_ends=time(1, 30))
    assert answer_by(local("2026-03-28 12:00"), early, "Europe/London") == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


@given(moments, calendars, st.sampled_from(ZONES))
def test_always_the_nth_day_somebody_is_there(at: datetime, replies: Replies, zone: str):
    by = answer_by(at, replies, zone)
    first, last = at.astimezone(ZoneInfo(zone)).date(), by.astimezone(ZoneInfo(zone))
    days = [first + timedelta(days=n) for n in range(1, (last.date() - first).days + 1)]
    working = [day for day in days if day.weekday() in replies.working_days and day not in replies.closed_on]
    assert (by > at, last.time(), len(working), working[-1]) == (True, replies.day_ends, replies.within_days, days[-1])


@given(moments, moments, calendars, st.sampled_from(ZONES))
def test_who_writes_later_is_never_promised_an_earlier_answer(one: datetime, two: datetime, how: Replies, zone: str):
    assert answer_by(min(one, two), how, zone) <= answer_by(max(one, two), how, zone)
