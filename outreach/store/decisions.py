"""What was decided about whom, and what did we decide last time? Append-only."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from outreach.core.decide import Decision
from outreach.core.terms import Channel, Outcome, Reason
from outreach.store.among import among
from outreach.store.bulk import json_text, put
from outreach.store.runs import Run
from outreach.store.schema import decisions, outbox, told

Key = tuple[int, str, str]
# looked up for every decision: quicker than asking the enum
_WORDS: dict[StrEnum | None, str | None] = {word: word.value for word in (*Outcome, *Reason, *Channel)}
_WORDS[None] = None
_COLUMNS = ("customer_id", "campaign", "subject_key", "outcome", "reason", "channel", "facts", "next_eligible_on")


def append(c: sa.Connection, run: Run, made: Sequence[Decision], at: datetime) -> int:
    """Write those that differ from the last word on their subject, and every send. Returns how many were written."""
    last = _last(c, run, sorted({d.candidate.customer_id for d in made}))
    send = Outcome.SEND
    said = [d for d in made if d.outcome is send or last.get(_key(d)) != (d.outcome, d.reason)] if last else made
    rows = [_row(d) for d in said]
    same = {"run_id": run.id, "night": run.night, "mode": run.mode.value, "decided_at": at}
    put(c, decisions, columns=_COLUMNS, rows=rows, same=same)
    return len(rows)


def _key(decision: Decision) -> Key:
    return decision.candidate.customer_id, decision.candidate.campaign, decision.candidate.subject_key


def _last(c: sa.Connection, run: Run, ids: Sequence[int]) -> dict[Key, tuple[str, str | None]]:
    """The last (outcome, reason) per subject of these customers; index (customer, campaign, subject, id)."""
    d = decisions.c
    newest = (
        sa.select(sa.func.max(d.id))
        .where(among(d.customer_id, ids), d.mode == run.mode.value)
        .group_by(d.customer_id, d.campaign, d.subject_key)
    )
    rows = c.execute(sa.select(d.customer_id, d.campaign, d.subject_key, d.outcome, d.reason).where(d.id.in_(newest)))
    return {(r.customer_id, r.campaign, r.subject_key): (r.outcome, r.reason) for r in rows}


def _row(decision: Decision) -> tuple[Any, ...]:
    about, outcome, _, reason, channel, _, joins, next_on, facts = decision
    more = {**facts, "joins": joins} if joins else facts
    added = f", {json_text(dict(more))[1:-1]}" if more else ""
    # what the scan said, in its own words, and what the decision adds
    whole = f'{{"scan": {json_text(about.facts)}, "subject_date": "{about.subject_date}"{added}}}'
    said = (_WORDS[outcome], _WORDS[reason], _WORDS[channel], whole, next_on)
    return (about.customer_id, about.campaign, about.subject_key, *said)


@dataclass(frozen=True, slots=True)
class Overruled:
    """Why planned messages are left alone after all, when, and the facts behind it."""

    reason: Reason
    at: datetime
    facts: dict[str, Any] = field(default_factory=dict)


def overrule(c: sa.Connection, run: Run, messages: sa.Select[Any], why: Overruled) -> dict[str, int]:
    """Leave the subjects of these messages alone after all: one INSERT ... SELECT. `messages` selects outbox ids.

    Returns subjects per campaign.
    """
    chosen = messages.subquery()
    about = sa.select(told.c.customer_id, told.c.campaign, told.c.subject_key).where(
        told.c.outbox_id.in_(sa.select(chosen.c[0]))
    )
    counts = about.subquery()
    per = c.execute(sa.select(counts.c.campaign, sa.func.count()).group_by(counts.c.campaign))
    found = {row[0]: row[1] for row in per}
    s = about.subquery()
    source = sa.select(
        sa.literal(run.id),
        sa.literal(run.night, sa.Date()),
        sa.literal(run.mode.value),
        s.c.customer_id,
        s.c.campaign,
        s.c.subject_key,
        sa.literal(Outcome.LEAVE_ALONE.value),
        sa.literal(why.reason.value),
        sa.literal(why.facts, decisions.c.facts.type),
        sa.literal(why.at, decisions.c.decided_at.type),
    )
    names = ["run_id", "night", "mode", "customer_id", "campaign", "subject_key", "outcome", "reason", "facts"]
    c.execute(sa.insert(decisions).from_select([*names, "decided_at"], source))
    return found


def in_state(run_id: int, state: str, campaigns: Sequence[str] | None = None) -> sa.Select[Any]:
    """Outbox ids of a run in one state, for `overrule` and the set statements of `planning`."""
    where = [outbox.c.run_id == run_id, outbox.c.state == state]
    if campaigns is not None:
        where.append(outbox.c.campaign.in_(campaigns))
    return sa.select(outbox.c.id).where(*where)
