"""Alembic's door: runs the migrations on the connection `store.engine.migrate` hands over."""

from alembic import context

from outreach.store import schema
from outreach.store.types import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True, compare_type=True)
assert schema.outbox.metadata is metadata  # importing it registers every table
with context.begin_transaction():
    context.run_migrations()
