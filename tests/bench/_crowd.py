"""Where do a hundred thousand due messages come from? One small night is really planned, then copied in the database.

Each copy has a customer, an address and a once-only key of its own; its content is that of the message it copies, so
the night before the send, which `bench night` measures, need not be lived through for each size.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from outreach.bootstrap import build
from outreach.core.terms import Channel
from outreach.store.contacts import contact_points
from outreach.store.engine import writing
from outreach.store.schema import contents, outbox
from outreach.store.shop import customers
from tests.faults.scene import plan_night, settle_in, tell

#: Customers of the night that is really planned.
PLANNED = 900
#: Prose added to every email, so that one is about 22 kB of HTML and text: what speed.md measured with.
PARAGRAPHS = 20
PROSE = (
    "We checked every part of it before it left us, and packed it so that a fall from the van would not matter much. "
    "Should anything about it puzzle you, the booklet in the box answers most questions, and we answer the others.\n\n"
)
#: Ids of one copy begin this much after those of the copy before it.
_STEP = 1_000_000


def crowd(folder: Path, url: str, environment: Mapping[str, str], count: int) -> Path:
    """A project over the empty database at `url` with `count` emails that are due now."""
    project = settle_in(folder, url, {})
    for path in (project / "templates").glob("*/email.*.j2"):
        path.write_text(path.read_text(encoding="utf-8").rstrip() + "\n\n" + PROSE * PARAGRAPHS, encoding="utf-8")
    plan_night(project, PLANNED)
    app = build(project)
    with writing(app.engine) as c:
        _multiply(c, count)
    if app.engine.dialect.name == "postgresql":  # as autovacuum would, which a server of tests goes without
        with app.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as c:
            c.execute(sa.text("ANALYZE"))
    app.engine.dispose()
    tell(project, environment)
    return project


def _multiply(c: sa.Connection, count: int) -> None:
    """Keep emails only, then copy until there are `count`."""
    mail = outbox.c.channel == Channel.EMAIL.value
    c.execute(sa.update(outbox).where(~mail).values(state="cancelled"))
    seeds = sa.select(outbox.c.id).where(mail, outbox.c.state == "ready").order_by(outbox.c.id)
    ids = list(c.execute(seeds).scalars())
    for i in range(1, -(-count // len(ids))):
        some = ids[: count - i * len(ids)]
        _copy(c, i, outbox.c.id.in_(some))
    for extra in ids[count:]:
        c.execute(sa.update(outbox).where(outbox.c.id == extra).values(state="cancelled"))


def _copy(c: sa.Connection, i: int, which: sa.ColumnElement[bool]) -> None:
    people = sa.select(outbox.c.customer_id).where(which)
    points = sa.select(outbox.c.contact_point_id).where(which)
    _again(c, customers, customers.c.id.in_(people), i)
    _again(c, contact_points, contact_points.c.id.in_(points), i)
    _again(c, outbox, which, i)
    _again(c, contents, contents.c.outbox_id.in_(sa.select(outbox.c.id).where(which)), i)


#: Columns that name a row, and those that must differ from copy to copy.
_NUMBERS = ("id", "customer_id", "contact_point_id", "outbox_id", "household_id")
_WORDS = ("key", "dedupe_key", "email_key", "address")
_HASHES = ("address_hash", "contact_hash")


def _again(c: sa.Connection, table: sa.Table, which: sa.ColumnElement[bool], i: int) -> None:
    def changed(column: sa.Column[Any]) -> Any:
        if column.name in _NUMBERS:
            return column + sa.literal(i * _STEP, sa.BigInteger())
        if column.name in _WORDS:
            return sa.literal(f"{i}.") + column
        if column.name in _HASHES:  # as long as before
            return sa.literal(f"{i:08x}") + sa.func.substr(column, 9)
        return column

    source = sa.select(*(changed(column) for column in table.c)).where(which)
    c.execute(sa.insert(table).from_select([column.name for column in table.c], source))
