"""What happens with everything tonight's scans found about the people of one household?

Pure: values in, decisions out. All of a household's candidates are decided together because the one voice of a
night is shared by a customer and by an address, and families share addresses.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, NamedTuple

from outreach.core.case import Case, Refusal, Rules
from outreach.core.gates import ASK_ANSWERS, ASK_HISTORY, ASK_START, ASK_TOLD, ASK_TROUBLE, GATES, PER_CHANNEL
from outreach.core.gates_manners import held_back
from outreach.core.person import Contact, Person, Sent
from outreach.core.terms import OUTSIDE_ONE_VOICE, Campaign, Candidate, Channel, LegalClass, Outcome, Reason

#: Gates with nothing to find, unless there is trouble, we wrote, we told, the night has a start line, answers wait.
_IDLE_UNLESS = (ASK_TROUBLE, ASK_HISTORY, ASK_TOLD, ASK_START, ASK_ANSWERS)
#: Each gate, and whether it closes one channel only; by which of these there is.
_GATES = {
    there: tuple(
        (gate, gate in PER_CHANNEL)
        for gate in GATES
        if all(is_there or gate not in gates for is_there, gates in zip(there, _IDLE_UNLESS, strict=True))
    )
    for there in itertools.product((False, True), repeat=len(_IDLE_UNLESS))
}


class Decision(NamedTuple):
    """What was decided about one candidate, and why. `joins`: it rides in the message about that subject."""

    candidate: Candidate
    outcome: Outcome
    legal: LegalClass
    reason: Reason | None = None
    channel: Channel | None = None
    contact: Contact | None = None
    joins: str | None = None
    next_on: date | None = None
    facts: Mapping[str, Any] = MappingProxyType({})


@dataclass(slots=True)
class _Voices:
    """Who has been spoken to tonight: customers and addresses, and the message another subject may join."""

    people: set[int]
    addresses: set[str]
    spoke: dict[tuple[int, str], Decision]


def decide(people: Mapping[int, Person], candidates: Sequence[Candidate], rules: Rules) -> list[Decision]:
    """One decision per candidate, in the order they were weighed: by priority, then older subject, then key."""
    voices = _Voices(set(), set(), {})
    for person in people.values():
        said = [sent.contact_hash for sent in person.sent if _voice(sent, rules.night)] if person.sent else ()
        if said:
            voices.people.add(person.id)
            voices.addresses.update(said)
        if person.kept and not _asked(person, candidates):  # the night's voice is that subject's
            voices.people.add(person.id)
            voices.addresses.update(contact.address_hash for contact in person.contacts)

    ordered = candidates if len(candidates) == 1 else _weighed(candidates, rules)
    return [_one(candidate, people[candidate.customer_id], rules, voices) for candidate in ordered]


def _weighed(candidates: Sequence[Candidate], rules: Rules) -> list[Candidate]:
    def weight(candidate: Candidate) -> tuple[int, date, str, str, int]:
        priority = rules.campaigns[candidate.campaign].priority
        return priority, candidate.subject_date, candidate.subject_key, candidate.campaign, candidate.customer_id

    return sorted(candidates, key=weight)


def _asked(person: Person, candidates: Sequence[Candidate]) -> bool:
    """Whether everything that holds this person's voice is decided here, and may use it."""
    return person.kept <= {(c.campaign, c.subject_key) for c in candidates if c.customer_id == person.id}


def _voice(sent: Sent, night: date) -> bool:
    return sent.night == night and sent.kind not in OUTSIDE_ONE_VOICE


def _one(candidate: Candidate, person: Person, rules: Rules, voices: _Voices) -> Decision:
    campaign = rules.campaigns[candidate.campaign]
    legal = campaign.legal_class(person.country)
    asked = _ask(candidate, person, rules, legal)
    outside = campaign.kind in OUTSIDE_ONE_VOICE
    if isinstance(asked, Refusal):
        if asked.reason is Reason.TEMPLATE_PROBLEM and not outside:
            voices.people.add(person.id)  # they keep their voice: `retry` finds nothing said in between (settled 31)
        return Decision(candidate, Outcome.LEAVE_ALONE, legal, asked.reason, next_on=asked.next_on, facts=asked.facts)
    first = voices.spoke.get((person.id, campaign.name)) if campaign.once_per == "order" else None
    if first is not None:
        return first._replace(candidate=candidate, joins=first.candidate.subject_key)
    assert asked.contact is not None
    if not outside and (person.id in voices.people or asked.contact.address_hash in voices.addresses):
        return Decision(candidate, Outcome.LEAVE_ALONE, legal, Reason.OUTRANKED)
    kept = held_back(asked)
    if not outside:
        voices.people.add(person.id)
        voices.addresses.add(asked.contact.address_hash)
    if kept:
        return Decision(candidate, Outcome.HOLD_OUT, legal, kept.reason, facts=kept.facts)
    decision = Decision(candidate, Outcome.SEND, legal, channel=asked.channel, contact=asked.contact)
    voices.spoke[(person.id, campaign.name)] = decision
    return decision


def _ask(candidate: Candidate, person: Person, rules: Rules, legal: LegalClass) -> Case | Refusal:
    """The case on its first open channel; or the legal-first earliest refusal of the last channel (settled 18).

    A channel is only asked when the one before it is closed: most people are reached on their first.
    """
    campaign = rules.campaigns[candidate.campaign]
    gates = _GATES[_there(person, rules)]
    refusals: dict[Channel, Refusal] = {}
    for channel in campaign.channels:
        on_channel = Case(campaign, candidate, person, channel, person.address(channel), legal, rules)
        for gate, of_channel in gates:
            refusal = gate(on_channel)
            if refusal is None:
                continue
            if not of_channel:
                return refusal
            refusals[channel] = refusal
            break
        else:
            return on_channel
    return _closed(campaign, refusals)


def _there(person: Person, rules: Rules) -> tuple[bool, ...]:
    """Which of _IDLE_UNLESS have anything to find."""
    trouble = bool(person.wishes or person.hold_because is not None or person.conversations or person.late_order)
    return trouble, bool(person.sent), bool(person.told), rules.start_on is not None, rules.nobody_answers


def _closed(campaign: Campaign, refusals: dict[Channel, Refusal]) -> Refusal:
    """The last channel's reason; but where only broken words stood in the way of another, that can be mended."""
    last = refusals[campaign.channels[-1]]
    last = next((r for r in refusals.values() if r.reason is Reason.TEMPLATE_PROBLEM), last)
    others = {channel.value: refusal.reason.value for channel, refusal in refusals.items()}
    return Refusal(last.reason, {**last.facts, "channels": others}, last.next_on)
