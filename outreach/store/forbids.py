"""What forbids a message at this very moment? Asked of `outbox` when a wish lands, at claim and at hand-off.

One exception, and it is named: an answer (settled 22). Whoever wrote to us after a wish, or with it, is answered; see
`_counts`. A bounced address and the kill switch stop answers too.

Each condition is built once: building it anew costs more than the database takes to answer it for fifty messages.
"""

from functools import cache
from typing import Any

import sqlalchemy as sa

from outreach.core.terms import BY_HAND, STOPPED, Channel, Kind, LegalClass, Scope
from outreach.store.contacts import consent_events, contact_points, holds, pauses, suppressions
from outreach.store.schema import outbox
from outreach.store.talking import talking


@cache
def asked_not_to() -> sa.ColumnElement[bool]:
    """A standing wish, or consent withdrawn. A danger in what they own still reaches them."""
    return sa.and_(outbox.c.kind != Kind.SAFETY.value, sa.or_(_suppressed(), _withdrawn()))


@cache
def on_hold() -> sa.ColumnElement[bool]:
    """Staff asked for silence; primary key of hold. What a person here then writes by hand is not what they meant."""
    force = sa.or_(holds.c.until.is_(None), holds.c.until > outbox.c.night)
    held = sa.select(sa.literal(1)).where(holds.c.customer_id == outbox.c.customer_id, force).correlate(outbox)
    return sa.and_(outbox.c.kind != Kind.SAFETY.value, outbox.c.campaign != BY_HAND, held.exists())


@cache
def paused() -> sa.ColumnElement[bool]:
    """The campaign, or everything, is paused: answers too, and what a person wrote. It waits, and is not ended."""
    stops = pauses.c.campaign.in_([outbox.c.campaign, ""])
    return sa.select(sa.literal(1)).where(stops).correlate(outbox).exists()


@cache
def free() -> sa.ColumnElement[bool]:
    """Nothing forbids it now: no wish, no hold, no pause, nobody who is dealing with them."""
    return sa.not_(sa.or_(asked_not_to(), on_hold(), paused(), talking()))


def _suppressed() -> sa.ColumnElement[bool]:
    """Asked of its address and of every address its customer ever had.

    Carried by UNIQUE(customer_id, ...) of contact_point and the primary key of suppression.
    """
    p, s = contact_points.alias(), suppressions.alias()
    forbids = sa.and_(_covers(s), sa.or_(s.c.scope == Scope.ADDRESS.value, _counts(s.c.last_said)))
    by_address = sa.select(sa.literal(1)).where(s.c.contact_hash == outbox.c.contact_hash, forbids)
    by_customer = (
        sa.select(sa.literal(1))
        .select_from(p.join(s, s.c.contact_hash == p.c.address_hash))
        .where(p.c.customer_id == outbox.c.customer_id, forbids)
    )
    return sa.or_(by_address.correlate(outbox).exists(), by_customer.correlate(outbox).exists())


def _counts(said: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Whether a wish last said then counts: always, but for an answer to something that came in then or later.

    "We have stopped" answers the wish itself: who says it twice is told once all the same (respect.md 12).
    """
    newer = sa.and_(outbox.c.campaign != STOPPED, said > outbox.c.answers_at)
    return sa.or_(outbox.c.answers_at.is_(None), newer)


def _covers(s: Any) -> sa.ColumnElement[bool]:
    standing = sa.or_(s.c.until.is_(None), s.c.until > outbox.c.night)
    covers = sa.or_(
        s.c.scope == Scope.EVERYTHING.value,
        s.c.scope == outbox.c.channel,
        sa.and_(s.c.scope == Scope.OFFERS.value, outbox.c.legal == LegalClass.MARKETING.value),
        sa.and_(s.c.scope == Scope.ADDRESS.value, s.c.contact_hash == outbox.c.contact_hash),
    )
    return sa.and_(standing, covers)


def _withdrawn() -> sa.ColumnElement[bool]:
    """Consent this message rests on was taken back; index on contact_hash. Service email rests on none (settled 20)."""
    no, yes = consent_events.alias(), consent_events.alias()
    rests = sa.or_(outbox.c.legal == LegalClass.MARKETING.value, outbox.c.channel == Channel.TEXT.value)
    given_again = (
        sa.select(sa.literal(1))
        .where(
            yes.c.contact_hash == no.c.contact_hash,
            yes.c.action == "grant",
            sa.or_(yes.c.level == no.c.level, yes.c.level == outbox.c.legal),
            yes.c.at > no.c.at,
        )
        .correlate(outbox, no)
    )
    taken_back = (
        sa.select(sa.literal(1))
        .where(
            no.c.contact_hash == outbox.c.contact_hash,
            no.c.action == "withdraw",
            _counts(no.c.at),
            sa.or_(no.c.level == outbox.c.legal, no.c.level == LegalClass.SERVICE.value),
            sa.not_(given_again.exists()),
        )
        .correlate(outbox)
    )
    return sa.and_(rests, taken_back.exists())
