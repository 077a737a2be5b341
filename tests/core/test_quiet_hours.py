"""Does a message wait until every place its customer may be in is open, whatever the clocks do?"""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from outreach.core.quiet_hours import MIDDLE_OF_THE_DAY, closes_at, next_open
from outreach.core.shop import Hours
from outreach.core.zones import zones_for

DAY_TIME = Hours(time(9), time(20))
QUARTER = timedelta(minutes=15)


def at(text: str, zone: str = "UTC") -> datetime:
    """`2026-03-29 02:30` on the wall of `zone`, as an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def test_open_now_means_now_and_the_window_is_half_open():
    """Rule 16."""
    london = ("Europe/London",)
    assert next_open(at("2026-01-10 09:00"), london, DAY_TIME) == at("2026-01-10 09:00")
    assert next_open(at("2026-01-10 19:59:59.999999"), london, DAY_TIME) == at("2026-01-10 19:59:59.999999")
    assert next_open(at("2026-01-10 20:00"), london, DAY_TIME) == at("2026-01-11 09:00")
    assert next_open(at("2026-01-10 08:59:59.999999"), london, DAY_TIME) == at("2026-01-10 09:00")
    assert closes_at(at("2026-01-10 09:00"), london, DAY_TIME) == at("2026-01-10 20:00")
    assert closes_at(at("2026-01-10 21:00"), london, DAY_TIME) == at("2026-01-11 20:00")


@pytest.mark.parametrize(
    ("zone", "opens"),
    [
        ("Asia/Kolkata", "2026-01-10 03:30"),
        ("Asia/Kathmandu", "2026-01-10 03:15"),
        ("Australia/Lord_Howe", "2026-01-10 22:00"),
        ("Pacific/Kiritimati", "2026-01-10 19:00"),
        ("Pacific/Pago_Pago", "2026-01-10 20:00"),
        ("America/St_Johns", "2026-01-10 12:30"),
    ],
)
def test_far_and_half_hour_zones(zone: str, opens: str):
    found = next_open(at("2026-01-10 03:00") if "Asia" in zone else at("2026-01-10 12:00"), (zone,), DAY_TIME)
    assert found == at(opens)
    assert found.astimezone(ZoneInfo(zone)).time() == time(9)


def test_the_night_the_clock_goes_forward_is_an_hour_shorter():
    """Rule 16."""
    assert next_open(at("2026-03-29 00:00"), ("Europe/London",), DAY_TIME) == at("2026-03-29 08:00")
    assert next_open(at("2026-03-28 00:00"), ("Europe/London",), DAY_TIME) == at("2026-03-28 09:00")


def test_an_opening_time_the_clock_jumps_over_opens_at_the_jump():
    early = Hours(time(1, 30), time(20))
    assert next_open(at("2026-03-29 00:10"), ("Europe/London",), early) == at("2026-03-29 01:00")  # 02:00 on the wall


def test_a_closing_time_the_clock_jumps_over_closes_at_the_jump():
    late = Hours(time(0), time(1, 30))
    assert closes_at(at("2026-03-29 00:10"), ("Europe/London",), late) == at("2026-03-29 01:00")


def test_an_hour_that_happens_twice_is_open_twice():
    """Rule 16."""
    night = Hours(time(1, 30), time(1, 45))
    london = ("Europe/London",)  # 01:00 to 02:00 happens twice on 25 October 2026
    assert next_open(at("2026-10-25 00:00"), london, night) == at("2026-10-25 00:30")
    assert closes_at(at("2026-10-25 00:30"), london, night) == at("2026-10-25 00:45")
    assert next_open(at("2026-10-25 00:45"), london, night) == at("2026-10-25 01:30")


def test_a_clock_put_back_reopens_a_window_that_had_closed():
    early = Hours(time(0, 30), time(1, 50))
    here = ("Europe/London",)
    assert closes_at(at("2026-10-25 00:00"), here, early) == at("2026-10-25 00:50")
    assert next_open(at("2026-10-25 00:55"), here, early) == at("2026-10-25 01:00")
    assert closes_at(at("2026-10-25 01:00"), here, early) == at("2026-10-25 01:50")


def test_leap_day():
    assert next_open(at("2028-02-28 22:00"), ("UTC",), DAY_TIME) == at("2028-02-29 09:00")
    assert next_open(at("2028-02-29 22:00"), ("UTC",), DAY_TIME) == at("2028-03-01 09:00")
    assert next_open(at("2027-02-28 22:00"), ("UTC",), DAY_TIME) == at("2027-03-01 09:00")


def test_a_day_that_never_was_is_passed_over():
    """Samoa had no 30 December 2011."""
    assert next_open(at("2011-12-29 20:30", "Pacific/Apia"), ("Pacific/Apia",), DAY_TIME) == at(
        "2011-12-31 09:00", "Pacific/Apia"
    )


def test_somewhere_in_the_united_states_waits_for_hawaii_and_ends_with_new_york():
    """Rule 16: every candidate zone is open."""
    anywhere = zones_for(None, "US", None, "GB")
    opened = next_open(at("2026-11-14 02:30"), anywhere, DAY_TIME)
    assert opened == at("2026-11-14 09:00", "Pacific/Honolulu")
    assert closes_at(opened, anywhere, DAY_TIME) == at("2026-11-14 20:00", "America/New_York")


def test_a_state_in_two_zones_waits_for_both():
    """Rule 16."""
    florida = zones_for(None, "US", "FL", "GB")
    assert next_open(at("2026-11-14 02:30"), florida, DAY_TIME) == at("2026-11-14 09:00", "America/Chicago")
    assert closes_at(at("2026-11-14 18:00"), florida, DAY_TIME) == at("2026-11-14 20:00", "America/New_York")


def test_brazil_by_state():
    """Rule 16."""
    for state, opens in (("SP", "12:00"), ("AM", "14:00"), ("AC", "14:00"), ("PE", "12:00")):
        found = next_open(at("2026-11-14 02:30"), zones_for(None, "BR", state, "GB"), DAY_TIME)
        assert found == at(f"2026-11-14 {opens}"), state


def test_no_common_hour_means_the_middle_of_the_main_zones_day():
    apart = ("Europe/Moscow", "Asia/Kamchatka", "America/Los_Angeles")
    opened = next_open(at("2026-01-10 12:00"), apart, DAY_TIME)
    assert opened == at("2026-01-10 12:00")  # 15:00 in Moscow
    assert closes_at(opened, apart, DAY_TIME) == at("2026-01-10 17:00", "Europe/Moscow")
    assert next_open(at("2026-01-10 14:00"), apart, DAY_TIME) == at("2026-01-11 10:00", "Europe/Moscow")


def test_naive_instants_and_nowhere_are_refused():
    with pytest.raises(ValueError, match="aware"):
        next_open(datetime(2026, 1, 1), ("UTC",), DAY_TIME)
    with pytest.raises(ValueError, match="zone"):
        next_open(at("2026-01-01 00:00"), (), DAY_TIME)


PLACES = st.sampled_from(
    (
        "Europe/London",
        "America/New_York",
        "America/Los_Angeles",
        "Pacific/Honolulu",
        "Asia/Kolkata",
        "Australia/Lord_Howe",
        "Pacific/Kiritimati",
        "America/Sao_Paulo",
        "Africa/Casablanca",
        "America/St_Johns",
        "UTC",
    )
)
MOMENTS = st.integers(0, 4 * 24 * 365 * 12).map(lambda n: datetime(2017, 1, 1, tzinfo=UTC) + n * QUARTER)
WINDOWS = st.tuples(st.integers(0, 90), st.integers(2, 95)).map(
    lambda t: Hours(_clock(t[0]), _clock(min(95, t[0] + t[1])))
)


def _clock(quarters: int) -> time:
    return time(quarters // 4, quarters % 4 * 15)


def _open(moment: datetime, zones: tuple[str, ...], hours: Hours) -> bool:
    return all(hours.opens <= moment.astimezone(ZoneInfo(z)).time() < hours.closes for z in zones)


@given(MOMENTS, st.lists(PLACES, min_size=1, max_size=3, unique=True).map(tuple), WINDOWS)
@example(at("2026-10-25 00:45"), ("Europe/London",), Hours(time(0, 30), time(1, 30)))
@example(at("2026-04-04 15:00"), ("Australia/Lord_Howe",), Hours(time(1, 30), time(2)))
def test_it_is_what_looking_at_every_quarter_of_an_hour_finds(now: datetime, zones: tuple[str, ...], hours: Hours):
    """Rule 16."""
    opened, closed = next_open(now, zones, hours), closes_at(now, zones, hours)
    steps = [now + n * QUARTER for n in range(3 * 96)]
    common = next((m for m in steps if _open(m, zones, hours)), None)
    if common is None:
        zones, hours = zones[:1], MIDDLE_OF_THE_DAY
        common = next(m for m in steps if _open(m, zones, hours))
    assert opened == common
    later = (common + n * QUARTER for n in range(3 * 96))
    assert closed == next(m for m in later if not _open(m, zones, hours))
