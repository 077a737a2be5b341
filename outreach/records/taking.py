"""What does taking in a batch need to know, and what does it give back?"""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from outreach.records.fields import RecordKind
from outreach.records.moments import Moment
from outreach.records.reading import Reader, Record, Reject
from outreach.records.table import Source


@dataclass(frozen=True, slots=True)
class Intake:
    """One file on its way in. `now`: the import's instant; `check`: look, but write nothing.

    `accepted`: hashes of the keys this import took in, by kind: a check must know customers it did not write.
    """

    source: Source
    reader: Reader
    zone: ZoneInfo
    now: datetime
    pepper: bytes
    check: bool
    accepted: dict[RecordKind, set[int]] = field(default_factory=dict)

    @property
    def today(self) -> date:
        """The shop's local day."""
        return self.now.astimezone(self.zone).date()

    def accept(self, kind: RecordKind, key: str) -> None:
        """Remember a key, in a check only."""
        if self.check:
            self.accepted.setdefault(kind, set()).add(hash(key))

    def has_accepted(self, kind: RecordKind, key: str) -> bool:
        """Whether this check saw the key."""
        return hash(key) in self.accepted.get(kind, ())

    def reject(self, record: Record, name: str, said: str) -> Reject:
        """The record, refused for what one of its fields says."""
        return Reject(record.line, record.cells, (self.reader.wrong(name, said),))

    def instant(self, moment: Moment | None) -> datetime | None:
        """The instant, or the start of the day where only a day was given."""
        if moment is None:
            return None
        return moment.at or datetime.combine(moment.on, time(0), self.zone)


@dataclass(slots=True)
class Taken:
    """What became of a batch."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    rejects: list[Reject] = field(default_factory=list)
    grants: int = 0
    withdrawals: int = 0
    without_evidence: int = 0
    not_widened: int = 0


def day(moment: Moment | None) -> date | None:
    """The local day of a moment that may be missing."""
    return None if moment is None else moment.on


def pick(values: dict[str, Any], columns: dict[str, str]) -> dict[str, Any]:
    """The mapped fields under their column names."""
    return {column: values[name] for name, column in columns.items() if name in values}
