"""What may go wrong at the fake provider, how often, and for whom?

A behaviour is a word: `accept`; `accept_hang`, `accept_reset`, `accept_half`, `accept_trickle`, `accept_500` (taken,
and then ...); `hang`, `reset`, `half`, `trickle`, `429`, `503`, `401` (not taken, and ...); `400:21610` (not taken,
with the vendor's own code). Chances are drawn from the seed and the message's reference, so that one seed tells one
story whatever the order of requests.
"""

import hashlib
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from tests.fake.wire import Manner


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Whether the message is taken, and what is then said. `status` None: the vendor's word for success."""

    name: str
    took: bool
    status: int | None = None
    code: int | None = None
    manner: Manner = Manner.WHOLE


ACCEPT = Behaviour("accept", took=True)


def behaviour(word: str) -> Behaviour:
    """Read one word. Raises ValueError for a word that is none."""
    if word == "accept":
        return ACCEPT
    took = word.startswith("accept_")
    rest, _, code = word.removeprefix("accept_").partition(":")
    if rest.isdigit():
        return Behaviour(word, took, int(rest), int(code) if code else None)
    if rest not in set(Manner) - {Manner.WHOLE} or code:
        raise ValueError(f"{word} is no behaviour")
    return Behaviour(word, took, manner=Manner(rest))


@dataclass
class Mood:
    """How one provider behaves just now."""

    seed: int = 0
    latency_ms: float = 0.0
    #: behaviour -> share of the requests, 0 to 1; what is left over is accepted
    chances: dict[str, float] = field(default_factory=dict)
    #: behaviours of the next requests, one each, before chances are asked
    next: deque[str] = field(default_factory=deque)
    retry_after: int | None = 1  # seconds, said with 429 and 503
    #: 429 and 503 say an instant (X-RateLimit-Reset, SendGrid's way) in place of seconds
    reset_instant: bool = False
    #: how long an accepted message stays out of the vendor's own list, in seconds
    list_lag: float = 0.0
    #: (upper bound, behaviour), worked out once
    bounds: list[tuple[float, Behaviour]] = field(default_factory=list)

    def pick(self, reference: str) -> Behaviour:
        """What happens to this message."""
        if self.next:
            return behaviour(self.next.popleft())
        if not self.bounds:
            return ACCEPT
        draw = int.from_bytes(hashlib.sha256(f"{self.seed}|{reference}".encode()).digest()[:8]) / 2**64
        return next((found for bound, found in self.bounds if draw < bound), ACCEPT)


def mood(said: dict[str, Any]) -> Mood:
    """A mood as the control endpoint is told it. Raises ValueError or TypeError for what makes no sense."""
    found = Mood(**{**said, "next": deque(said.get("next", ()))})
    bound = 0.0
    for word, share in found.chances.items():
        bound += share
        found.bounds.append((bound, behaviour(word)))
    if bound > 1 + 1e-9:
        raise ValueError("chances add up to more than 1")
    for word in found.next:
        behaviour(word)
    return found
