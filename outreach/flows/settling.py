"""What follows from providers' answers? T3 for a batch, and what it means for people, campaigns and providers."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from outreach.core.breaker import FAILED, FINE
from outreach.core.lifecycle import CONSEQUENCES, Consequence, Fault
from outreach.core.terms import Channel, MessageState, Mode, Scope
from outreach.flows.app import App
from outreach.providers.base import Receipt
from outreach.store import audits, breakers, levers, out_of_reach, provider_states, recording, sending, wishes
from outreach.store.engine import now, writing
from outreach.store.out_of_reach import Missed
from outreach.store.recording import Result

_ACCEPTED = Consequence(MessageState.ACCEPTED)
#: The most of what a provider says that is kept.
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Answer:
    """One hand-off and what the provider said. `receipt` None: it was surely not sent, and goes back."""

    row: Any
    provider: str
    receipt: Receipt | None

    @property
    def held(self) -> tuple[int, int]:
        return (self.row.id, self.row.attempt)

    @property
    def fault(self) -> Fault | None:
        return None if self.receipt is None else self.receipt.fault

    @property
    def consequence(self) -> Consequence:
        return _ACCEPTED if self.fault is None else CONSEQUENCES[self.fault]


def settle(app: App, answers: Sequence[Answer], *, timed: bool) -> Counter[str]:
    """Record them, fenced by state and attempt, with all that follows, in one transaction. Counts by state; what goes
    back unsent is due as before, and is not counted.

    `timed` False (outbox mode): no provider rests, and no message is put off.
    """
    said = [answer for answer in answers if answer.receipt is not None]
    unsent = [answer.held for answer in answers if answer.receipt is None]
    bad = [answer for answer in said if answer.fault is not None]  # few; the usual answer has no consequences
    wishes_too = any(answer.consequence.suppress or answer.consequence.flag_address for answer in bad)
    results = [_result(answer) for answer in said]  # before the transaction: others wait for it
    with writing(app.engine, durable=wishes_too) as c:
        at = now(c)
        states = Counter(sending.give_back(c, unsent, at=at, clock=at if timed else None) if unsent else {})
        del states[MessageState.READY.value]
        ours = recording.record(c, results, at=at)
        _people(c, bad, at, app.house.wishes.stop_by_text)
        again, waiting = _out_of_reach(c, bad, at, ours if timed else set())
        if timed:
            _providers(c, said, at, ours)
        _campaigns(c, [answer for answer in said if answer.row.id in ours], app.house.mode, at)
    left = [answer for answer in said if answer.row.id in ours - again]
    states.update(answer.consequence.state.value for answer in left)
    return states + waiting


def _out_of_reach(
    c: sa.Connection, bad: Sequence[Answer], at: datetime, ours: set[int]
) -> tuple[set[int], Counter[str]]:
    """Texts whose phone was, and that are tried again; with their counts by state."""
    missed = [_result(a) for a in bad if a.fault is Fault.UNREACHABLE and a.row.id in ours]
    told = [Missed(one.id, one.attempt, one.said) for one in missed]
    return out_of_reach.wait_again(c, told, MessageState.REJECTED, at=at)


def _result(answer: Answer) -> Result:
    receipt = answer.receipt
    assert receipt is not None
    return Result(
        id=answer.row.id,
        attempt=answer.row.attempt,
        state=answer.consequence.state,
        provider=answer.provider,
        message_id=_plain(receipt.message_id),
        said=_plain(receipt.said),
        fault=receipt.fault,
        status=receipt.status,
    )


def _plain(text: str | None) -> str | None:
    """What a database can keep and a person can read, whatever a vendor says."""
    if text is None or (text.isprintable() and 0 < len(text) <= _LONGEST):
        return text
    return "".join(letter if letter.isprintable() else " " for letter in text[:_LONGEST]) or None


def _people(c: sa.Connection, answers: Sequence[Answer], at: datetime, stopped: Scope) -> None:
    """Who opted out at the provider, by a text to it; and addresses that are none."""
    for answer in answers:
        row, said = answer.row, answer.consequence
        if said.suppress or said.flag_address:
            scope = stopped if said.suppress else Scope.ADDRESS
            reason = "asked" if said.suppress else "no such address"
            evidence = None if answer.receipt is None else _plain(answer.receipt.said)
            asked = wishes.Asked(scope, reason, "provider", evidence, None, at)
            wishes.suppress(c, [(Channel(row.channel), row.contact_hash)], asked)


def _providers(c: sa.Connection, answers: Sequence[Answer], at: datetime, ours: set[int]) -> None:
    """Pauses and stops; one that takes messages again is well. What it would not take yet waits as long as it does."""
    for name in sorted({answer.provider for answer in answers}):
        its = [answer for answer in answers if answer.provider == name]
        bad = [answer for answer in its if answer.fault is not None]
        stopped = next((a for a in bad if a.consequence.stop_provider), None)
        paused = [a for a in bad if a.consequence.pause_provider]
        if stopped is not None:
            provider_states.stop(c, name, at=at, because=_because(stopped))
        elif paused:
            longest = max((a.receipt.wait for a in paused if a.receipt and a.receipt.wait is not None), default=None)
            until = provider_states.pause(c, name, at=at, wait=longest, because=_because(paused[0]))
            recording.put_off(c, [a.held for a in paused if a.row.id in ours], until=until)
        elif len(bad) < len(its):
            provider_states.well(c, name)


def _because(answer: Answer) -> str:
    said = None if answer.receipt is None else _plain(answer.receipt.said)
    return said or (answer.fault.value if answer.fault else "")


def _campaigns(c: sa.Connection, answers: Sequence[Answer], mode: Mode, at: datetime) -> None:
    """A campaign the provider will not carry, or too many of whose messages fail, is paused for a person to look at."""
    news: dict[str, str] = {}
    stops: dict[str, str] = {}
    for answer in answers:
        campaign, said = answer.row.campaign, answer.consequence
        if said.stop_campaign:
            stops.setdefault(campaign, f"the provider will not carry it: {_because(answer)}")
        elif said.state is not MessageState.READY:
            news[campaign] = news.get(campaign, "") + (FAILED if said.counts else FINE)
    for campaign in breakers.note(c, mode.value, news):
        stops.setdefault(campaign, "most of its last messages failed at the provider")
    already = {row.campaign for row in levers.paused(c)} if stops else set()
    for campaign in sorted(stops.keys() - already):
        levers.pause(c, campaign, because=stops[campaign], at=at)
        audits.write(c, at, "pause", campaign, {"because": stops[campaign], "by": "the send"})
