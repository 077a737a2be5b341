"""the send"""

import sqlalchemy as sa
from alembic import op

from outreach.store.types import Utc

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "provider_state",
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("paused_until", Utc(), nullable=True),
        sa.Column("needs_person", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("because", sa.Text(), nullable=True),
        sa.Column("since", Utc(), nullable=True),
        sa.Column("setbacks", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("provider", name=op.f("pk_provider_state")),
    )
    op.create_table(
        "breaker",
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("recent", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("campaign", "mode", name=op.f("pk_breaker")),
    )
    op.add_column("attempt", sa.Column("http_status", sa.Integer(), nullable=True))
    op.add_column("attempt", sa.Column("error_class", sa.Text(), nullable=True))
    op.create_index(
        "ix_outbox_in_doubt",
        "outbox",
        ["doubt_since"],
        unique=False,
        sqlite_where=sa.text("state = 'in_doubt'"),
        postgresql_where=sa.text("state = 'in_doubt'"),
    )


def downgrade() -> None:
    op.drop_index(
        "ix_outbox_in_doubt",
        table_name="outbox",
        sqlite_where=sa.text("state = 'in_doubt'"),
        postgresql_where=sa.text("state = 'in_doubt'"),
    )
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.drop_column("error_class")
        batch_op.drop_column("http_status")
    op.drop_table("breaker")
    op.drop_table("provider_state")
