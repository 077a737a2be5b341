"""Is this the database our last hand-over was written into? (settled 36)

PROJECT/.outreach/epoch remembers the database's id and the last hand-off this host made. A database with another id,
or one that does not know that hand-off, was restored or copied: sending from it could write to people twice.
"""

import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import get_ident

from outreach.core.errors import Held
from outreach.core.terms import Mode
from outreach.flows.app import App
from outreach.store import audits, epochs
from outreach.store.engine import now, reading, writing


@dataclass(frozen=True, slots=True)
class Mark:
    """The last hand-off this host made: database, message, try, and when by the database's clock."""

    instance: str
    message: int
    attempt: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A person said that this database is the one. `unknown`: waiting messages that may have left before it."""

    instance: str
    unknown: int


def require_same_database(app: App) -> str:
    """The database's id. Raises Held (OUT-430) when it is not the one, or not as far as, this host knows."""
    with reading(app.engine) as c:
        found = epochs.instance(c)
    if found is None:
        with writing(app.engine) as c:
            found = epochs.name_it(c)
    mark = last_mark(app.project)
    if mark is None or app.house.mode is Mode.OUTBOX:
        return found
    if mark.instance != found:
        raise _another("this database is not the one this machine last sent from")
    with reading(app.engine) as c:
        if mark.message and not epochs.remembers(c, mark.message, mark.attempt):
            raise _another("this database does not know what this machine sent last")
    return found


def _another(said: str) -> Held:
    facts = ("it was restored from a backup, or is a copy", "sending from it could write to people twice")
    help_text = "if it is the right one: outreach doctor --confirm-restore"
    return Held("OUT-430", said, facts=facts, help=help_text)


def confirm_restore(app: App) -> Confirmed:
    """A person says that sending may go on from this database.

    Messages that were due before this host's last hand-off and still wait may have left unknown to this database:
    they become `unknown`, listed for a person, and are not sent. The database gets a new id.
    """
    mark = last_mark(app.project)
    with writing(app.engine, durable=True) as c:
        at = now(c)
        until = None if mark is None else mark.at
        unknown = epochs.begin_anew(c, handed_until=until, mode=app.house.mode.value, at=at)
        instance = epochs.name_it(c)
        audits.write(c, at, "restore.confirm", instance, {"unknown": unknown})
    remember(app.project, Mark(instance, 0, 0, at))
    return Confirmed(instance, unknown)


def last_mark(project: Path) -> Mark | None:
    """What the file says; None when this host has not sent yet. A file that cannot be read is held (OUT-430)."""
    try:
        text = _file(project).read_text(encoding="ascii")
    except FileNotFoundError:
        return None
    except OSError:
        raise _another("PROJECT/.outreach/epoch cannot be read") from None
    try:
        found = json.loads(text)
        at = datetime.fromisoformat(found["at"])
        return Mark(str(found["instance"]), int(found["message"]), int(found["attempt"]), at)
    except (ValueError, KeyError, TypeError):
        raise _another("PROJECT/.outreach/epoch cannot be read") from None


def remember(project: Path, mark: Mark) -> None:
    """Whole or not at all: written beside, then renamed. Several processes may; any one's last hand-off will do."""
    file = _file(project)
    file.parent.mkdir(exist_ok=True)
    beside = file.with_name(f"epoch.{os.getpid()}.{get_ident()}")  # two lanes of one process may be here at once
    words = {"instance": mark.instance, "message": mark.message, "attempt": mark.attempt, "at": mark.at.isoformat()}
    beside.write_text(json.dumps(words), encoding="ascii")
    beside.replace(file)


def _file(project: Path) -> Path:
    return project / ".outreach" / "epoch"
