"""Where do answers come in, who reads them, and by when do we promise to answer? `replies:` of config/outreach.yaml."""

import re
from datetime import date, time
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from outreach.core.shop import Replies
from outreach.documents import Document
from outreach.quantities import mailbox

#: datetime.weekday() of each.
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
#: A token of ours goes after a plus, and what stands before the @ may be 64 characters in all (RFC 5321 4.5.3.1.1).
LONGEST_BOX = 18


def _working_days(text: Any) -> tuple[int, ...]:
    """`mon-fri`, `mon-thu, sat` -> days of the week, Monday is 0."""
    found: set[int] = set()
    for part in str(text).lower().split(","):
        first, _, last = (word.strip() for word in part.partition("-"))
        if first not in _DAYS or (last or first) not in _DAYS:
            raise ValueError('say it as days of the week, like "mon-fri" or "tue-thu, sat"')
        start, end = _DAYS.index(first), _DAYS.index(last or first)
        found.update(day % 7 for day in range(start, end + 1 if end >= start else end + 8))  # "sun-thu" goes round
    return tuple(sorted(found))


def _within(text: Any) -> int:
    """`1 working day` -> 1."""
    found = re.fullmatch(r"\s*(\d{1,2})\s+working\s+days?\s*", str(text))
    if not found or not 1 <= int(found[1]) <= 20:
        raise ValueError("say it in working days, from 1 to 20, like 1 working day")
    return int(found[1])


def _day_ends(text: Any) -> time:
    """`17:00`."""
    found = re.fullmatch(r"\s*([01]\d|2[0-3]):([0-5]\d)\s*", str(text))
    if not found:
        raise ValueError('say it as a time of day in quotes, like "17:00"')
    return time(int(found[1]), int(found[2]))


def _listening(text: Any) -> str:
    """A mailbox without a plus of its own; "" is none."""
    box = str(text or "")
    name, _, domain = box.partition("@")
    if box and not re.fullmatch(r"[^@\s+]+@[^@\s]+\.[^@\s]+", f"{name}@{domain}"):
        raise ValueError("say it as an email address without a plus, like hello@reply.alder.example")
    if len(name) > LONGEST_BOX:
        raise ValueError(f"before the @ stand at most {LONGEST_BOX} characters: each customer's own token is added")
    return box


def _authserv(text: Any) -> str:
    """The authserv-id of Authentication-Results (RFC 8601, 2.5): one word, mostly a host's name; "" is none."""
    name = str(text or "")
    if not re.fullmatch(r"[A-Za-z0-9._-]{0,253}", name):
        raise ValueError("say it as your mail server does in Authentication-Results, like mx.alder.example")
    return name


class RepliesSection(Document):
    """`replies:`, checked; every key may be missing."""

    address: Annotated[str, BeforeValidator(_listening)] = ""
    forward_to: Annotated[str, BeforeValidator(lambda text: mailbox(text) if text else "")] = ""
    answer_within: Annotated[int, BeforeValidator(_within)] = 1
    working_days: Annotated[Any, BeforeValidator(_working_days)] = (0, 1, 2, 3, 4)
    day_ends: Annotated[Any, BeforeValidator(_day_ends)] = time(17)
    closed_on: tuple[date, ...] = Field(default=(), max_length=1000)
    authserv: Annotated[str, BeforeValidator(_authserv)] = ""

    def replies(self, signer: str) -> Replies:
        """As the program knows it. `signer`: the mailbox of whoever signs reads what nobody else is named for."""
        return Replies(
            address=self.address,
            forward_to=self.forward_to or signer,
            within_days=self.answer_within,
            working_days=self.working_days,
            day_ends=self.day_ends,
            closed_on=frozenset(self.closed_on),
            authserv=self.authserv,
        )
