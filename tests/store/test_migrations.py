"""Do the migrations make exactly the tables the code speaks of, and is the second time nothing?"""

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from outreach.store import schema
from outreach.store.engine import migrate
from outreach.store.types import metadata


def test_the_migrated_database_is_what_the_code_says(engine: sa.Engine) -> None:
    assert schema.outbox.metadata is metadata
    with engine.connect() as c:
        differences = compare_metadata(MigrationContext.configure(c, opts={"compare_type": True}), metadata)
    assert differences == []


def test_migrating_twice_changes_nothing(engine: sa.Engine) -> None:
    before = sa.inspect(engine).get_table_names()
    migrate(engine)
    assert sa.inspect(engine).get_table_names() == before
    assert "outbox" in before


def test_what_changes_on_its_way_leaves_its_index(engine: sa.Engine) -> None:
    found = {i["name"]: i for table in ("candidate", "outbox") for i in sa.inspect(engine).get_indexes(table)}
    for name, word in (("ix_candidate_undecided", "decided"), ("ix_outbox_planned", "planned")):
        index = found[name]
        where = str(index.get("dialect_options", {}).get(f"{engine.dialect.name}_where"))
        assert word in where, name
        assert "decided" not in index["column_names"]
        assert "state" not in index["column_names"]
