"""What is left of the proof of a wish, and of what we did by hand, when the person is forgotten?

Channel, scope, door and time stay as they were; words become a keyed hash (decision 22).
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import sqlalchemy as sa

from outreach.core.proofs import is_their_address, key_hashed, names_them, words_hashed
from outreach.store import audits
from outreach.store.contacts import consent_events, suppression_events, suppressions
from outreach.store.forgetting import Somebody, names_of_files
from outreach.store.schema import audits as audit_rows
from outreach.store.shop import customers

#: Doors whose evidence is what somebody wrote or said; the others keep a number, a file's line, or our own words.
_WORDS = frozenset({"staff", "stop", "reply", "complaint", "provider"})
#: What of an audit's detail is what somebody said.
_SAID = frozenset({"customer_asked", "because", "note"})
#: The mark that some customer's key was hashed: only then imports look keys up by their hash.
RENAMED = "keys_hashed"


class Change(NamedTuple):
    """One row to rewrite: its table, its key's columns, and what it is to hold."""

    table: sa.Table
    key: dict[str, Any]
    values: dict[str, Any]


def changes(c: sa.Connection, who: Somebody, pepper: bytes) -> Iterator[Change]:
    """Proofs and records that still hold words of theirs, their key, an address or a name."""
    for table, keys in ((suppressions, ("contact_hash", "channel", "scope")), (suppression_events, ("id",))):
        for row in list(c.execute(sa.select(table).where(table.c.contact_hash.in_(who.hashes)))):
            said = row.evidence
            if said and (row.door in _WORDS or names_them(said, who.addresses, who.names)):
                yield from _change(table, row, keys, {"evidence": words_hashed(pepper, said)})
    e = consent_events
    for row in list(c.execute(sa.select(e).where(e.c.contact_hash.in_(who.hashes)))):
        said = {"source": row.source, "evidence": row.evidence}
        theirs = {k: v for k, v in said.items() if v and names_them(v, who.addresses, who.names)}
        yield from _change(e, row, ("id",), {k: words_hashed(pepper, v) for k, v in theirs.items()})
    yield from _audited(c, who, pepper)


def _audited(c: sa.Connection, who: Somebody, pepper: bytes) -> Iterator[Change]:
    """Lines of the audit log about them: by their key, or their messages. The log is read whole; a person wrote it."""
    if who.key is None:
        return
    about = {who.key, *names_of_files(c, who)}
    key = new_key(who, pepper)
    for row in list(c.execute(sa.select(audit_rows))):
        named = row.about.split(", ")
        words = {k: v for k, v in row.detail.items() if isinstance(v, str)}
        if about.isdisjoint(named) and who.key not in words.values():
            continue
        said = {k: words_hashed(pepper, v) for k, v in words.items() if k in _SAID}
        said |= {k: key for k, v in words.items() if v == who.key}
        renamed = ", ".join(key if one == who.key else one for one in named)
        yield from _change(audit_rows, row, ("id",), {"about": renamed, "detail": {**row.detail, **said}})


def _change(table: sa.Table, row: Any, keys: tuple[str, ...], values: dict[str, Any]) -> Iterator[Change]:
    if any(getattr(row, name) != value for name, value in values.items()):
        yield Change(table, {name: getattr(row, name) for name in keys}, values)


def write(c: sa.Connection, change: Change) -> None:
    """Rewrite one row."""
    where = [change.table.c[name] == value for name, value in change.key.items()]
    c.execute(sa.update(change.table).where(*where).values(change.values))


def new_key(who: Somebody, pepper: bytes) -> str:
    """The shop's key, which names nobody; a hash of it where it is an address or holds a name of theirs."""
    assert who.key is not None
    names = is_their_address(who.key, who.addresses) or names_them(who.key, who.addresses, who.names)
    return key_hashed(pepper, who.key) if names else who.key


def rename(c: sa.Connection, who: Somebody, pepper: bytes) -> bool:
    """Give a customer whose key names them a hash for a key. Whether it was needed."""
    if who.key is None or (key := new_key(who, pepper)) == who.key:
        return False
    c.execute(sa.update(customers).where(customers.c.id == who.customer_id).values(key=key))
    audits.declare(c, RENAMED, "yes")
    return True
