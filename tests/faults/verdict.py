"""Did every invariant hold? Asked of the database and of the provider's journal, which know nothing of each other.

I1 no hand-off after an opt-out's commit. I2 at most one acceptance per message. I3 every planned message is there and
at an end. I4 database and journal agree, `unknown` excepted. I5 nothing handed outside its hours. I6 nobody pays for
another campaign's fault. I7 what a provider posts twice counts once. I8 no address in a log.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from outreach.core.terms import MessageState
from outreach.store.contacts import contact_points
from outreach.store.inbox_schema import inbox_events
from outreach.store.schema import attempts
from tests.fake.journal import Line
from tests.faults.scene import Scene

OPEN = frozenset({"planned", "ready", "claimed", "handed", "in_doubt"})
_REFERENCE = re.compile(r"-(\d+)-(\d+)$")
#: The most violations of a kind that are shown.
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class OptOut:
    """A wish that was taken down: the addresses' hashes, and the database's time right after its commit."""

    hashes: tuple[str, ...]
    committed_at: datetime


@dataclass
class Verdict:
    """What was found. `broken`: invariant -> what broke it, in words with ids only."""

    messages: int = 0
    states: Counter[str] = field(default_factory=Counter)
    taken: int = 0
    unknown_taken: int = 0
    tails_ms: list[float] = field(default_factory=list)
    lost_locks: int = 0
    broken: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    @property
    def good(self) -> bool:
        return not self.broken

    def __str__(self) -> str:
        said = [f"{self.messages} messages, {self.taken} taken, {dict(sorted(self.states.items()))}"]
        for name, found in sorted(self.broken.items()):
            said += [f"{name}: {len(found)} times", *(f"    {each}" for each in found[:_SHOWN])]
        return "\n".join(said)


@dataclass
class Evidence:
    """What a verdict is reached from. `planned`: the messages there were, and from when each might leave;
    `broken_campaigns` were hurt on purpose; `ended`: everything was given the time to come to an end.

    `strict`: no call may be under way when an opt-out is committed, unless whoever held the address's lock for it was
    killed, or the server that kept the lock ended at one of `server_ends` (Unix time). `posts`: {a provider's id of
    what it posted: how often that was taken for new}.
    """

    scene: Scene
    lines: Sequence[Line]
    planned: Mapping[int, datetime]
    opt_outs: Sequence[OptOut] = ()
    broken_campaigns: frozenset[str] = frozenset()
    logs: Sequence[Path] = ()
    ended: bool = True
    strict: bool = False
    server_ends: Sequence[float] = ()
    posts: Mapping[str, int] = field(default_factory=dict)


def judge(evidence: Evidence) -> Verdict:
    """All invariants."""
    messages = evidence.scene.messages()
    tried = evidence.scene.rows(sa.select(attempts))
    found = Verdict(len(messages), Counter(m.state for m in messages.values()))
    taken: dict[int, list[Line]] = defaultdict(list)
    for line in evidence.lines:
        if line.took:
            taken[_number(line)[0]].append(line)
    found.taken = sum(map(len, taken.values()))
    _opt_outs(found, evidence, messages, tried, taken)
    _once(found, taken)
    _complete(found, evidence, messages)
    _agree(found, messages, taken)
    _hours(found, evidence, messages, tried)
    _others(found, evidence, messages)
    _posts(found, evidence)
    _logs(found, evidence)
    found.broken = dict(found.broken)
    return found


def _number(line: Line) -> tuple[int, int]:
    """(message, attempt) of a hand-off the provider saw; (0, 0) when it carried no reference."""
    reference = _REFERENCE.search(line.reference)
    return (int(reference[1]), int(reference[2])) if reference else (0, 0)


def _opt_outs(
    found: Verdict,
    evidence: Evidence,
    messages: Mapping[int, Any],
    tried: Sequence[Any],
    taken: Mapping[int, Sequence[Line]],
) -> None:
    """I1, by the database's clock; and how long after a commit the provider still took what had been handed before."""
    asked = {h: wish.committed_at for wish in evidence.opt_outs for h in wish.hashes}
    for row in tried:
        wished = asked.get(messages[row.outbox_id].contact_hash)
        if wished is not None and row.handed_at is not None and row.handed_at > wished:
            late = (row.handed_at - wished).total_seconds() * 1000
            found.broken["I1"].append(f"m-{row.outbox_id} handed {late:.0f} ms after the opt-out")
    for number, lines in taken.items():
        wished = asked.get(messages[number].contact_hash) if number in messages else None
        late = [line for line in lines if wished is not None and line.at > wished.timestamp()]
        found.tails_ms += [1000 * (line.at - wished.timestamp()) for line in late if wished is not None]
        if evidence.strict:
            _strictly(found, evidence, tried, late)


def _strictly(found: Verdict, evidence: Evidence, tried: Sequence[Any], late: Sequence[Line]) -> None:
    """With `send.strict` an opt-out waits for the call: for as long as its lock can be held."""
    tries = {(row.outbox_id, row.attempt): row for row in tried} if late else {}
    for line in late:
        row = tries[_number(line)]
        ended = any(row.handed_at.timestamp() <= end <= line.at for end in evidence.server_ends)
        if row.finished_at is None or ended:
            found.lost_locks += 1
        else:
            found.broken["I1"].append(f"m-{row.outbox_id} was taken after the opt-out, which had waited for its call")


def _once(found: Verdict, taken: Mapping[int, Sequence[Line]]) -> None:
    for number, lines in taken.items():
        if len(lines) > 1:
            how = ", ".join(f"{line.reference} {line.behaviour}" for line in lines)
            found.broken["I2"].append(f"m-{number} accepted {len(lines)} times: {how}")


def _complete(found: Verdict, evidence: Evidence, messages: Mapping[int, Any]) -> None:
    planned = set(evidence.planned)
    found.broken["I3"] += [f"m-{number} is gone" for number in sorted(planned - set(messages))]
    found.broken["I3"] += [f"m-{number} was planned again" for number in sorted(set(messages) - planned)]
    if evidence.ended:
        still = [m for m in messages.values() if m.state in OPEN]
        found.broken["I3"] += [f"m-{m.id} is still {m.state}, attempt {m.attempt}" for m in still]
    if not found.broken["I3"]:
        del found.broken["I3"]


def _agree(found: Verdict, messages: Mapping[int, Any], taken: Mapping[int, Sequence[Line]]) -> None:
    """I4. An open message may be ahead or behind; an `unknown` one says itself that nobody knows."""
    wrong = []
    for message in messages.values():
        lines = taken.get(message.id, ())
        if message.state == MessageState.UNKNOWN.value:
            found.unknown_taken += bool(lines)
        elif message.state == MessageState.ACCEPTED.value:
            if not lines:
                wrong.append(f"m-{message.id} is accepted, and the provider never took it")
            elif message.provider_message_id is not None and not _named(message, lines):
                wrong.append(f"m-{message.id} has another id at the provider")
        elif lines and message.state not in OPEN:
            wrong.append(f"m-{message.id} was taken ({lines[0].behaviour}), and the database says {message.state}")
    wrong += [f"m-{number} was taken, and is no message" for number in taken if number not in messages]
    if wrong:
        found.broken["I4"] = wrong


def _named(message: Any, lines: Sequence[Line]) -> bool:
    return any(line.id is not None and line.id in message.provider_message_id for line in lines)


def _hours(found: Verdict, evidence: Evidence, messages: Mapping[int, Any], tried: Sequence[Any]) -> None:
    """I5. `not_before` only ever moves on; what was planned stands."""
    for row in tried:
        begins = evidence.planned.get(row.outbox_id, messages[row.outbox_id].not_before)
        if row.handed_at is not None and not begins <= row.handed_at <= messages[row.outbox_id].not_after:
            found.broken["I5"].append(f"m-{row.outbox_id} attempt {row.attempt} handed outside its hours")


def _others(found: Verdict, evidence: Evidence, messages: Mapping[int, Any]) -> None:
    """I6: rejected and cancelled messages belong to the campaigns that were hurt, and nothing of those was taken."""
    for message in messages.values():
        if message.campaign in evidence.broken_campaigns and message.state == MessageState.ACCEPTED.value:
            found.broken["I6"].append(f"m-{message.id} of {message.campaign}, which is broken, was sent")
        if message.state in ("rejected", "cancelled") and message.campaign not in evidence.broken_campaigns:
            said = message.because or message.last_error
            found.broken["I6"].append(f"m-{message.id} of {message.campaign} is {message.state}: {said}")


def _posts(found: Verdict, evidence: Evidence) -> None:
    """I7: acknowledged, so kept; repeated, so kept once."""
    kept = (
        {row.event_id for row in evidence.scene.rows(sa.select(inbox_events.c.event_id))} if evidence.posts else set()
    )
    wrong = [f"{post} was taken for new {new} times" for post, new in evidence.posts.items() if new > 1]
    wrong += [f"{post} is not in the inbox" for post in evidence.posts if post not in kept]
    if wrong:
        found.broken["I7"] = wrong


def _logs(found: Verdict, evidence: Evidence) -> None:
    """I8: nothing of who a message went to."""
    text = "".join(path.read_text(errors="replace") for path in evidence.logs)
    known = evidence.scene.rows(sa.select(contact_points.c.id, contact_points.c.address)) if text else []
    spelled = {word.rstrip(".-") for word in re.findall(r"[\w.+-]+@[\w.-]+|\+\d{8,}", text)}
    found_there = [row.id for row in known if row.address in spelled]
    if found_there:
        found.broken["I8"] = [f"the address of contact point {number} stands in a log" for number in found_there]
