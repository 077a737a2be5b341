"""How does a pass turn candidates into decisions and planned messages? Chunk by chunk, one transaction each."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from outreach.core.case import Rules
from outreach.core.decide import Decision, decide
from outreach.core.holdout import draw
from outreach.core.person import Person
from outreach.core.terms import Candidate, Outcome, Reason
from outreach.flows.app import App, look_from, shop_day
from outreach.flows.steady import steady
from outreach.flows.timing import Times
from outreach.store import candidates, decisions, people, planning, recheck, runs
from outreach.store.engine import now, writing
from outreach.store.planning import Message, Told
from outreach.store.runs import Run, Tally

CHUNK = 2_000


@dataclass(frozen=True, slots=True)
class Pass:
    """One sweep over a run's undecided candidates. `again`: facts are old, so they are asked once more."""

    run: Run
    chosen: candidates.Chosen
    rules: Rules
    again: bool = False


def fold(app: App, sweep: Pass, told: Callable[[int], None] = lambda _: None) -> int:
    """Decide every undecided candidate the pass chose. Safe to kill at any chunk and run again. Returns how many."""
    after, total = 0, 0
    with steady():
        while True:
            with writing(app.engine) as c:
                found = candidates.chunk(c, sweep.run.id, sweep.chosen, after=after, size=CHUNK)
                if not found:
                    return total
                upto = _chunk(app, c, sweep, found)
                closed = candidates.mark_decided(c, sweep.run.id, sweep.chosen, after=after, upto=upto)
                assert closed == len(found), f"{len(found)} candidates were read and {closed} closed"
            after = upto
            total += len(found)
            told(total)


def _chunk(app: App, c: sa.Connection, sweep: Pass, found: list[Candidate]) -> int:
    run = sweep.run
    at = now(c, timedelta(seconds=run.offset_seconds))
    crowd = people.load(c, sorted({f.customer_id for f in found}), look_from(app, run.night, run.mode))
    still, gone = _still_true(app, c, sweep, found, at) if sweep.again else (found, [])
    made = [*gone, *_decide(crowd, still, sweep.rules)]
    made = _plan(app, c, sweep, (made, crowd, at))
    decisions.append(c, run, made, at)
    _count(c, run, made)
    return max(person.household_id for person in crowd.values())


def _decide(crowd: dict[int, Person], found: Iterable[Candidate], rules: Rules) -> list[Decision]:
    homes: dict[int, list[Candidate]] = {}
    for candidate in found:
        homes.setdefault(crowd[candidate.customer_id].household_id, []).append(candidate)
    made: list[Decision] = []
    for together in homes.values():
        made += decide({f.customer_id: crowd[f.customer_id] for f in together}, together, rules)
    return made


def _still_true(
    app: App, c: sa.Connection, sweep: Pass, found: list[Candidate], at: datetime
) -> tuple[list[Candidate], list[Decision]]:
    """Split what was found earlier into what still holds and what is left alone for a reason that arose since."""
    run = sweep.run
    before = run.night if run.offset_seconds else shop_day(app, at) + timedelta(days=1)
    asked = {i: {**f.facts, "customer_id": f.customer_id} for i, f in enumerate(found)}
    untrue = recheck.untrue(c, asked, night=run.night, before=before)
    legal = {f.campaign: sweep.rules.campaigns[f.campaign].legal for f in found}
    gone = [
        Decision(found[i], Outcome.LEAVE_ALONE, legal[found[i].campaign], why.reason, facts={"since": why.said})
        for i, why in untrue.items()
    ]
    return [f for i, f in enumerate(found) if i not in untrue], gone


def _plan(
    app: App, c: sa.Connection, sweep: Pass, decided: tuple[list[Decision], dict[int, Person], datetime]
) -> list[Decision]:
    """Write a planned message per send; a subject whose key is taken, or whose hour comes too late, is left alone."""
    made, crowd, at = decided
    groups, times = _messages(made), Times(app, sweep.run.night, at)
    messages = {key: _message(sweep, group, crowd, times) for key, group in groups.items()}
    late = {key for key, message in messages.items() if message.not_after <= message.not_before}
    timely = [key for key in messages if key not in late]
    ids = dict(zip(timely, planning.add(c, sweep.run, [messages[key] for key in timely], at), strict=True))
    told = []
    changed: dict[int, Decision] = {}
    for key, group in groups.items():
        message = ids.get(key)
        for decision in group:
            if message is None:
                reason = Reason.TOO_OLD if key in late else Reason.ALREADY_TOLD
                changed[id(decision)] = decision._replace(outcome=Outcome.LEAVE_ALONE, reason=reason, joins=None)
            else:
                told.append(_told(decision, message))
    planning.tell(c, sweep.run, told)
    return [changed.get(id(d), d) for d in made] if changed else made


def _messages(made: Iterable[Decision]) -> dict[tuple[int, str, str], list[Decision]]:
    """Sends by the message that carries them: the first subject, then those that join it."""
    groups: dict[tuple[int, str, str], list[Decision]] = {}
    for d in made:
        if d.outcome is Outcome.SEND:
            key = (d.candidate.customer_id, d.candidate.campaign, d.joins or d.candidate.subject_key)
            groups.setdefault(key, []).append(d)
    return groups


def _message(sweep: Pass, group: list[Decision], crowd: dict[int, Person], times: Times) -> Message:
    first = group[0]
    candidate, contact = first.candidate, first.contact
    assert contact is not None
    assert first.channel is not None
    campaign, person = sweep.rules.campaigns[candidate.campaign], crowd[candidate.customer_id]
    also = [dict(d.candidate.facts) for d in group[1:]]
    return Message(
        campaign=campaign.name,
        kind=campaign.kind.value,
        legal=first.legal.value,
        customer_id=candidate.customer_id,
        contact_point_id=contact.id,
        contact_hash=contact.address_hash,
        channel=first.channel.value,
        subject_key=candidate.subject_key,
        subjects=[d.candidate.subject_key for d in group],
        facts={**candidate.facts, "also": also} if also else candidate.facts,
        rank=campaign.priority,
        draw=draw(sweep.run.night, candidate.customer_id),
        not_before=times.not_before(campaign, person),
        not_after=times.not_after(campaign, candidate),
    )


def _told(decision: Decision, message: int) -> Told:
    assert decision.contact is not None
    about = decision.candidate
    return Told(about.customer_id, about.campaign, about.subject_key, decision.contact.address_hash, message)


def _count(c: sa.Connection, run: Run, made: Iterable[Decision]) -> None:
    """Keep found = left alone + queued in the same transaction as the decisions it counts."""
    tallies = runs.tallies(c, run.id)
    changed: dict[str, Tally] = {}
    for (name, reason), n in Counter((d.candidate.campaign, d.reason) for d in made).items():
        tally = changed.get(name, tallies[name])
        if reason is None:
            changed[name] = replace(tally, queued=tally.queued + n)
        else:
            because = {**tally.because, reason.value: tally.because.get(reason.value, 0) + n}
            changed[name] = replace(tally, because=because)
    runs.set_tallies(c, run.id, list(changed.values()))
