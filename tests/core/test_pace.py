"""Is the agreed pace kept, whoever asks and however clocks stand?"""

from datetime import UTC, datetime, timedelta

import hypothesis.strategies as st
import pytest
from hypothesis import given

from outreach.core.breaker import after, trips
from outreach.core.pace import leave, moved, rest
from outreach.core.reference import Reference, parse

AT = datetime(2026, 11, 14, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@given(
    per_second=st.sampled_from([0.5, 1.0, 3.0, 40.0, 1000.0]),
    asks=st.lists(st.tuples(st.integers(0, 3000), st.integers(1, 300)), min_size=1, max_size=60),
)
def test_never_more_than_the_pace_and_a_little_ahead(per_second: float, asks: list[tuple[int, int]]) -> None:
    at, next_at, gone = AT, None, []
    for later, wanted in asks:
        at += timedelta(milliseconds=later)
        found = leave(next_at, at=at, per_second=per_second, wanted=wanted)
        assert 0 <= found.count <= wanted
        if found.count:
            next_at = moved(next_at, at=at, per_second=per_second, count=found.count)
            gone.append((at, found.count))
    ahead = max(1.0, per_second / 10)
    for i, (begin, _) in enumerate(gone):
        for j in range(i, len(gone)):
            seconds = (gone[j][0] - begin).total_seconds()
            assert sum(n for _, n in gone[i : j + 1]) <= ahead + seconds * per_second + 1e-6


@given(per_second=st.sampled_from([0.5, 1.0, 3.0, 40.0]), wanted=st.integers(1, 50))
def test_after_the_wait_the_next_may_leave(per_second: float, wanted: int) -> None:
    found = leave(None, at=AT, per_second=per_second, wanted=wanted)
    assert found.count >= 1
    if found.count < wanted:
        next_at = moved(None, at=AT, per_second=per_second, count=found.count)
        later = AT + (found.wait + 0.001) * SECOND
        assert leave(next_at, at=later, per_second=per_second, wanted=1).count == 1
        assert leave(next_at, at=AT, per_second=per_second, wanted=1).count == 0


def test_setbacks_double_the_rest_up_to_five_minutes() -> None:
    """Rule 19: with backoff."""
    assert [rest(n).total_seconds() for n in (0, 1, 2, 6, 50)] == [5, 10, 20, 300, 300]


@pytest.mark.parametrize(
    ("recent", "stops"),
    [("x" * 19, False), ("x" * 20, True), ("." * 20 + "x" * 20, False), ("." * 20 + "x" * 21, True)],
)
def test_the_breaker(recent: str, stops: bool) -> None:
    assert trips(recent) is stops


def test_the_breaker_forgets_what_is_older_than_a_hundred() -> None:
    assert after("x" * 60, "." * 70) == "x" * 30 + "." * 70


@given(st.integers(1, 10**17), st.integers(1, 10**8))
def test_a_reference_comes_back(message: int, attempt: int) -> None:
    mine = Reference("0123456789ab", message, attempt)
    assert parse(str(mine)) == mine


@pytest.mark.parametrize(
    "text", ["", "m-1", "0123456789ab-0-1", "0123456789ab-1-1\n", "0123456789AB-1-1", "a-1-1", "٣" * 12 + "-1-1"]
)
def test_what_is_no_reference(text: str) -> None:
    assert parse(text) is None
