"""What does the send remember of the providers, and of how a campaign fares with them? (design: state.md)"""

import sqlalchemy as sa

from outreach.store.types import Utc, metadata

#: One row per provider, from its first answer on.
provider_states = sa.Table(
    "provider_state",
    metadata,
    sa.Column("provider", sa.Text, primary_key=True),
    sa.Column("paused_until", Utc),  # nothing is handed to it before
    sa.Column("needs_person", sa.Boolean, nullable=False, server_default=sa.false()),  # it refuses our key
    sa.Column("because", sa.Text),  # why it is paused or stopped, in its words
    sa.Column("since", Utc),
    sa.Column("setbacks", sa.Integer, nullable=False, server_default="0"),  # pauses since it last took a message
    sa.Column("next_at", Utc),  # the rate: when the next message is due by the agreed pace
)

#: The last 100 hand-offs of a campaign, one letter each, newest last: "x" failed, "." did not.
breakers = sa.Table(
    "breaker",
    metadata,
    sa.Column("campaign", sa.Text, primary_key=True),
    sa.Column("mode", sa.Text, primary_key=True),
    sa.Column("recent", sa.Text, nullable=False),
)
