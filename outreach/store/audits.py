"""Who did what by hand, and what does this database know of itself?"""

import getpass
import os
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from outreach.store.engine import dialect_insert
from outreach.store.schema import audits, installation


def actor() -> str:
    """The person at the keyboard, as the machine knows them."""
    return os.environ.get("OUTREACH_ACTOR") or getpass.getuser()


def write(c: sa.Connection, at: datetime, action: str, about: str, detail: dict[str, Any]) -> int:
    """One line of the audit log; returns its number. `detail` holds no addresses."""
    line = sa.insert(audits).values(at=at, actor=actor(), action=action, about=about, detail=detail)
    return int(c.execute(line.returning(audits.c.id)).scalar_one())


def since(c: sa.Connection, moment: datetime, action: str) -> list[Any]:
    """What was done since a moment, oldest first."""
    where = (audits.c.at > moment, audits.c.action == action)
    return list(c.execute(sa.select(audits).where(*where).order_by(audits.c.id)))


def declare(c: sa.Connection, name: str, value: str) -> None:
    """Write a fact about this installation; the newest stands."""
    insert = dialect_insert(c, installation).values(name=name, value=value)
    c.execute(insert.on_conflict_do_update(index_elements=["name"], set_={"value": value}))


def declared(c: sa.Connection, name: str) -> str | None:
    """A fact about this installation, if it was ever written."""
    return c.execute(sa.select(installation.c.value).where(installation.c.name == name)).scalar_one_or_none()
