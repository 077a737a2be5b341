"""How many messages may leave now, when a provider takes only so many a second? And how long after a setback?

The rate is kept as one instant, `next_at`: when the next message is due if all keep the pace (the generic cell rate
algorithm; ITU-T I.371, annex A). It is shared by all workers, and a clock that stood still earns no burst.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

#: What may leave ahead of the pace: a tenth of a second's worth, and never less than one message.
_AHEAD = 0.1
#: How long a provider is left alone that did not say itself: doubled with each setback, up to five minutes.
_FIRST_WAIT, _LONGEST_WAIT = 5.0, 300.0


@dataclass(frozen=True, slots=True)
class Leave:
    """`count` messages may leave at once; the next one `wait` seconds later, when that is fewer than were asked for."""

    count: int
    wait: float = 0.0


def leave(next_at: datetime | None, *, at: datetime, per_second: float, wanted: int) -> Leave:
    """How many of `wanted` may leave `at` this moment."""
    ahead = max(1.0, per_second * _AHEAD)
    behind = max(0.0, ((next_at or at) - at).total_seconds()) * per_second
    count = min(wanted, int(ahead - behind + 1e-9))
    if count >= wanted:
        return Leave(wanted)
    return Leave(max(count, 0), max(0.0, (behind + max(count, 0) + 1 - ahead) / per_second))


def moved(next_at: datetime | None, *, at: datetime, per_second: float, count: int) -> datetime:
    """`next_at` once `count` messages left `at` this moment."""
    return max(next_at or at, at) + timedelta(seconds=count / per_second)


def rest(setbacks: int) -> timedelta:
    """How long to leave a provider alone after so many setbacks in a row."""
    return timedelta(seconds=min(_FIRST_WAIT * 2 ** min(setbacks, 10), _LONGEST_WAIT))
