"""How long did a vendor ask us to stay away? By the vendor's own clock, never by ours."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

#: Whatever a broken answer says, a day later we ask again.
LONGEST = timedelta(days=1)
#: More seconds than this are an instant (seconds since 1970), not a while.
_INSTANT = 10_000_000


def asked_to_wait(headers: Mapping[str, str]) -> timedelta | None:
    """The longest of Retry-After (RFC 9110, 10.2.3: seconds or a date) and X-RateLimit-Reset (an instant).

    An instant is measured from the answer's own Date. None: nothing that can be read was said.
    """
    now = _date(headers.get("Date", ""))
    waits = [_while(headers.get(name, ""), now) for name in ("Retry-After", "X-RateLimit-Reset")]
    known = [wait for wait in waits if wait is not None]
    return max(timedelta(0), min(max(known), LONGEST)) if known else None


def _while(value: str, now: datetime | None) -> timedelta | None:
    value = value.strip()
    if value.isascii() and value.isdigit() and len(value) < 12:
        seconds = int(value)
        if seconds < _INSTANT:
            return timedelta(seconds=seconds)
        until: datetime | None = datetime.fromtimestamp(seconds, UTC)
    else:
        until = _date(value)
    return until - now if until is not None and now is not None else None


def _date(value: str) -> datetime | None:
    try:
        read = parsedate_to_datetime(value)
    except (ValueError, IndexError):
        return None
    return read if read.tzinfo is not None else read.replace(tzinfo=UTC)
