"""What does a block of `Name: value` lines say? Headers, delivery reports and complaint reports are all written so."""

from collections.abc import Iterable
from dataclasses import dataclass

from outreach.inbound.decoding import header_text
from outreach.inbound.mime import head_of


@dataclass(frozen=True, slots=True)
class Fields:
    """Names in small letters with their values as they travelled, in their order; a name may stand more than once."""

    pairs: tuple[tuple[str, str], ...] = ()

    def first(self, name: str) -> str:
        """The first value of `name`, "" without one."""
        return next((value for key, value in self.pairs if key == name), "")

    def every(self, *names: str) -> tuple[str, ...]:
        """All values of these names."""
        return tuple(value for key, value in self.pairs if key in names)

    def text(self, name: str) -> str:
        """The first value as people read it: decoded, on one line."""
        return header_text(self.first(name))

    def word(self, name: str) -> str:
        """What the first value says before any parameter or comment, in small letters: `auto-replied`."""
        return self.first(name).partition(";")[0].partition("(")[0].strip().lower()

    def has(self, names: Iterable[str]) -> bool:
        """Whether one of these names is there."""
        return not {key for key, _ in self.pairs}.isdisjoint(names)


def fields_of(block: bytes) -> Fields:
    """The fields of one block, as far as the limits allow. Never raises."""
    return Fields(tuple((name.strip().lower(), value.strip()) for name, value in head_of(block).raw_items()))
