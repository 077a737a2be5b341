"""What must the gates know about these customers? A fixed handful of queries, whatever the number of people."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from outreach.core.consent import ConsentEvent, Yes, last_words
from outreach.core.person import Contact, Person, Sent, Wish
from outreach.core.terms import COUNTED_STATES, Channel, Kind, LegalClass, Mode, Outcome, Reason, Scope
from outreach.core.zones import zones_for
from outreach.store.among import among
from outreach.store.contacts import consent_events, contact_points, holds, suppressions
from outreach.store.inbox_schema import conversations
from outreach.store.schema import decisions, outbox, told
from outreach.store.shop import customers, days_between, orders

# looked up for every address and every word of consent: quicker than asking the enum
_CHANNELS = {channel.value: channel for channel in Channel}
_LEVELS = {level.value: level for level in LegalClass}


@dataclass(frozen=True, slots=True)
class AsOf:
    """From where we look. `known_before`: the start of the night's day in the shop's zone (settled 1)."""

    night: date
    mode: Mode
    known_before: datetime
    shop_country: str
    late_quiet_days: int = 14


def load(c: sa.Connection, ids: Sequence[int], at: AsOf) -> dict[int, Person]:
    """Customers by id with everything the gates ask. Wishes, consent and history are asked by address hash."""
    contacts = _contacts(c, ids)
    hashes = sorted({point.address_hash for points in contacts.values() for _, point in points})
    known = _Known(
        wishes=_wishes(c, hashes),
        grants=_grants(c, hashes, at),
        sent=_sent(c, hashes, at),
        told=_told(c, hashes, at.mode),
        held_back=_held_back(c, ids, at.mode),
        kept=_kept(c, ids, at),
        late=_late(c, ids, at),
        hold={r.customer_id: r for r in c.execute(sa.select(holds).where(among(holds.c.customer_id, ids)))},
        talk=_conversations(c, ids, hashes),
    )
    names = ("id", "household_id", "language", "country", "state", "zone")
    rows = c.execute(sa.select(*(customers.c[name] for name in names)).where(among(customers.c.id, ids))).all()
    return {row[0]: _person(row, contacts[row[0]], known, at) for row in rows}


@dataclass(frozen=True, slots=True)
class _Known:
    """What was found: by address hash, then by customer id."""

    wishes: dict[str, list[Wish]]
    grants: dict[str, list[Yes]]
    sent: dict[str, list[Sent]]
    told: dict[str, list[tuple[str, str]]]
    held_back: dict[int, list[tuple[str, str]]]
    kept: dict[int, list[tuple[str, str]]]
    late: dict[int, str]
    hold: dict[int, Any]
    talk: dict[int | str, list[str]]


def _person(row: Any, points: list[tuple[bool, Contact]], known: _Known, at: AsOf) -> Person:
    id_, household_id, language, country, state, zone = row
    mine = [points[0][1].address_hash] if len(points) == 1 else sorted({point.address_hash for _, point in points})
    hold = known.hold.get(id_)
    return Person(  # in the order of its fields: naming fifteen costs a third more
        id_,
        household_id,
        language,
        country or at.shop_country,
        zones_for(zone, country, state, at.shop_country),
        tuple([point for current, point in points if current]),
        _under(mine, known.wishes),
        frozenset(_under(mine, known.grants)),
        _under(mine, known.sent),
        frozenset(_under(mine, known.told)),
        frozenset(known.held_back.get(id_, ())),
        frozenset(known.kept.get(id_, ())),
        known.late.get(id_),
        hold.until if hold else None,
        hold.because if hold else None,
        frozenset([label for key in (id_, *mine) for label in known.talk.get(key, ())]) if known.talk else frozenset(),
        state,
    )


def _under(hashes: Sequence[str], known: Mapping[str, Sequence[Any]]) -> tuple[Any, ...]:
    """Everything known under these addresses; of most nothing is."""
    return tuple([x for h in hashes if h in known for x in known[h]]) if known else ()


def _grouped(pairs: Iterable[tuple[Any, Any]]) -> dict[Any, list[Any]]:
    found: dict[Any, list[Any]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return found


def _contacts(c: sa.Connection, ids: Sequence[int]) -> dict[int, list[tuple[bool, Contact]]]:
    """(is current, contact) by customer; UNIQUE(customer_id, channel, address_hash) carries it."""
    p = contact_points.c
    current = sa.and_(p.current, p.erased_at.is_(None))
    columns = (p.customer_id, current, p.id, p.channel, p.address_hash)
    rows = c.execute(sa.select(*columns).where(among(p.customer_id, ids)).order_by(p.id)).all()
    return _grouped((whose, (bool(now), Contact(i, _CHANNELS[channel], h))) for whose, now, i, channel, h in rows)


def _wishes(c: sa.Connection, hashes: Sequence[str]) -> dict[str, list[Wish]]:
    """Standing suppressions by hash. Always as of this very moment, also for a past night (settled 2)."""
    rows = c.execute(sa.select(suppressions).where(among(suppressions.c.contact_hash, hashes)))
    return _grouped(
        (
            r.contact_hash,
            Wish(r.contact_hash, Channel(r.channel), Scope(r.scope), r.reason, r.since, r.until),
        )
        for r in rows
    )


def consent_of(c: sa.Connection, hashes: Sequence[str]) -> list[ConsentEvent]:
    """The ledger under these addresses, oldest first."""
    e = consent_events.c
    columns = (e.contact_hash, e.level, e.action, e.at)
    rows = c.execute(sa.select(*columns).where(among(e.contact_hash, hashes)).order_by(e.id)).all()
    return [ConsentEvent(h, _LEVELS[level], action == "grant", at) for h, level, action, at in rows]


def _grants(c: sa.Connection, hashes: Sequence[str], at: AsOf) -> dict[str, list[Yes]]:
    """What stands under these addresses. The database sorts: a time is not read only to be compared."""
    e = consent_events.c
    granted = e.action == "grant"
    counts = sa.or_(e.action != "grant", e.at < at.known_before)
    query = sa.select(e.contact_hash, e.level, granted).where(among(e.contact_hash, hashes), counts)
    rows = c.execute(query.order_by(e.at, granted.desc())).all()
    return _grouped((yes[0], yes) for yes in last_words((h, _LEVELS[level], grant) for h, level, grant in rows))


def _sent(c: sa.Connection, hashes: Sequence[str], at: AsOf) -> dict[str, list[Sent]]:
    """Every message by hash, of later nights too (a past night may be played after them); index (contact_hash, ...)."""
    o = outbox.c
    rows = c.execute(
        sa.select(o.contact_hash, o.night, o.campaign, o.kind).where(
            among(o.contact_hash, hashes),
            o.mode == at.mode.value,
            o.state.in_([s.value for s in COUNTED_STATES]),
        )
    )
    return _grouped((r.contact_hash, Sent(r.night, r.campaign, Kind(r.kind), r.contact_hash)) for r in rows)


def _told(c: sa.Connection, hashes: Sequence[str], mode: Mode) -> dict[str, list[tuple[str, str]]]:
    t = told.c
    columns = (t.contact_hash, t.campaign, t.subject_key)
    rows = c.execute(sa.select(*columns).where(among(t.contact_hash, hashes), t.mode == mode.value))
    return _grouped((h, (campaign, subject)) for h, campaign, subject in rows.all())


def _held_back(c: sa.Connection, ids: Sequence[int], mode: Mode) -> dict[int, list[tuple[str, str]]]:
    """Subjects once held back stay held back (settled 17)."""
    d = decisions.c
    where = (among(d.customer_id, ids), d.outcome == Outcome.HOLD_OUT.value, d.mode == mode.value)
    rows = c.execute(sa.select(d.customer_id, d.campaign, d.subject_key).where(*where).distinct())
    return _grouped((r.customer_id, (r.campaign, r.subject_key)) for r in rows)


def _kept(c: sa.Connection, ids: Sequence[int], at: AsOf) -> dict[int, list[tuple[str, str]]]:
    """Subjects that hold tonight's voice although nothing was sent: held back, or kept by a template problem."""
    d = decisions.c
    holds_voice = sa.or_(d.outcome == Outcome.HOLD_OUT.value, d.reason == Reason.TEMPLATE_PROBLEM.value)
    tonight = (among(d.customer_id, ids), d.night == at.night, d.mode == at.mode.value)
    last = sa.select(sa.func.max(d.id)).where(*tonight).group_by(d.customer_id, d.campaign, d.subject_key)
    rows = c.execute(sa.select(d.customer_id, d.campaign, d.subject_key).where(d.id.in_(last), holds_voice))
    return _grouped((r.customer_id, (r.campaign, r.subject_key)) for r in rows)


def _late(c: sa.Connection, ids: Sequence[int], at: AsOf) -> dict[int, str]:
    """From the day after a missed promise until some days after it came: the oldest such order's key (settled 14)."""
    o = orders.c
    out = sa.or_(o.complete_on.is_(None), o.complete_on >= at.night)
    came_late = sa.and_(
        o.complete_on > o.due_on,
        o.complete_on < at.night,
        o.complete_on >= at.night - timedelta(days=at.late_quiet_days),
    )
    live = sa.or_(o.cancelled.is_(False), o.cancelled_on >= at.night)
    kept = sa.or_(o.returned_on.is_(None), o.returned_on >= at.night)
    # as a difference, so that no index on due_on tempts SQLite to read the whole year's orders for each chunk
    overdue = days_between(sa.literal(at.night), o.due_on).between(1, 365)
    known = orders.alias("known")
    told_of_deliveries = sa.exists().where(known.c.complete_on < at.night)  # without tracking nobody knows what is late
    where = (
        among(o.customer_id, ids),
        o.placed_on < at.night,
        overdue,
        live,
        kept,
        told_of_deliveries,
    )
    rows = c.execute(
        sa.select(o.customer_id, o.key).where(*where, sa.or_(out, came_late)).order_by(o.due_on.desc(), o.id.desc())
    )
    return {r.customer_id: r.key for r in rows}


def _conversations(c: sa.Connection, ids: Sequence[int], hashes: Sequence[str]) -> dict[int | str, list[str]]:
    """Labels of open conversations by customer, and by the address they wrote from: families share one."""
    t = conversations.c
    about = sa.or_(among(t.customer_id, ids), among(t.contact_hash, hashes))
    rows = c.execute(sa.select(t.customer_id, t.contact_hash, t.label).where(t.closed_at.is_(None), about)).all()
    return _grouped((key, row.label) for row in rows for key in (row.customer_id, row.contact_hash) if key is not None)


def overdue_answers(c: sa.Connection, at: datetime) -> int:
    """Open conversations that nobody answered by the time we promised."""
    t = conversations.c
    where = (t.closed_at.is_(None), t.answered_at.is_(None), t.answer_by < at)
    return c.execute(sa.select(sa.func.count()).select_from(conversations).where(*where)).scalar_one()
