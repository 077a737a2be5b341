"""What came in that the program could not understand, and what of it can a person read?

Nothing of it is lost, but nothing followed from it, either: a wish in it is a person's to honour.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from outreach.core.errors import Misuse
from outreach.core.terms import Channel
from outreach.flows.app import App
from outreach.flows.came_in import read_raw
from outreach.store import inbox
from outreach.store.answer_counts import IN_SIGHT
from outreach.store.engine import now, reading

#: So many are listed.
MOST = 50


@dataclass(frozen=True, slots=True)
class Puzzle:
    """One of them. `address` "": it does not say whose; `words`: as far as they can be read."""

    id: int
    at: datetime
    what: str
    problem: str
    channel: Channel
    address: str
    subject: str
    words: str


def puzzles(app: App) -> list[Puzzle]:
    """Those of the last week, the newest first."""
    with reading(app.engine) as c:
        rows = inbox.set_aside(c, now(c) - IN_SIGHT, limit=MOST)
    return [_read(row) for row in rows]


def puzzle(app: App, name: str) -> Puzzle:
    """One, by its name (i-12), however old. Raises Misuse (OUT-520)."""
    number = name.strip().lower().removeprefix("i-")
    with reading(app.engine) as c:
        row = inbox.one_set_aside(c, int(number)) if number.isdecimal() and len(number) < 16 else None
    if row is None:
        said = f'"{name}" is nothing that was set aside; what was is called like i-12'
        raise Misuse("OUT-520", said, help="outreach replies")
    return _read(row)


def name_of(inbox_id: int) -> str:
    """`i-12`: what people call it."""
    return f"i-{inbox_id}"


def _read(row: Any) -> Puzzle:
    known = (row.id, row.received_at, f"{row.kind} from {row.provider}", row.problem)
    if row.raw is None:
        return Puzzle(*known, Channel.EMAIL, "", "", "(forgotten)")
    found = read_raw(inbox.unpacked(row.raw))
    return Puzzle(*known, found.channel, found.address, found.subject, found.words)
