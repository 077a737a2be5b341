"""the first tables"""

import sqlalchemy as sa
from alembic import op

from outreach.store.types import Json, Key, Utc

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", Key, nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("detail", Json, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_table(
        "consent_event",
        sa.Column("id", Key, nullable=False),
        sa.Column("contact_hash", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("recorded_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_event")),
    )
    with op.batch_alter_table("consent_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consent_event_contact_hash"), ["contact_hash"], unique=False)

    op.create_table(
        "contact_ledger",
        sa.Column("contact_hash", sa.Text(), nullable=False),
        sa.Column("cap_class", sa.Text(), nullable=False),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("outbox_id", Key, nullable=False),
        sa.PrimaryKeyConstraint("contact_hash", "cap_class", "slot", name=op.f("pk_contact_ledger")),
    )
    with op.batch_alter_table("contact_ledger", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contact_ledger_outbox_id"), ["outbox_id"], unique=False)

    op.create_table(
        "customer",
        sa.Column("id", Key, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("household_id", Key, nullable=False),
        sa.Column("first_name", sa.Text(), nullable=True),
        sa.Column("last_name", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("zone", sa.Text(), nullable=True),
        sa.Column("since_on", sa.Date(), nullable=True),
        sa.Column("record_sha", sa.Text(), server_default="", nullable=False),
        sa.Column("erased_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer")),
        sa.UniqueConstraint("key", name=op.f("uq_customer_key")),
    )
    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_customer_household_id"), ["household_id"], unique=False)

    op.create_table(
        "installation",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_installation")),
    )
    op.create_table(
        "pause",
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("since", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("campaign", name=op.f("pk_pause")),
    )
    op.create_table(
        "product",
        sa.Column("id", Key, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("successor_key", sa.Text(), nullable=True),
        sa.Column("line", sa.Text(), nullable=True),
        sa.Column("generation", sa.Integer(), nullable=True),
        sa.Column("released_on", sa.Date(), nullable=True),
        sa.Column("discontinued_on", sa.Date(), nullable=True),
        sa.Column("supported_until", sa.Date(), nullable=True),
        sa.Column("in_stock", sa.Boolean(), nullable=True),
        sa.Column("price_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("what_changed", Json, nullable=True),
        sa.Column("not_changed", Json, nullable=True),
        sa.Column("keep_if", sa.Text(), nullable=True),
        sa.Column("link", sa.Text(), nullable=True),
        sa.Column("care_title", sa.Text(), nullable=True),
        sa.Column("care_text", sa.Text(), nullable=True),
        sa.Column("care_link", sa.Text(), nullable=True),
        sa.Column("record_sha", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product")),
        sa.UniqueConstraint("key", name=op.f("uq_product_key")),
    )
    with op.batch_alter_table("product", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_product_line"), ["line"], unique=False)

    op.create_table(
        "run",
        sa.Column("id", Key, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="1", nullable=False),
        sa.Column("offset_seconds", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("orders_read", sa.Integer(), server_default="0", nullable=False),
        sa.Column("held_because", Json, nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("started_at", Utc(), nullable=False),
        sa.Column("finished_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
        sa.UniqueConstraint("job", "business_date", "mode", name=op.f("uq_run_job_business_date_mode")),
    )
    op.create_table(
        "suppression",
        sa.Column("contact_hash", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("door", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("since", Utc(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("contact_hash", "channel", "scope", name=op.f("pk_suppression")),
    )
    op.create_table(
        "suppression_event",
        sa.Column("id", Key, nullable=False),
        sa.Column("contact_hash", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("door", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suppression_event")),
    )
    with op.batch_alter_table("suppression_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_suppression_event_contact_hash"), ["contact_hash"], unique=False)

    op.create_table(
        "template_revision",
        sa.Column("revision", sa.Text(), nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("variant", sa.Text(), nullable=True),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("skeleton", sa.LargeBinary(), nullable=False),
        sa.Column("first_used_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("revision", name=op.f("pk_template_revision")),
    )
    op.create_table(
        "told",
        sa.Column("customer_id", Key, nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("subject_key", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("contact_hash", sa.Text(), nullable=False),
        sa.Column("outbox_id", Key, nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "campaign", "subject_key", "mode", name=op.f("pk_told")),
    )
    with op.batch_alter_table("told", schema=None) as batch_op:
        batch_op.create_index("ix_told_contact_hash_campaign", ["contact_hash", "campaign"], unique=False)
        batch_op.create_index(batch_op.f("ix_told_outbox_id"), ["outbox_id"], unique=False)

    op.create_table(
        "watermark",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("read_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_watermark")),
    )
    op.create_table(
        "candidate",
        sa.Column("run_id", Key, nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("customer_id", Key, nullable=False),
        sa.Column("subject_key", sa.Text(), nullable=False),
        sa.Column("household_id", Key, nullable=False),
        sa.Column("subject_date", sa.Date(), nullable=False),
        sa.Column("became_on", sa.Date(), nullable=True),
        sa.Column("useful_until", sa.Date(), nullable=True),
        sa.Column("follows", sa.Text(), nullable=True),
        sa.Column("facts", Json, nullable=False),
        sa.Column("decided", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_candidate_customer_id")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_candidate_run_id")),
        sa.PrimaryKeyConstraint("run_id", "campaign", "customer_id", "subject_key", name=op.f("pk_candidate")),
    )
    with op.batch_alter_table("candidate", schema=None) as batch_op:
        batch_op.create_index(
            "ix_candidate_run_id_decided_household_id", ["run_id", "decided", "household_id"], unique=False
        )

    op.create_table(
        "contact_point",
        sa.Column("id", Key, nullable=False),
        sa.Column("customer_id", Key, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("address_hash", sa.Text(), nullable=False),
        sa.Column("current", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("erased_at", Utc(), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_contact_point_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_point")),
        sa.UniqueConstraint(
            "customer_id", "channel", "address_hash", name=op.f("uq_contact_point_customer_id_channel_address_hash")
        ),
    )
    with op.batch_alter_table("contact_point", schema=None) as batch_op:
        batch_op.create_index("ix_contact_point_address_hash", ["address_hash"], unique=False)

    op.create_table(
        "conversation",
        sa.Column("id", Key, nullable=False),
        sa.Column("customer_id", Key, nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("opened_at", Utc(), nullable=False),
        sa.Column("answer_by", Utc(), nullable=True),
        sa.Column("closed_at", Utc(), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_conversation_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation")),
    )
    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_conversation_customer_id"), ["customer_id"], unique=False)

    op.create_table(
        "decision",
        sa.Column("id", Key, nullable=False),
        sa.Column("run_id", Key, nullable=False),
        sa.Column("night", sa.Date(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("customer_id", Key, nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("subject_key", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("facts", Json, nullable=False),
        sa.Column("next_eligible_on", sa.Date(), nullable=True),
        sa.Column("decided_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_decision_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.create_index(
            "ix_decision_customer_id_campaign_subject_key_id",
            ["customer_id", "campaign", "subject_key", "id"],
            unique=False,
        )
        batch_op.create_index("ix_decision_run_id_reason", ["run_id", "reason"], unique=False)

    op.create_table(
        "hold",
        sa.Column("customer_id", Key, nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("since", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_hold_customer_id")),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_hold")),
    )
    op.create_table(
        "product_price",
        sa.Column("product_id", Key, nullable=False),
        sa.Column("since_on", sa.Date(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_product_price_product_id")),
        sa.PrimaryKeyConstraint("product_id", "since_on", name=op.f("pk_product_price")),
    )
    op.create_table(
        "purchase",
        sa.Column("id", Key, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("customer_id", Key, nullable=False),
        sa.Column("placed_at", Utc(), nullable=True),
        sa.Column("placed_on", sa.Date(), nullable=False),
        sa.Column("shipped_at", Utc(), nullable=True),
        sa.Column("shipped_on", sa.Date(), nullable=True),
        sa.Column("delivered_at", Utc(), nullable=True),
        sa.Column("delivered_on", sa.Date(), nullable=True),
        sa.Column("complete_on", sa.Date(), nullable=True),
        sa.Column("promised_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("new_date", sa.Date(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("cancelled", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("cancelled_on", sa.Date(), nullable=True),
        sa.Column("returned_on", sa.Date(), nullable=True),
        sa.Column("carrier", sa.Text(), nullable=True),
        sa.Column("late_reason", sa.Text(), nullable=True),
        sa.Column("remedy_text", sa.Text(), nullable=True),
        sa.Column("remedy_minor", sa.BigInteger(), nullable=True),
        sa.Column("remedy_currency", sa.Text(), nullable=True),
        sa.Column("record_sha", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_purchase_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase")),
        sa.UniqueConstraint("key", name=op.f("uq_purchase_key")),
    )
    with op.batch_alter_table("purchase", schema=None) as batch_op:
        batch_op.create_index("ix_purchase_complete_on", ["complete_on"], unique=False)
        batch_op.create_index(
            "ix_purchase_customer_id_placed_on_cancelled", ["customer_id", "placed_on", "cancelled"], unique=False
        )
        batch_op.create_index("ix_purchase_due_on", ["due_on"], unique=False)
        batch_op.create_index("ix_purchase_shipped_on", ["shipped_on"], unique=False)

    op.create_table(
        "run_campaign",
        sa.Column("run_id", Key, nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("found", sa.Integer(), server_default="0", nullable=False),
        sa.Column("queued", sa.Integer(), server_default="0", nullable=False),
        sa.Column("because", Json, nullable=False),
        sa.Column("failed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("gap", sa.Text(), nullable=True),
        sa.Column("mend", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_run_campaign_run_id")),
        sa.PrimaryKeyConstraint("run_id", "campaign", name=op.f("pk_run_campaign")),
    )
    op.create_table(
        "order_line",
        sa.Column("id", Key, nullable=False),
        sa.Column("order_id", Key, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("product_id", Key, nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("quantity", sa.Integer(), server_default="1", nullable=False),
        sa.Column("delivered_on", sa.Date(), nullable=True),
        sa.Column("returned_on", sa.Date(), nullable=True),
        sa.Column("record_sha", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["purchase.id"], name=op.f("fk_order_line_order_id")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_order_line_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_line")),
        sa.UniqueConstraint("order_id", "number", name=op.f("uq_order_line_order_id_number")),
    )
    with op.batch_alter_table("order_line", schema=None) as batch_op:
        batch_op.create_index("ix_order_line_product_id", ["product_id"], unique=False)

    op.create_table(
        "outbox",
        sa.Column("id", Key, nullable=False),
        sa.Column("dedupe_key", sa.Text(), nullable=False),
        sa.Column("run_id", Key, nullable=False),
        sa.Column("night", sa.Date(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("legal", sa.Text(), nullable=False),
        sa.Column("customer_id", Key, nullable=False),
        sa.Column("contact_point_id", Key, nullable=False),
        sa.Column("contact_hash", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("subject_key", sa.Text(), nullable=False),
        sa.Column("subjects", Json, nullable=False),
        sa.Column("template_revision", sa.Text(), nullable=True),
        sa.Column("facts", Json, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("because", sa.Text(), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("draw", sa.BigInteger(), nullable=False),
        sa.Column("not_before", Utc(), nullable=False),
        sa.Column("not_after", Utc(), nullable=False),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("lease_until", Utc(), nullable=True),
        sa.Column("doubt_since", Utc(), nullable=True),
        sa.Column("provider", sa.Text(), nullable=True),
        sa.Column("provider_message_id", sa.Text(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("parts", sa.Integer(), nullable=True),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("updated_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["contact_point_id"], ["contact_point.id"], name=op.f("fk_outbox_contact_point_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_outbox_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_outbox_dedupe_key")),
        sa.UniqueConstraint("provider", "provider_message_id", name=op.f("uq_outbox_provider_provider_message_id")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index("ix_outbox_contact_hash_night", ["contact_hash", "night"], unique=False)
        batch_op.create_index("ix_outbox_created_at", ["created_at"], unique=False)
        batch_op.create_index("ix_outbox_customer_id_night", ["customer_id", "night"], unique=False)
        batch_op.create_index(
            "ix_outbox_leased",
            ["lease_until"],
            unique=False,
            sqlite_where=sa.text("state IN ('claimed', 'handed')"),
            postgresql_where=sa.text("state IN ('claimed', 'handed')"),
        )
        batch_op.create_index(
            "ix_outbox_ready",
            ["not_before", "id"],
            unique=False,
            sqlite_where=sa.text("state = 'ready'"),
            postgresql_where=sa.text("state = 'ready'"),
        )
        batch_op.create_index("ix_outbox_run_id_state", ["run_id", "state", "id"], unique=False)
        batch_op.create_index(
            "ix_outbox_waiting_contact_hash",
            ["contact_hash"],
            unique=False,
            sqlite_where=sa.text("state IN ('planned', 'ready', 'claimed')"),
            postgresql_where=sa.text("state IN ('planned', 'ready', 'claimed')"),
        )

    op.create_table(
        "promise",
        sa.Column("order_id", Key, nullable=False),
        sa.Column("promised_on", sa.Date(), nullable=False),
        sa.Column("promised_at", Utc(), nullable=True),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["purchase.id"], name=op.f("fk_promise_order_id")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_promise")),
    )
    op.create_table(
        "attempt",
        sa.Column("outbox_id", Key, nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("claimed_at", Utc(), nullable=False),
        sa.Column("handed_at", Utc(), nullable=True),
        sa.Column("finished_at", Utc(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("provider_message_id", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name=op.f("fk_attempt_outbox_id")),
        sa.PrimaryKeyConstraint("outbox_id", "attempt", name=op.f("pk_attempt")),
    )
    op.create_table(
        "content",
        sa.Column("outbox_id", Key, nullable=False),
        sa.Column("revision", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("sha", sa.Text(), nullable=False),
        sa.Column("purged_at", Utc(), nullable=True),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name=op.f("fk_content_outbox_id")),
        sa.PrimaryKeyConstraint("outbox_id", name=op.f("pk_content")),
    )


def downgrade() -> None:
    op.drop_table("content")
    op.drop_table("attempt")
    op.drop_table("promise")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_outbox_waiting_contact_hash",
            sqlite_where=sa.text("state IN ('planned', 'ready', 'claimed')"),
            postgresql_where=sa.text("state IN ('planned', 'ready', 'claimed')"),
        )
        batch_op.drop_index("ix_outbox_run_id_state")
        batch_op.drop_index(
            "ix_outbox_ready", sqlite_where=sa.text("state = 'ready'"), postgresql_where=sa.text("state = 'ready'")
        )
        batch_op.drop_index(
            "ix_outbox_leased",
            sqlite_where=sa.text("state IN ('claimed', 'handed')"),
            postgresql_where=sa.text("state IN ('claimed', 'handed')"),
        )
        batch_op.drop_index("ix_outbox_customer_id_night")
        batch_op.drop_index("ix_outbox_created_at")
        batch_op.drop_index("ix_outbox_contact_hash_night")

    op.drop_table("outbox")
    with op.batch_alter_table("order_line", schema=None) as batch_op:
        batch_op.drop_index("ix_order_line_product_id")

    op.drop_table("order_line")
    op.drop_table("run_campaign")
    with op.batch_alter_table("purchase", schema=None) as batch_op:
        batch_op.drop_index("ix_purchase_shipped_on")
        batch_op.drop_index("ix_purchase_due_on")
        batch_op.drop_index("ix_purchase_customer_id_placed_on_cancelled")
        batch_op.drop_index("ix_purchase_complete_on")

    op.drop_table("purchase")
    op.drop_table("product_price")
    op.drop_table("hold")
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.drop_index("ix_decision_run_id_reason")
        batch_op.drop_index("ix_decision_customer_id_campaign_subject_key_id")

    op.drop_table("decision")
    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_conversation_customer_id"))

    op.drop_table("conversation")
    with op.batch_alter_table("contact_point", schema=None) as batch_op:
        batch_op.drop_index("ix_contact_point_address_hash")

    op.drop_table("contact_point")
    with op.batch_alter_table("candidate", schema=None) as batch_op:
        batch_op.drop_index("ix_candidate_run_id_decided_household_id")

    op.drop_table("candidate")
    op.drop_table("watermark")
    with op.batch_alter_table("told", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_told_outbox_id"))
        batch_op.drop_index("ix_told_contact_hash_campaign")

    op.drop_table("told")
    op.drop_table("template_revision")
    with op.batch_alter_table("suppression_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_suppression_event_contact_hash"))

    op.drop_table("suppression_event")
    op.drop_table("suppression")
    op.drop_table("run")
    with op.batch_alter_table("product", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_product_line"))

    op.drop_table("product")
    op.drop_table("pause")
    op.drop_table("installation")
    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_customer_household_id"))

    op.drop_table("customer")
    with op.batch_alter_table("contact_ledger", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contact_ledger_outbox_id"))

    op.drop_table("contact_ledger")
    with op.batch_alter_table("consent_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_consent_event_contact_hash"))

    op.drop_table("consent_event")
    op.drop_table("audit")
