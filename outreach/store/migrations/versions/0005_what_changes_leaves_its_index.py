"""what a night changes row by row leaves its index, and is not moved about in it"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_SQLITE, _POSTGRESQL = sa.text("decided IS 0"), sa.text("decided IS false")
_PLANNED = sa.text("state = 'planned'")


def upgrade() -> None:
    op.drop_index("ix_candidate_run_id_decided_household_id", table_name="candidate")
    op.create_index(
        "ix_candidate_undecided",
        "candidate",
        ["run_id", "household_id"],
        unique=False,
        sqlite_where=_SQLITE,
        postgresql_where=_POSTGRESQL,
    )
    op.drop_index("ix_outbox_run_id_state", table_name="outbox")
    op.create_index("ix_outbox_run_id", "outbox", ["run_id", "id"], unique=False)
    op.create_index(
        "ix_outbox_planned",
        "outbox",
        ["run_id", "id"],
        unique=False,
        sqlite_where=_PLANNED,
        postgresql_where=_PLANNED,
    )


def downgrade() -> None:
    op.drop_index("ix_outbox_planned", table_name="outbox", sqlite_where=_PLANNED, postgresql_where=_PLANNED)
    op.drop_index("ix_outbox_run_id", table_name="outbox")
    op.create_index("ix_outbox_run_id_state", "outbox", ["run_id", "state", "id"], unique=False)
    op.drop_index("ix_candidate_undecided", table_name="candidate", sqlite_where=_SQLITE, postgresql_where=_POSTGRESQL)
    op.create_index(
        "ix_candidate_run_id_decided_household_id", "candidate", ["run_id", "decided", "household_id"], unique=False
    )
