"""How does a provider's event name one of our messages without telling anybody anything?

`INSTANCE-MESSAGE-ATTEMPT`: the database's own id, the message's and the try's. No address, no customer, no secret.
"""

import re
from dataclasses import dataclass

_FORM = re.compile(r"([0-9a-z]{8,32})-([1-9][0-9]{0,17})-([1-9][0-9]{0,8})")


@dataclass(frozen=True, slots=True)
class Reference:
    """One hand-off of one message of one database."""

    instance: str
    message: int
    attempt: int

    def __str__(self) -> str:
        return f"{self.instance}-{self.message}-{self.attempt}"


def parse(text: str) -> Reference | None:
    """The reference somebody gave back to us; None for anything that is none of ours."""
    found = _FORM.fullmatch(text)
    return Reference(found[1], int(found[2]), int(found[3])) if found else None
