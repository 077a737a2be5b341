"""What happened on a night, to a customer, with a message? The one door through which screens and reports read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from outreach.core.terms import COUNTED_STATES, MessageState, Mode, Outcome
from outreach.store import candidates as found
from outreach.store import runs
from outreach.store.contacts import contact_points, holds, suppressions
from outreach.store.runs import Run, Tally
from outreach.store.schema import candidates, decisions, outbox
from outreach.store.schema import runs as run_table
from outreach.store.shop import customers, order_lines, orders, products


@dataclass(frozen=True, slots=True)
class NightReport:
    """One night in numbers: found = left alone + queued (+ undecided, while a night is selected or broken off)."""

    run: Run
    tallies: tuple[Tally, ...]
    by_channel: dict[str, dict[str, int]]  # campaign -> channel -> messages
    states: dict[str, int]  # what became of this night's messages
    undecided: dict[str, int]
    text_parts: int
    fallbacks: int
    later: int  # messages whose hour comes more than a minute after the night began

    @property
    def found(self) -> int:
        return sum(t.found for t in self.tallies)

    @property
    def queued(self) -> int:
        return sum(t.queued for t in self.tallies)

    @property
    def left_alone(self) -> int:
        return sum(t.left_alone for t in self.tallies)

    @property
    def messages(self) -> int:
        return sum(n for per in self.by_channel.values() for n in per.values())

    def because(self) -> dict[str, int]:
        """Reasons over all campaigns, most people first."""
        total: dict[str, int] = {}
        for tally in self.tallies:
            for reason, people in tally.because.items():
                total[reason] = total.get(reason, 0) + people
        return dict(sorted(total.items(), key=lambda pair: (-pair[1], pair[0])))


def night(c: sa.Connection, run_id: int, order: Sequence[str]) -> NightReport:
    """The report of one run; campaigns in the given order. Index (run_id, state, id) of outbox."""
    run = runs_by_id(c, run_id)
    tallies = runs.tallies(c, run_id)
    ranked = sorted(
        tallies.values(), key=lambda t: (order.index(t.campaign) if t.campaign in order else 99, t.campaign)
    )
    o = outbox.c
    rows = c.execute(
        sa.select(o.campaign, o.channel, o.state, sa.func.count(), sa.func.sum(o.parts))
        .where(o.run_id == run_id)
        .group_by(o.campaign, o.channel, o.state)
    )
    by_channel: dict[str, dict[str, int]] = {}
    states: dict[str, int] = {}
    parts = 0
    for campaign, channel, state, count, used in rows:
        per = by_channel.setdefault(campaign, {})
        per[channel] = per.get(channel, 0) + count
        states[state] = states.get(state, 0) + count
        parts += used or 0
    later = (o.run_id == run_id, o.not_before > run.started_at + timedelta(minutes=1))
    waits = c.execute(sa.select(sa.func.count()).select_from(outbox).where(*later)).scalar_one()
    return NightReport(
        run, tuple(ranked), by_channel, states, found.undecided(c, run_id), parts, _fallbacks(c, run_id), waits
    )


def _fallbacks(c: sa.Connection, run_id: int) -> int:
    """Messages in another language than the customer's own."""
    o = outbox.c
    base = sa.func.substr(customers.c.language, 1, 2)
    other = sa.and_(customers.c.language.is_not(None), sa.func.substr(o.language, 1, 2) != base)
    joined = outbox.join(customers, customers.c.id == o.customer_id)
    query = sa.select(sa.func.count()).select_from(joined).where(o.run_id == run_id, other)
    return c.execute(query).scalar_one()


def runs_by_id(c: sa.Connection, run_id: int) -> Run:
    """A run by its key."""
    row = c.execute(sa.select(run_table.c.business_date, run_table.c.mode).where(run_table.c.id == run_id)).one()
    found_run = runs.get(c, night=row.business_date, mode=Mode(row.mode))
    assert found_run is not None
    return found_run


def heard_most(c: sa.Connection, *, limit: int = 10) -> list[tuple[Any, int]]:
    """Customers by how many messages they would have had, most first."""
    count = sa.func.count().label("messages")
    who = (customers.c.id, customers.c.key, customers.c.first_name, customers.c.last_name)
    query = (
        sa.select(*who, count)
        .select_from(outbox.join(customers, customers.c.id == outbox.c.customer_id))
        .group_by(*who)
        .order_by(count.desc(), customers.c.id)
        .limit(limit)
    )
    return [(row, row.messages) for row in c.execute(query)]


def per_campaign(c: sa.Connection) -> dict[str, int]:
    """All messages by campaign."""
    rows = c.execute(sa.select(outbox.c.campaign, sa.func.count()).group_by(outbox.c.campaign))
    return {row[0]: row[1] for row in rows}


def messages_of(c: sa.Connection, customer_id: int) -> list[Any]:
    """Every message to a customer, newest first; index (customer_id, night)."""
    where = outbox.c.customer_id == customer_id
    return list(c.execute(sa.select(outbox).where(where).order_by(outbox.c.night.desc(), outbox.c.id.desc())))


def message(c: sa.Connection, message_id: int) -> Any:
    """One message with its customer's key and address, or None."""
    joined = outbox.join(customers, customers.c.id == outbox.c.customer_id).join(
        contact_points, contact_points.c.id == outbox.c.contact_point_id
    )
    columns = (outbox, customers.c.key.label("customer"), contact_points.c.address)
    return c.execute(sa.select(*columns).select_from(joined).where(outbox.c.id == message_id)).one_or_none()


def leaving(c: sa.Connection, run_id: int) -> list[Any]:
    """Every message of a run with its customer, by campaign and hour: what tonight's page shows."""
    joined = outbox.join(customers, customers.c.id == outbox.c.customer_id).join(
        contact_points, contact_points.c.id == outbox.c.contact_point_id
    )
    who = (customers.c.key.label("customer"), customers.c.first_name, customers.c.last_name, contact_points.c.address)
    query = sa.select(outbox, *who).select_from(joined).where(outbox.c.run_id == run_id)
    return list(c.execute(query.order_by(outbox.c.rank, outbox.c.campaign, outbox.c.not_before, outbox.c.id)))


def decisions_of(c: sa.Connection, customer_id: int, *, mode: str, night: date) -> dict[str, Any]:
    """The last decision per campaign at or before a night."""
    d = decisions.c
    where = (d.customer_id == customer_id, d.mode == mode, d.night <= night)
    last = sa.select(sa.func.max(d.id)).where(*where).group_by(d.campaign)
    return {row.campaign: row for row in c.execute(sa.select(decisions).where(d.id.in_(last)))}


def found_on(c: sa.Connection, customer_id: int, run_id: int) -> set[str]:
    """Campaigns whose scan found this customer in this run."""
    where = (candidates.c.customer_id == customer_id, candidates.c.run_id == run_id)
    return {row.campaign for row in c.execute(sa.select(candidates.c.campaign).where(*where))}


def examples(c: sa.Connection, run_id: int) -> dict[str, str]:
    """One customer key per reason of a run, and one under "send": who to ask `why` about."""
    d = decisions.c
    word = sa.func.coalesce(d.reason, Outcome.SEND.value)
    one = sa.select(word.label("word"), sa.func.min(d.customer_id).label("id")).where(d.run_id == run_id).group_by(word)
    first = one.subquery()
    query = sa.select(first.c.word, customers.c.key).join(customers, customers.c.id == first.c.id)
    return {row.word: row.key for row in c.execute(query)}


def counts(c: sa.Connection) -> dict[str, int]:
    """How much the database knows: customers, orders, lines, products, waiting messages, wishes."""
    tables = {
        "customers": customers,
        "orders": orders,
        "order_lines": order_lines,
        "products": products,
        "holds": holds,
        "suppressions": suppressions,
    }
    return {name: _count(c, table) for name, table in tables.items()}


def _count(c: sa.Connection, table: sa.Table) -> int:
    return c.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def newest_order(c: sa.Connection) -> date | None:
    """The day of the newest order."""
    newest: date | None = c.execute(sa.select(sa.func.max(orders.c.placed_on))).scalar_one()
    return newest


def waiting_by_channel(c: sa.Connection, mode: str) -> list[Any]:
    """(channel, state, count, earliest not_before, earliest not_after) of messages not at their end."""
    o = outbox.c
    open_states = [s.value for s in COUNTED_STATES if s is not MessageState.ACCEPTED]
    query = (
        sa.select(o.channel, o.state, sa.func.count(), sa.func.min(o.not_before), sa.func.min(o.not_after))
        .where(o.mode == mode, o.state.in_(open_states))
        .group_by(o.channel, o.state)
    )
    return list(c.execute(query.order_by(o.channel, o.state)))


def recent_wishes(c: sa.Connection, since: datetime) -> int:
    """Opt-outs since a moment."""
    where = suppressions.c.since > since
    return c.execute(sa.select(sa.func.count()).select_from(suppressions).where(where)).scalar_one()


def kept_promises(c: sa.Connection, night: date, *, days: int = 30) -> tuple[int, int]:
    """(orders delivered when promised, orders delivered that had a promise) over the days before a night."""
    o = orders.c
    kept = sa.func.coalesce(sa.func.sum(sa.case((o.complete_on <= o.due_on, 1), else_=0)), 0)
    window = (o.complete_on >= night - timedelta(days=days), o.complete_on < night, o.due_on.is_not(None))
    row = c.execute(sa.select(kept, sa.func.count()).select_from(orders).where(*window)).one()
    return int(row[0]), int(row[1])
