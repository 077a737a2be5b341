"""By when does a person answer, if the shop keeps its word?"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from outreach.core.shop import Replies


def answer_by(at: datetime, replies: Replies, zone: str) -> datetime:
    """The end of the `within_days`th working day after the shop's local day of `at`, an instant in UTC.

    The day somebody wrote on is not counted: within 1 working day, Monday's letter has until the end of Tuesday, and
    Saturday's until the end of Monday. `zone` is IANA's name. A `day_ends` that the clocks
    jump over is read by the clock before the jump.
    """
    local = ZoneInfo(zone)
    day = at.astimezone(local).date()
    left = replies.within_days
    while left:
        day += timedelta(days=1)
        left -= day.weekday() in replies.working_days and day not in replies.closed_on
    return datetime.combine(day, replies.day_ends, local).astimezone(UTC)
