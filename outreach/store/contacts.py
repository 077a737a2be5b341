"""Whom may we write to, where, and what did they ask? The tables of consent, wishes and levers.

Keyed by the address hash, so that a wish outlives the customer row it was made under (design: state.md).
"""

from typing import Any

import sqlalchemy as sa

from outreach.store.types import Key, Utc, metadata


def _since(context: Any) -> Any:
    return context.get_current_parameters()["since"]


contact_points = sa.Table(
    "contact_point",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("customer_id", Key, sa.ForeignKey("customer.id"), nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("address", sa.Text),  # canonical: lower-cased domain, or E.164; NULL once erased
    sa.Column("address_hash", sa.Text, nullable=False),  # HMAC-SHA256(pepper, channel:address), hex
    sa.Column("current", sa.Boolean, nullable=False, server_default=sa.true()),  # the record still names it
    sa.Column("erased_at", Utc),
    sa.UniqueConstraint("customer_id", "channel", "address_hash"),
    sa.Index("ix_contact_point_address_hash", "address_hash"),
)

#: Append-only. `level` is service or marketing; `action` is grant or withdraw.
consent_events = sa.Table(
    "consent_event",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("contact_hash", sa.Text, nullable=False, index=True),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("level", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("evidence", sa.Text),
    sa.Column("at", Utc, nullable=False),  # when the person said so
    sa.Column("recorded_at", Utc, nullable=False),
)

#: Never write to this address on this channel (or, by scope, not about offers). Survives erasure of the customer.
suppressions = sa.Table(
    "suppression",
    metadata,
    sa.Column("contact_hash", sa.Text, primary_key=True),
    sa.Column("channel", sa.Text, primary_key=True),
    sa.Column("scope", sa.Text, primary_key=True),
    sa.Column("reason", sa.Text, nullable=False),  # asked, bounced, complained, ...
    sa.Column("door", sa.Text, nullable=False),  # staff, import, page, header, stop, reply, provider
    sa.Column("evidence", sa.Text),  # what was said, or the id of the record
    sa.Column("since", Utc, nullable=False),
    sa.Column("last_said", Utc, nullable=False, default=_since),  # they may say again what stands; the ledger does not
    sa.Column("until", sa.Date),  # a date the customer chose; NULL: for good
)

#: One row per change of a suppression: who opened, who lifted, with what words. Append-only.
suppression_events = sa.Table(
    "suppression_event",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("contact_hash", sa.Text, nullable=False, index=True),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),  # add or undo
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("door", sa.Text, nullable=False),
    sa.Column("evidence", sa.Text),
    sa.Column("until", sa.Date),
    sa.Column("at", Utc, nullable=False),
)

#: `pause` of one campaign ('' for all).
pauses = sa.Table(
    "pause",
    metadata,
    sa.Column("campaign", sa.Text, primary_key=True),
    sa.Column("because", sa.Text, nullable=False),
    sa.Column("since", Utc, nullable=False),
)

holds = sa.Table(
    "hold",
    metadata,
    sa.Column("customer_id", Key, sa.ForeignKey("customer.id"), primary_key=True),
    sa.Column("until", sa.Date),
    sa.Column("because", sa.Text, nullable=False),
    sa.Column("since", Utc, nullable=False),
)
