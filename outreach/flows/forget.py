"""How is a person forgotten, so that no import brings them back and their wish still stands?

First they are silenced, in a transaction of its own; then files go, which the database is needed to find; then the
database is emptied, in one transaction. Killed anywhere, the same command does the rest.
"""

import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from outreach.core.errors import Misuse
from outreach.core.proofs import key_hashed
from outreach.core.terms import Scope
from outreach.flows import opt_out, wish_taken
from outreach.flows.app import App
from outreach.flows.failpoint import reached
from outreach.flows.forgetting_files import Cleaned, Traces, clean
from outreach.flows.nightlock import alone
from outreach.providers.base import DEADLINE
from outreach.store import audits, forgetting, forgetting_proofs, walls, wishes
from outreach.store.compacting import compact
from outreach.store.engine import now, reading, writing
from outreach.store.forgetting import Somebody
from outreach.store.wishes import Asked

#: Seconds between looks at a message that is in a provider's hands.
_PAUSE = 0.25


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What went, or would go. `key` None: an address no customer has. `rows`: by what they are to people.

    `silenced`: new suppressions; `withdrawn`: messages that waited; `shared`: customers who keep an address of theirs;
    `untold`: rows that keep the address until a provider's list was told; `compacted`: no old bytes are left (SQLite).
    """

    key: str | None
    rows: Counter[str]
    files: Cleaned
    silenced: int = 0
    withdrawn: int = 0
    shared: tuple[str, ...] = ()
    untold: int = 0
    compacted: bool = True
    names: tuple[str, ...] = field(default=())

    @property
    def anything(self) -> bool:
        return bool(self.rows.total() or self.files.files or self.files.rows or self.silenced or self.withdrawn)


def look(app: App, word: str) -> Forgotten:
    """What forgetting them would take away; changes nothing. Raises Misuse as `forget` does."""
    with reading(app.engine) as c:
        who = _meant(app, c, word)
        at = now(c)
        rows = Counter(
            {part.what: count for part in forgetting.parts(who, at=at) if (count := forgetting.count(c, part))}
        )
        if proofs := sum(1 for _ in forgetting_proofs.changes(c, who, app.secrets.pepper)):
            rows["proofs with their words"] = proofs
        traces = _traces(app, c, who)
        shared = tuple(forgetting.living_with(c, who))
    return Forgotten(who.key, rows, clean(app.project, traces, write=False), shared=shared)


def forget(app: App, word: str) -> Forgotten:
    """Forget a customer (key, order, email or phone), or an address nobody has.

    Raises Misuse OUT-501 (nobody is meant), OUT-503 (several share the address); Busy OUT-301 while a night runs: they
    are silenced by then, and the rest waits for the same command.
    """
    who, silenced, withdrawn = _silence(app, word)
    reached("after_silenced")
    with alone(app):
        _wait_for_calls(app, who)
        with reading(app.engine) as c:
            traces = _traces(app, c, who)
            shared = tuple(forgetting.living_with(c, who))
        files = clean(app.project, traces, write=True)
        reached("after_files")
        rows, untold = _emptied(app, who)
        reached("after_emptied")
    compacted = compact(app.engine) if rows else True
    return Forgotten(who.key, rows, files, silenced, withdrawn, shared, untold, compacted)


def _silence(app: App, word: str) -> tuple[Somebody, int, int]:
    """Their wish, on every address, and nothing waits any more, a safety notice neither."""
    with writing(app.engine, durable=True) as c:
        who = _meant(app, c, word)
        wish_taken.wait_for_turn(app, c, who.points)
        at = now(c)
        evidence = _audited(app, c, who, at)
        plain = opt_out.plain(app, word) if who.customer_id is None else {}
        asked = Asked(Scope.EVERYTHING, forgetting.ERASED, "staff", evidence, None, at, plain=plain)
        taken = wish_taken.take(app, c, who.points, asked)
        withdrawn = taken.withdrawn + forgetting.end_waiting(c, who, at=at)
        forgetting.close_conversations(c, who, at=at)
        return who, taken.new, withdrawn


def _audited(app: App, c: sa.Connection, who: Somebody, at: datetime) -> str | None:
    """The record of it, which the wish names as its proof; one, however often the command is repeated."""
    if who.erased or (who.customer_id is None and wishes.standing(c, who.hashes)):
        return None
    about = "unknown address" if who.key is None else forgetting_proofs.new_key(who, app.secrets.pepper)
    return f"audit {audits.write(c, at, 'forget', about, {})}"


def _wait_for_calls(app: App, who: Somebody) -> None:
    """A message in a provider's hands still needs what it was handed with; a call lasts no longer than its deadline."""
    until = time.monotonic() + DEADLINE.total_seconds()
    while time.monotonic() < until:
        with reading(app.engine) as c:
            if not forgetting.in_hand(c, who):
                return
        time.sleep(_PAUSE)


def _emptied(app: App, who: Somebody) -> tuple[Counter[str], int]:
    """One transaction. Returns what was emptied, and rows that keep the address until a provider's list was told."""
    rows: Counter[str] = Counter()
    with writing(app.engine, durable=True) as c:
        at = now(c)
        for change in list(forgetting_proofs.changes(c, who, app.secrets.pepper)):
            forgetting_proofs.write(c, change)
            rows["proofs with their words"] += 1
        for part in forgetting.parts(who, at=at):
            if count := forgetting.empty(c, part):
                rows[part.what] += count
        forgetting_proofs.rename(c, who, app.secrets.pepper)
        walls.overtaken(c, at=at)
        return rows, walls.holding(c, who.own)


def _traces(app: App, c: sa.Connection, who: Somebody) -> Traces:
    own = frozenset(who.own)
    whole = (" ".join(who.names),) if len(who.names) > 1 else ()
    return Traces(
        words=(*who.addresses, *whole),
        key=who.key,
        messages=frozenset(forgetting.names_of_files(c, who)),
        is_theirs=lambda cell: any(h in own for _, h in opt_out.hashes(app, cell)),
    )


def _meant(app: App, c: sa.Connection, word: str) -> Somebody:
    found = opt_out.customers_meant(app, c, word) or _renamed(app, c, word)
    if len(found) > 1:
        facts = tuple(row.key for row in found)
        raise Misuse(
            "OUT-503", f"{len(found)} customers share that address", facts=facts, help=f"outreach forget {facts[0]}"
        )
    if found:
        return forgetting.somebody(c, found[0])
    points = tuple(opt_out.hashes(app, word))
    if not points:
        raise opt_out.nobody(word)
    own = tuple(h for _, h in points)
    return Somebody(None, None, points, own, tuple(opt_out.plain(app, word).values()), (), erased=False)


def _renamed(app: App, c: sa.Connection, word: str) -> list[Any]:
    """Somebody whose key was hashed when they were forgotten."""
    return wishes.find_customer(c, key_hashed(app.secrets.pepper, word), [])
