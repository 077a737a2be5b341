"""What does the program remember of its nights? Runs, decisions, messages, revisions (design: state.md)."""

import sqlalchemy as sa

from outreach.store import contacts as _contacts  # one metadata: shop, contacts, nights, the send and the inbox
from outreach.store import inbox_schema as _inbox
from outreach.store import send_schema as _send
from outreach.store import shop as _shop
from outreach.store import workers as _workers
from outreach.store.types import Json, Key, Utc, metadata

assert _shop.customers.metadata is _contacts.contact_points.metadata is _send.breakers.metadata is metadata
assert _workers.workers.metadata is _inbox.inbox_events.metadata is metadata


def _partial(name: str, *columns: str, where: str) -> sa.Index:
    """An index of the rows of which this is true now: a row that changes leaves it."""
    return sa.Index(name, *columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


runs = sa.Table(
    "run",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),  # n-2026-11-14
    sa.Column("job", sa.Text, nullable=False),
    sa.Column("business_date", sa.Date, nullable=False),
    sa.Column("mode", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False, server_default="1"),
    sa.Column("offset_seconds", sa.BigInteger, nullable=False, server_default="0"),  # run clock minus database clock
    sa.Column("orders_read", sa.Integer, nullable=False, server_default="0"),
    sa.Column("held_because", Json),
    sa.Column("note", sa.Text),
    sa.Column("started_at", Utc, nullable=False),
    sa.Column("finished_at", Utc),
    sa.UniqueConstraint("job", "business_date", "mode"),
)

#: found = left alone + queued, kept per campaign in the transaction that decides.
run_campaigns = sa.Table(
    "run_campaign",
    metadata,
    sa.Column("run_id", Key, sa.ForeignKey("run.id"), primary_key=True),
    sa.Column("campaign", sa.Text, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),  # found, done, off, stopped, limited
    sa.Column("found", sa.Integer, nullable=False, server_default="0"),  # with those already told
    sa.Column("queued", sa.Integer, nullable=False, server_default="0"),
    sa.Column("because", Json, nullable=False),  # {reason: people}
    sa.Column("failed", sa.Integer, nullable=False, server_default="0"),  # messages whose rendering failed
    sa.Column("gap", sa.Text),  # why it is off tonight
    sa.Column("mend", sa.Text),
)

candidates = sa.Table(
    "candidate",
    metadata,
    sa.Column("run_id", Key, sa.ForeignKey("run.id"), primary_key=True),
    sa.Column("campaign", sa.Text, primary_key=True),
    sa.Column("customer_id", Key, sa.ForeignKey("customer.id"), primary_key=True),
    sa.Column("subject_key", sa.Text, primary_key=True),
    sa.Column("household_id", Key, nullable=False),
    sa.Column("subject_date", sa.Date, nullable=False),
    sa.Column("became_on", sa.Date),
    sa.Column("useful_until", sa.Date),
    sa.Column("follows", sa.Text),
    sa.Column("facts", Json, nullable=False),
    sa.Column("decided", sa.Boolean, nullable=False, server_default=sa.false()),  # set in the chunk's transaction
    sa.Index(  # in each database's own words, as the query says it
        "ix_candidate_undecided",
        "run_id",
        "household_id",
        sqlite_where=sa.text("decided IS 0"),
        postgresql_where=sa.text("decided IS false"),
    ),
)

#: Append-only. Written when outcome or reason differs from the last one for that subject.
decisions = sa.Table(
    "decision",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("run_id", Key, nullable=False),  # without a foreign key, see outbox
    sa.Column("night", sa.Date, nullable=False),
    sa.Column("mode", sa.Text, nullable=False),
    sa.Column("customer_id", Key, sa.ForeignKey("customer.id"), nullable=False),
    sa.Column("campaign", sa.Text, nullable=False),
    sa.Column("subject_key", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("reason", sa.Text),  # NULL when the outcome is send
    sa.Column("channel", sa.Text),
    sa.Column("facts", Json, nullable=False),
    sa.Column("next_eligible_on", sa.Date),
    sa.Column("decided_at", Utc, nullable=False),
    sa.Index("ix_decision_customer_id_campaign_subject_key_id", "customer_id", "campaign", "subject_key", "id"),
    sa.Index("ix_decision_run_id_reason", "run_id", "reason"),
)

#: The once-only key: this customer was told this, in this mode. Points at the message that said it.
told = sa.Table(
    "told",
    metadata,
    sa.Column("customer_id", Key, primary_key=True),  # first: a key that began with the mode would tempt SQLite to
    sa.Column("campaign", sa.Text, primary_key=True),  # read everything ever told for a question by contact_hash
    sa.Column("subject_key", sa.Text, primary_key=True),
    sa.Column("mode", sa.Text, primary_key=True),
    sa.Column("contact_hash", sa.Text, nullable=False),
    sa.Column("outbox_id", Key, nullable=False, index=True),
    sa.Index("ix_told_contact_hash_campaign", "contact_hash", "campaign"),
)

#: PostgreSQL asks for a foreign key row by row: those of a decision and its message were a third of what planning costs
#: it. There is none on `run_id`, where it guards against nothing: a run is never deleted.
outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("dedupe_key", sa.Text, nullable=False, unique=True),
    sa.Column("run_id", Key, nullable=False),
    sa.Column("night", sa.Date, nullable=False),
    sa.Column("mode", sa.Text, nullable=False),
    sa.Column("campaign", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("legal", sa.Text, nullable=False),
    sa.Column("customer_id", Key, sa.ForeignKey("customer.id"), nullable=False),
    sa.Column("contact_point_id", Key, sa.ForeignKey("contact_point.id"), nullable=False),
    sa.Column("contact_hash", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("language", sa.Text),
    sa.Column("subject_key", sa.Text, nullable=False),
    sa.Column("subjects", Json, nullable=False),  # every subject this one message speaks of
    sa.Column("template_revision", sa.Text),
    sa.Column("facts", Json, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("because", sa.Text),  # why it was cancelled, suppressed or expired
    sa.Column("rank", sa.Integer, nullable=False),  # campaign priority: lower goes first
    sa.Column("draw", sa.BigInteger, nullable=False),  # hash(night, customer): who goes first over a ceiling
    sa.Column("not_before", Utc, nullable=False),
    sa.Column("not_after", Utc, nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False, server_default="0"),
    sa.Column("owner", sa.Text),
    sa.Column("lease_until", Utc),
    sa.Column("doubt_since", Utc),
    sa.Column("provider", sa.Text),
    sa.Column("provider_message_id", sa.Text),
    sa.Column("last_error", sa.Text),
    sa.Column("parts", sa.Integer),
    sa.Column("answers_at", Utc),  # an answer: when what it answers came in; only a wish newer than that forbids it
    sa.Column("fate", sa.Text),  # what became of it after it was accepted: core.fates.Fate
    sa.Column("fate_rank", sa.Integer),  # a fate gives way only to one of a higher rank
    sa.Column("fate_at", Utc),
    sa.Column("created_at", Utc, nullable=False),
    sa.Column("updated_at", Utc, nullable=False),
    sa.UniqueConstraint("provider", "provider_message_id"),
    _partial("ix_outbox_ready", "not_before", "id", where="state = 'ready'"),
    _partial("ix_outbox_answers", "not_before", "id", where="state = 'ready' AND kind = 'answer'"),
    _partial("ix_outbox_leased", "lease_until", where="state IN ('claimed', 'handed')"),
    _partial("ix_outbox_in_doubt", "doubt_since", where="state = 'in_doubt'"),
    sa.Index("ix_outbox_contact_hash_night", "contact_hash", "night"),
    sa.Index("ix_outbox_created_at", "created_at"),
    sa.Index("ix_outbox_customer_id_night", "customer_id", "night"),
    sa.Index("ix_outbox_run_id", "run_id", "id"),  # not by state: that changes four times on a message's way
    _partial("ix_outbox_planned", "run_id", "id", where="state = 'planned'"),
)

contents = sa.Table(
    "content",
    metadata,
    sa.Column("outbox_id", Key, sa.ForeignKey("outbox.id"), primary_key=True),
    sa.Column("revision", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary),  # zstd with the revision's skeleton as dictionary; NULL once purged
    sa.Column("sha", sa.Text, nullable=False),
    sa.Column("purged_at", Utc),
)

attempts = sa.Table(
    "attempt",
    metadata,
    sa.Column("outbox_id", Key, sa.ForeignKey("outbox.id"), primary_key=True),
    sa.Column("attempt", sa.Integer, primary_key=True),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("claimed_at", Utc, nullable=False),
    sa.Column("handed_at", Utc),
    sa.Column("finished_at", Utc),
    sa.Column("outcome", sa.Text),
    sa.Column("error", sa.Text),
    sa.Column("error_class", sa.Text),  # a Fault
    sa.Column("http_status", sa.Integer),
    sa.Column("provider_message_id", sa.Text),
)

#: The frequency cap as a unique key: one marketing message per address and local day.
contact_ledger = sa.Table(
    "contact_ledger",
    metadata,
    sa.Column("contact_hash", sa.Text, primary_key=True),
    sa.Column("cap_class", sa.Text, primary_key=True),
    sa.Column("slot", sa.Text, primary_key=True),  # mode and local day
    sa.Column("outbox_id", Key, nullable=False, index=True),
)

#: Immutable, by content hash: what any message was made from.
template_revisions = sa.Table(
    "template_revision",
    metadata,
    sa.Column("revision", sa.Text, primary_key=True),
    sa.Column("campaign", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("variant", sa.Text),
    sa.Column("file", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("skeleton", sa.LargeBinary, nullable=False),  # the dictionary of its contents
    sa.Column("first_used_at", Utc, nullable=False),
)

#: Who did what by hand. Append-only.
audits = sa.Table(
    "audit",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("at", Utc, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("about", sa.Text, nullable=False),
    sa.Column("detail", Json, nullable=False),
)

#: Facts about this database itself: fingerprints of the secrets, the zone its days were computed in, epoch.
installation = sa.Table(
    "installation",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

#: How far each import source was read (incremental SQL sources).
watermarks = sa.Table(
    "watermark",
    metadata,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("read_at", Utc, nullable=False),
)
