"""How does a person of ours deal with what somebody wrote? Look, take, answer, close."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from outreach.core.answers import Answer as Delivery
from outreach.core.conversation import Label, Line, Mark
from outreach.core.errors import Misuse
from outreach.core.terms import BY_HAND, Channel, Scope
from outreach.flows import answering
from outreach.flows.answering import Said, Unsaid
from outreach.flows.app import App
from outreach.store import answer_counts, audits, conversations, wishes
from outreach.store.answer_counts import Needed
from outreach.store.engine import now, reading, writing

__all__ = [
    "DAMAGED",
    "Needed",
    "Open",
    "Shown",
    "answer",
    "close",
    "complaint",
    "damaged",
    "name_of",
    "needed",
    "shown",
    "take",
    "waiting",
]

#: More than any shop should ever have open.
MOST = 500
#: What they say of a delivery that somebody has to act on.
DAMAGED = (Delivery.WRONG.value, Delivery.MISSING.value)
_WHY = {
    Unsaid.OFF: "the campaign answer_by_hand, or its channel, is not in use here",
    Unsaid.NO_ADDRESS: "the record no longer names the address they wrote from",
    Unsaid.SAID: "these very words were sent already, in answer to the same message",
    Unsaid.ENOUGH: "this address got its message of today",
    Unsaid.NOT_WRITTEN: "the template answer_by_hand has a problem",
}


@dataclass(frozen=True, slots=True)
class Open:
    """What waits, longest first, as of `at`. `mine`: what `me` took."""

    at: datetime
    me: str
    rows: tuple[Any, ...]

    @property
    def unanswered(self) -> tuple[Any, ...]:
        """Nobody answered these yet."""
        return tuple(row for row in self.rows if row.answered_at is None)

    def overdue(self, row: Any) -> bool:
        """Whether the hour we promised has passed."""
        return row.answered_at is None and row.answer_by is not None and row.answer_by < self.at


@dataclass(frozen=True, slots=True)
class Shown:
    """One conversation whole. `address`: where an answer goes; None: nowhere. `wishes`: what stands for them."""

    at: datetime
    row: Any
    lines: tuple[Any, ...]
    address: str | None
    earlier: tuple[Any, ...]
    wishes: tuple[Any, ...]


def damaged(row: Any) -> bool:
    """Whether what came was wrong, damaged, or did not come at all."""
    return row.answer in DAMAGED


def complaint(row: Any) -> bool:
    """Whether they complain."""
    return bool(row.label == Label.COMPLAINT.value)


def waiting(app: App) -> Open:
    """Every open conversation."""
    with reading(app.engine) as c:
        return Open(now(c), audits.actor(), tuple(conversations.open_now(c, limit=MOST)))


def needed(app: App) -> tuple[datetime, Needed]:
    """Now, and what needs a person."""
    with reading(app.engine) as c:
        at = now(c)
        return at, answer_counts.needed(c, at, DAMAGED)


def shown(app: App, name: str) -> Shown:
    """One conversation, by its name (r-12). Raises Misuse (OUT-520)."""
    with reading(app.engine) as c:
        row = _named(c, name)
        point = conversations.point(c, row)
        return Shown(
            now(c),
            row,
            tuple(conversations.lines(c, row.id)),
            point.address if point is not None else None,
            tuple(conversations.before(c, row)),
            tuple(wishes.standing(c, _hashes(c, row))),
        )


def take(app: App, name: str) -> Any:
    """I deal with it. Returns the conversation as it was. Raises Misuse (OUT-520, OUT-521)."""
    with writing(app.engine) as c:
        row = _still_open(c, name)
        conversations.take(c, row.id, audits.actor())
        audits.write(c, now(c), "reply.take", name, {"before": row.taken_by})
        return row


def answer(app: App, name: str, text: str) -> int:
    """Write back in the same thread, by the same guarded way as every message. Returns the message's id.

    Raises Misuse: OUT-520 and OUT-521, OUT-523 without words, OUT-524 with nowhere to send them, OUT-526 after a newer
    wish, OUT-525 when it could not be queued.
    """
    words = [part for part in (" ".join(p.split()) for p in text.strip().split("\n\n")) if part]
    if not words:
        raise Misuse("OUT-523", "there are no words to send", help=f'outreach replies reply {name} --text "…"')
    with writing(app.engine) as c:
        row = _still_open(c, name)
        point = conversations.point(c, row)
        if row.customer_id is None or point is None or point.address is None:
            raise _nowhere(app, row)
        lines = conversations.lines(c, row.id)
        last = next(line for line in reversed(lines) if line.theirs)
        _not_stopped_since(c, row, last.at)
        said = answering.answer(app, c, _answer(row, lines, (point.id, last), (words, _signer(app))))
        if said.outbox_id is None:
            raise _not_queued(said)
        _record(c, row, said.outbox_id, "\n\n".join(words))
        return said.outbox_id


def _answer(row: Any, lines: list[Any], to: tuple[int, Any], letter: tuple[list[str], str | None]) -> answering.Answer:
    (point_id, last), (words, signed) = to, letter
    mark = hashlib.sha256("\n".join(words).encode()).hexdigest()[:12]
    return answering.Answer(
        campaign=BY_HAND,
        contact_point_id=point_id,
        channel=Channel(row.channel),
        key=f"reply-{last.id}-{mark}",  # the same words to the same message are a finger that slipped
        answers_at=last.at,
        facts={"words": words, "signed": signed},
        thread=tuple(line.message_id for line in lines if line.message_id),
        subject=next((line.subject for line in reversed(lines) if line.subject), None),
    )


def _signer(app: App) -> str | None:
    """Whoever is at the keyboard, by the name under `people:`; None: the shop's usual signer."""
    person = app.house.shop.people.get(audits.actor())
    return person.name if person is not None else None


def _record(c: sa.Connection, row: Any, outbox_id: int, words: str) -> None:
    """What we said stands in the conversation, with whether it came in time; the clock stops."""
    at, who = now(c), audits.actor()
    in_time = row.answer_by is None or at <= row.answer_by
    marks = () if row.answered_at or row.answer_by is None else (Mark.IN_TIME if in_time else Mark.TOO_LATE,)
    line = Line(
        channel=Channel(row.channel), at=at, words=words, theirs=False, marks=marks, author=who, outbox_id=outbox_id
    )
    conversations.say(c, row.id, line)
    conversations.answered(c, row.id, at=at)
    if row.taken_by is None:
        conversations.take(c, row.id, who)
    audits.write(c, at, "reply.answer", name_of(row.id), {"message": outbox_id})


def close(app: App, name: str, *, did: str, change: str) -> Any:
    """It is done; campaigns may write again. Raises Misuse (OUT-520, OUT-521), OUT-522 unless both are said."""
    if not did.strip() or not change.strip():
        said = "say what you did, and what you change" if not did.strip() else "say what you change, too"
        raise Misuse("OUT-522", said, help=f'outreach replies close {name} --did "…" --change "…"')
    with writing(app.engine) as c:
        row = _still_open(c, name)
        at = now(c)
        conversations.close(c, row.id, (audits.actor(), did.strip(), change.strip()), at=at)
        audits.write(c, at, "reply.close", name_of(row.id), {"answered": row.answered_at is not None})
        return row


def name_of(conversation_id: int) -> str:
    """`r-12`: what people call a conversation."""
    return f"r-{conversation_id}"


def _named(c: sa.Connection, name: str) -> Any:
    number = name.strip().lower().removeprefix("r-")
    row = conversations.one(c, int(number)) if number.isdecimal() and len(number) < 16 else None
    if row is None:
        raise Misuse("OUT-520", f'"{name}" is no conversation; they are called like r-12', help="outreach replies")
    return row


def _still_open(c: sa.Connection, name: str) -> Any:
    row = _named(c, name)
    if row.closed_at is not None:
        said = f"{name_of(row.id)} was closed by {row.closed_by} on {row.closed_at:%Y-%m-%d}"
        raise Misuse("OUT-521", said, help=f"outreach replies show {name_of(row.id)}")
    return row


def _nowhere(app: App, row: Any) -> Misuse:
    who = (
        "a stranger wrote this" if row.customer_id is None else "the record no longer names the address they wrote from"
    )
    facts = (f"it was forwarded to {app.house.replies.forward_to}",)
    help_text = f'answer from that mailbox, then: outreach replies close {name_of(row.id)} --did "…" --change "…"'
    return Misuse("OUT-524", who, facts=facts, help=help_text)


def _not_queued(said: Said) -> Misuse:
    facts = (said.problem.message,) if said.problem is not None else ()
    return Misuse("OUT-525", _WHY[said.because or Unsaid.OFF], facts=facts, help="nothing was sent")


def _hashes(c: sa.Connection, row: Any) -> list[str]:
    theirs = wishes.points_of(c, row.customer_id) if row.customer_id is not None else []
    return list(dict.fromkeys([row.contact_hash, *(point.address_hash for point in theirs)]))


def _not_stopped_since(c: sa.Connection, row: Any, wrote_at: datetime) -> None:
    """A wish newer than their message forbids the answer; the guard would end it silently, so it is said here."""
    for wish in wishes.standing(c, _hashes(c, row)):
        covers = wish.scope in (Scope.EVERYTHING.value, row.channel) and wish.last_said > wrote_at
        if covers:
            said = f"they asked to be left alone on {wish.last_said:%Y-%m-%d %H:%M} UTC, after they wrote"
            raise Misuse("OUT-526", said, help=f"outreach replies close {name_of(row.id)} …")
