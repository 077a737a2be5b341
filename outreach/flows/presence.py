"""Which workers are there, and how do they say so?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from outreach.core.terms import Channel
from outreach.flows.app import App
from outreach.store import workers
from outreach.store.engine import now, reading, writing

#: How often a worker says that it lives, and how long its silence means nothing, in seconds.
EVERY = 3.0
SILENT = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Presence:
    """One worker process: since when it runs, and how long ago it was last seen, by the database's clock."""

    owner: str
    channels: tuple[str, ...]
    started_at: datetime
    ago: timedelta

    @property
    def silent(self) -> bool:
        return self.ago > SILENT


def here(app: App, owner: str, channels: Sequence[Channel]) -> None:
    """The process `owner` lives and serves these channels."""
    with writing(app.engine) as c:
        served = ",".join(channel.value for channel in channels)
        workers.seen(c, owner, mode=app.house.mode.value, channels=served, at=now(c))


def gone(app: App, owner: str) -> None:
    """It ended as it should."""
    with writing(app.engine) as c:
        workers.left(c, owner)


def who(app: App) -> list[Presence]:
    """Every worker of the shop's mode that did not say goodbye, last seen first."""
    with reading(app.engine) as c:
        at = now(c)
        rows = workers.every(c, app.house.mode.value)
    return [Presence(r.owner, tuple(r.channels.split(",")), r.started_at, at - r.seen_at) for r in rows]
