"""what people and providers tell us"""

import sqlalchemy as sa
from alembic import op

from outreach.store.types import Json, Key, Utc

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_UNTOLD, _WAITING = sa.text("told_at IS NULL"), sa.text("state = 'waiting'")
_OPEN = sa.text("closed_at IS NULL")
_ANSWERS = sa.text("state = 'ready' AND kind = 'answer'")


def upgrade() -> None:
    op.create_table(
        "inbox_event",
        sa.Column("id", Key, nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("contact_hash", sa.Text(), nullable=True),
        sa.Column("outbox_id", Key, nullable=True),
        sa.Column("occurred_at", Utc(), nullable=True),
        sa.Column("received_at", Utc(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox_event")),
        sa.UniqueConstraint("provider", "event_id", name=op.f("uq_inbox_event_provider_event_id")),
    )
    op.create_index("ix_inbox_event_contact_hash", "inbox_event", ["contact_hash", "received_at"])
    op.create_index("ix_inbox_event_received_at", "inbox_event", ["received_at"])
    op.drop_index("ix_conversation_customer_id", table_name="conversation")
    op.drop_table("conversation")  # nothing ever wrote to it
    op.create_table(
        "conversation",
        sa.Column("id", Key, nullable=False),
        sa.Column("customer_id", Key, nullable=True),
        sa.Column("contact_hash", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("unsure", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("outbox_id", Key, nullable=True),
        sa.Column("opened_at", Utc(), nullable=False),
        sa.Column("answer_by", Utc(), nullable=True),
        sa.Column("answered_at", Utc(), nullable=True),
        sa.Column("taken_by", sa.Text(), nullable=True),
        sa.Column("closed_at", Utc(), nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column("did", sa.Text(), nullable=True),
        sa.Column("change", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_conversation_customer_id_customer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation")),
    )
    op.create_index("ix_conversation_customer_id", "conversation", ["customer_id"])
    op.create_index("ix_conversation_contact_hash", "conversation", ["contact_hash"])
    op.create_index("ix_conversation_open", "conversation", ["answer_by"], sqlite_where=_OPEN, postgresql_where=_OPEN)
    op.create_table(
        "reply",
        sa.Column("id", Key, nullable=False),
        sa.Column("conversation_id", Key, nullable=False),
        sa.Column("inbox_id", Key, nullable=True),
        sa.Column("outbox_id", Key, nullable=True),
        sa.Column("theirs", sa.Boolean(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("labels", Json, nullable=False),
        sa.Column("author", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_reply_conversation_id_conversation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reply")),
    )
    op.create_index("ix_reply_conversation_id", "reply", ["conversation_id", "id"])
    op.create_table(
        "delivery_answer",
        sa.Column("id", Key, nullable=False),
        sa.Column("customer_id", Key, nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("subject_key", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("door", sa.Text(), nullable=False),
        sa.Column("remedy", sa.Text(), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_delivery_answer_customer_id_customer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_answer")),
    )
    op.create_index("ix_delivery_answer_customer_id", "delivery_answer", ["customer_id", "id"])
    op.create_index("ix_delivery_answer_at", "delivery_answer", ["at"])
    op.create_table(
        "parting_word",
        sa.Column("id", Key, nullable=False),
        sa.Column("customer_id", Key, nullable=True),
        sa.Column("contact_hash", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_parting_word_customer_id_customer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parting_word")),
    )
    op.create_index("ix_parting_word_customer_id", "parting_word", ["customer_id"])
    op.create_table(
        "wall",
        sa.Column("id", Key, nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("contact_hash", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("since", Utc(), nullable=False),
        sa.Column("told_at", Utc(), nullable=True),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("not_before", Utc(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wall")),
    )
    op.create_index("ix_wall_untold", "wall", ["not_before"], sqlite_where=_UNTOLD, postgresql_where=_UNTOLD)
    op.create_index("ix_wall_contact_hash", "wall", ["contact_hash"])
    op.create_table(
        "forward",
        sa.Column("id", Key, nullable=False),
        sa.Column("inbox_id", Key, nullable=False),
        sa.Column("conversation_id", Key, nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("not_before", Utc(), nullable=False),
        sa.Column("sent_at", Utc(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["inbox_id"], ["inbox_event.id"], name=op.f("fk_forward_inbox_id_inbox_event")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forward")),
        sa.UniqueConstraint("inbox_id", name=op.f("uq_forward_inbox_id")),
    )
    op.create_index("ix_forward_waiting", "forward", ["not_before"], sqlite_where=_WAITING, postgresql_where=_WAITING)
    op.add_column("outbox", sa.Column("answers_at", Utc(), nullable=True))
    op.add_column("outbox", sa.Column("fate", sa.Text(), nullable=True))
    op.add_column("outbox", sa.Column("fate_rank", sa.Integer(), nullable=True))
    op.add_column("outbox", sa.Column("fate_at", Utc(), nullable=True))
    op.create_index(
        "ix_outbox_answers",
        "outbox",
        ["not_before", "id"],
        sqlite_where=_ANSWERS,
        postgresql_where=_ANSWERS,
    )
    op.add_column("suppression", sa.Column("last_said", Utc(), nullable=True))
    op.execute("UPDATE suppression SET last_said = since")
    with op.batch_alter_table("suppression", schema=None) as batch_op:
        batch_op.alter_column("last_said", nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("suppression", schema=None) as batch_op:
        batch_op.drop_column("last_said")
    op.drop_index("ix_outbox_answers", table_name="outbox", sqlite_where=_ANSWERS, postgresql_where=_ANSWERS)
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        for column in ("fate_at", "fate_rank", "fate", "answers_at"):
            batch_op.drop_column(column)
    for table in ("forward", "wall", "parting_word", "delivery_answer", "reply", "conversation", "inbox_event"):
        op.drop_table(table)
    op.create_table(
        "conversation",
        sa.Column("id", Key, nullable=False),
        sa.Column("customer_id", Key, nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("opened_at", Utc(), nullable=False),
        sa.Column("answer_by", Utc(), nullable=True),
        sa.Column("closed_at", Utc(), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_conversation_customer_id_customer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation")),
    )
    op.create_index("ix_conversation_customer_id", "conversation", ["customer_id"])
