"""Is a shop's own time the same instant whether its day is remembered or worked out anew?"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.records.moments import moment

#: Days on which a clock is changed: at midnight, by half an hour, at one minute past; and a day left out whole.
CHANGES = [
    ("America/Sao_Paulo", datetime(2018, 11, 4)),
    ("America/Sao_Paulo", datetime(2018, 2, 17)),
    ("Australia/Lord_Howe", datetime(2026, 4, 5)),
    ("America/St_Johns", datetime(2006, 10, 29)),
    ("Europe/London", datetime(2026, 10, 25)),
    ("Pacific/Apia", datetime(2011, 12, 30)),
]


@pytest.mark.parametrize(("name", "day"), CHANGES)
@given(st.integers(-3 * 1_440, 3 * 1_440))
def test_a_naive_time_is_the_shop_s_own(name: str, day: datetime, minutes: int) -> None:
    zone, local = ZoneInfo(name), day + timedelta(minutes=minutes)
    for written in (f"{local:%Y-%m-%d %H:%M}", f"{local:%Y-%m-%dT%H:%M:%S}"):
        read = moment(written, zone, None)
        assert read.at == local.replace(tzinfo=zone).astimezone(UTC)
        assert read.on == local.date()
        assert read.at is not None
        assert read.at.tzinfo is UTC
