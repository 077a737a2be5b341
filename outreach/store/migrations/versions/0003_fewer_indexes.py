"""one index by address is enough: (contact_hash, night) finds those that wait, too"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_WAITING = sa.text("state IN ('planned', 'ready', 'claimed')")


def upgrade() -> None:
    op.drop_index(
        "ix_outbox_waiting_contact_hash",
        table_name="outbox",
        sqlite_where=_WAITING,
        postgresql_where=_WAITING,
    )


def downgrade() -> None:
    op.create_index(
        "ix_outbox_waiting_contact_hash",
        "outbox",
        ["contact_hash"],
        unique=False,
        sqlite_where=_WAITING,
        postgresql_where=_WAITING,
    )
