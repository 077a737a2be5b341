"""How many calls may be under way with one provider? Few until it shows that it takes messages. (decision 15)"""

from dataclasses import dataclass

#: More calls at once for each message taken: so 1, 4, 16, 64 ... while none fails.
_MORE = 3


@dataclass(slots=True)
class Window:
    """`most`: what the provider takes at once, a connection for each."""

    most: int
    now: int = 1

    def taken(self) -> None:
        """A message was accepted."""
        self.now = min(self.now + _MORE, self.most)

    def doubted(self) -> None:
        """Nobody knows what became of one: the fewer are under way, the fewer share its fate."""
        self.now = max(self.now // 2, 1)
