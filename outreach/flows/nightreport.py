"""What stands around a night's own numbers? The night before, wishes, promises, examples to ask about."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from outreach.core.terms import MessageState
from outreach.flows.app import App
from outreach.flows.replying import DAMAGED
from outreach.store import answer_counts, audits, reports, runs
from outreach.store.answer_counts import Needed
from outreach.store.engine import now, reading
from outreach.store.reports import NightReport

_OPEN_ENDED = (MessageState.IN_DOUBT.value, MessageState.UNKNOWN.value)


@dataclass(frozen=True, slots=True)
class Around:
    """`examples`: a customer key per reason. `undone`: wishes staff lifted since, with the customer's words.

    `needed`: who waits for a person as of `at`, now. `answers`: what they said of deliveries since the night before,
    `letters`: what a person had to read; `answered` in time of `promised_answers` in 30 days.
    """

    earlier_states: dict[str, int]
    opt_outs: int
    undone: tuple[Any, ...]
    kept: int
    promised: int
    unknown: int
    examples: dict[str, str]
    at: datetime
    needed: Needed
    answers: dict[str, int]
    letters: int
    answered: int
    promised_answers: int


def around(app: App, found: NightReport) -> Around:
    """Everything a report says besides the night's sums."""
    with reading(app.engine) as c:
        before = runs.latest(c, mode=found.run.mode, before=found.run.night)
        earlier = reports.night(c, before.id, list(app.campaigns)) if before else None
        since = before.started_at if before else found.run.started_at - timedelta(days=1)
        kept, promised = reports.kept_promises(c, found.run.night)
        at = now(c)
        answered, promised_answers = answer_counts.kept_answers(c, at)
        return Around(
            earlier_states=earlier.states if earlier else {},
            opt_outs=reports.recent_wishes(c, since),
            undone=tuple(audits.since(c, since, "optout.undo")),
            kept=kept,
            promised=promised,
            unknown=sum(found.states.get(state, 0) for state in _OPEN_ENDED),
            examples=reports.examples(c, found.run.id),
            at=at,
            needed=answer_counts.needed(c, at, DAMAGED),
            answers=answer_counts.answered_since(c, since),
            letters=answer_counts.letters_since(c, since),
            answered=answered,
            promised_answers=promised_answers,
        )
