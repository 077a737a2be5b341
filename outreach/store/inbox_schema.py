"""What does the program remember of what people and providers tell it? (design: state.md)

Words and addresses stand in columns that `forget` empties: `raw`, `words`, `subject`, `address`.
"""

import sqlalchemy as sa

from outreach.store.types import Json, Key, Utc, metadata


def _partial(name: str, *columns: str, where: str) -> sa.Index:
    """An index of the rows of which this is true now: a row that changes leaves it."""
    return sa.Index(name, *columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


#: All that came in, once each. `kind`: what it is, in our words; `outbox_id`: the message of ours it speaks of.
inbox_events = sa.Table(
    "inbox_event",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("provider", sa.Text, nullable=False),
    sa.Column("event_id", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("contact_hash", sa.Text),  # whose address it speaks of, or came from
    sa.Column("outbox_id", Key),
    sa.Column("occurred_at", Utc),
    sa.Column("received_at", Utc, nullable=False),
    sa.Column("raw", sa.LargeBinary),  # zlib; NULL once forgotten
    sa.Column("problem", sa.Text),  # why it could not be understood; it is kept all the same
    sa.UniqueConstraint("provider", "event_id"),
    sa.Index("ix_inbox_event_contact_hash", "contact_hash", "received_at"),
    sa.Index("ix_inbox_event_received_at", "received_at"),
)

#: Somebody wrote and a person has to answer. `customer_id` NULL: a stranger.
conversations = sa.Table(
    "conversation",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("customer_id", Key, sa.ForeignKey("customer.id"), index=True),
    sa.Column("contact_hash", sa.Text, nullable=False, index=True),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("label", sa.Text, nullable=False),  # reply or complaint
    sa.Column("answer", sa.Text),  # what they said of a delivery: core.answers.Answer
    sa.Column("unsure", sa.Boolean, nullable=False, server_default=sa.false()),  # may have asked to be left alone
    sa.Column("outbox_id", Key),  # the message of ours they answered
    sa.Column("opened_at", Utc, nullable=False),
    sa.Column("answer_by", Utc),  # what was promised
    sa.Column("answered_at", Utc),
    sa.Column("taken_by", sa.Text),
    sa.Column("closed_at", Utc),
    sa.Column("closed_by", sa.Text),
    sa.Column("did", sa.Text),  # asked at closing: what we did,
    sa.Column("change", sa.Text),  # and what we change
    _partial("ix_conversation_open", "answer_by", where="closed_at IS NULL"),
)

#: What was said in a conversation, by them (`theirs`) or by us.
replies = sa.Table(
    "reply",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("conversation_id", Key, sa.ForeignKey("conversation.id"), nullable=False),
    sa.Column("inbox_id", Key),
    sa.Column("outbox_id", Key),
    sa.Column("theirs", sa.Boolean, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("at", Utc, nullable=False),
    sa.Column("subject", sa.Text),
    sa.Column("words", sa.Text),  # without what they quote
    sa.Column("message_id", sa.Text),  # RFC 5322 Message-ID, what an answer's In-Reply-To names
    sa.Column("labels", Json, nullable=False),  # ["suggestion"]
    sa.Column("author", sa.Text),  # who of us
    sa.Index("ix_reply_conversation_id", "conversation_id", "id"),
)

#: What customers said of a delivery, by link, mail or text. Append-only; the newest counts.
delivery_answers = sa.Table(
    "delivery_answer",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("customer_id", Key, sa.ForeignKey("customer.id"), nullable=False),
    sa.Column("campaign", sa.Text, nullable=False),
    sa.Column("subject_key", sa.Text, nullable=False),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Column("door", sa.Text, nullable=False),  # page, email, text
    sa.Column("remedy", sa.Text),  # what would put it right, from the page
    sa.Column("words", sa.Text),
    sa.Column("at", Utc, nullable=False),
    sa.Index("ix_delivery_answer_customer_id", "customer_id", "id"),
    sa.Index("ix_delivery_answer_at", "at"),
)

#: Why somebody left, if they wished to say.
parting_words = sa.Table(
    "parting_word",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("customer_id", Key, sa.ForeignKey("customer.id"), index=True),
    sa.Column("contact_hash", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("words", sa.Text),
    sa.Column("at", Utc, nullable=False),
)

#: What a provider's own list has yet to be told, or was. `address` is emptied as soon as it was.
walls = sa.Table(
    "wall",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("provider", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("contact_hash", sa.Text, nullable=False, index=True),
    sa.Column("address", sa.Text),
    sa.Column("action", sa.Text, nullable=False),  # add or remove
    sa.Column("since", Utc, nullable=False),
    sa.Column("told_at", Utc),
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    sa.Column("not_before", Utc, nullable=False),
    sa.Column("last_error", sa.Text),
    _partial("ix_wall_untold", "not_before", where="told_at IS NULL"),
)

#: What came in and goes on to the shop's own mailbox. Once or, after a crash, twice; never not.
forwards = sa.Table(
    "forward",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("inbox_id", Key, sa.ForeignKey("inbox_event.id"), nullable=False),
    sa.Column("conversation_id", Key),
    sa.Column("state", sa.Text, nullable=False),  # waiting, sent, refused
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    sa.Column("not_before", Utc, nullable=False),
    sa.Column("sent_at", Utc),
    sa.Column("last_error", sa.Text),
    sa.UniqueConstraint("inbox_id"),
    _partial("ix_forward_waiting", "not_before", where="state = 'waiting'"),
)
