"""What do all fake vendors share? A name, a mood, the journal, and the moment a message is taken."""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from zlib import crc32

from tests.fake.journal import Journal, Line, hashed, now
from tests.fake.moods import ACCEPT, Behaviour, Mood
from tests.fake.wire import Request

#: instance-id-attempt, wherever a vendor lets us put it
REFERENCE = re.compile(r"[A-Za-z0-9_]+(?:-[A-Za-z0-9_]+)*-\d+-\d+")
#: What a request breaks of the maker's contract; None: it holds.
Contract = Callable[[Request], str | None]
INVALID = Behaviour("invalid", took=False, status=400)


@dataclass(frozen=True, slots=True)
class Message:
    """What a vendor read out of a hand-off. `wrong`: why it may not be taken at all."""

    reference: str
    to: str
    body: bytes
    wrong: str | None = None
    kept: dict[str, str] | None = None


@dataclass
class Vendor:
    """One provider's state. `contract` is absent in benches: judging a request takes longer than sending it."""

    name: str
    journal: Journal
    contract: Contract | None = None
    mood: Mood = field(default_factory=Mood)
    _boot: str = field(default_factory=lambda: secrets.token_hex(6))
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    def take(self, message: Message) -> tuple[Behaviour, Line]:
        """Decide what happens to a message and write it down, before anything is said."""
        behaviour = INVALID if message.wrong else self.mood.pick(message.reference)
        at, mono = now()
        line = Line(
            provider=self.name,
            reference=message.reference,
            to=hashed(message.to),
            sum=crc32(message.body),
            took=behaviour.took,
            behaviour=behaviour.name,
            at=at,
            mono=mono,
            id=self.new_id() if behaviour.took else None,
            wait=self.mood.retry_after if behaviour.status in (429, 503) else None,
            wrong=message.wrong,
            kept=message.kept,
        )
        self.journal.write(line)
        return behaviour, line

    def new_id(self) -> str:
        """32 hexadecimal digits, never given twice, not even after a restart."""
        return f"{self._boot}{next(self._numbers):020x}"

    @property
    def latency(self) -> float:
        return self.mood.latency_ms / 1000

    def key_refused(self) -> Behaviour | None:
        """Whether a question about the account itself is refused just now."""
        word = self.mood.next[0] if self.mood.next else next(iter(self.mood.chances), ACCEPT.name)
        return Behaviour(word, took=False, status=int(word)) if word in ("401", "403") else None


def reference_in(text: str) -> str:
    """Our reference, wherever it stands in a text; empty when there is none."""
    found = REFERENCE.search(text)
    return found[0] if found else ""
