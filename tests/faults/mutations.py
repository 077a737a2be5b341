"""Would the harness see it if the send were built wrong? Six faults, each put into a copy of the package by its text.

The product has no switch for any of this: the text to replace must be there exactly once, or the mutation is out of
date and says so.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.flows.stage import ROOT


@dataclass(frozen=True, slots=True)
class Change:
    """In this file of the package, this text becomes that."""

    file: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Mutation:
    """One wrong way to build it, and the story that must find it out."""

    name: str
    caught_by: str
    breaks: frozenset[str]
    changes: tuple[Change, ...]


#: T1 and T2 without a thought for what people asked for.
_NO_WISHES = """def asked_not_to():
    return sa.false()


def free():
    return sa.not_(sa.or_(on_hold(), paused()))


"""

#: A sweeper in two steps: it looks, and later changes what it saw, whatever became of it meanwhile.
_BY_ID = """def expired(c, *, at):
    rows = c.execute(sa.select(outbox.c.id, outbox.c.state).where(LEASED, outbox.c.lease_until <= at))
    return [(row.id, row.state) for row in rows]


def free_by_id(c, chosen, *, at):
    back = {"state": _READY, "owner": None, "lease_until": None, "updated_at": at}
    doubt = {"state": _DOUBT, "doubt_since": at, "lease_until": None, "updated_at": at}
    done = []
    for state, values in ((_CLAIMED, back), (_HANDED, doubt)):
        ids = [message for message, was in chosen if was == state]
        done.append(c.execute(sa.update(outbox).where(outbox.c.id.in_(ids)).values(values)).rowcount)
    return tuple(done)


"""

MUTATIONS = (
    Mutation(
        "a timeout is tried again",
        "taken, then silence",
        frozenset({"I2"}),
        (
            Change(
                "core/lifecycle.py",
                "Fault.DOUBT: Consequence(MessageState.IN_DOUBT, counts=True)",
                "Fault.DOUBT: Consequence(MessageState.READY, counts=True)",
            ),
        ),
    ),
    Mutation(
        "an expired hand-off goes back to ready",
        "killed after the provider accepted",
        frozenset({"I2"}),
        (
            Change(
                "store/leases.py",
                "surely = sa.or_(outbox.c.state == _CLAIMED, outbox.c.channel.in_(idempotent))",
                "surely = sa.true()",
            ),
        ),
    ),
    Mutation(
        "consent is asked at planning only",
        "opt-out while ready",
        frozenset({"I1"}),
        (
            Change(
                "store/sending.py",
                "from outreach.store.forbids import asked_not_to, free, on_hold, paused\n",
                "from outreach.store.forbids import on_hold, paused\n" + _NO_WISHES,
            ),
        ),
    ),
    Mutation(
        "T2 does not ask the suppressions",
        "opt-out while claimed",
        frozenset({"I1"}),
        (
            Change(
                "store/sending.py",
                "where(_mine(dialect, *mine), leased, _in_time(timed), free())",
                "where(_mine(dialect, *mine), leased, _in_time(timed))",
            ),
        ),
    ),
    Mutation(
        "T3 has no attempt fence",
        "a late answer",
        frozenset({"fence"}),
        (
            Change(
                "store/recording.py",
                "outbox.c.attempt == v.c.attempt, sa.or_(still(outbox.c.state, _HANDED), settles)",
                "sa.or_(still(outbox.c.state, _HANDED), settles)",
            ),
        ),
    ),
    Mutation(
        "the sweeper changes rows by id only",
        "a slow sweeper",
        frozenset({"I2"}),
        (
            Change(
                "flows/release.py",
                """    with writing(app.engine) as c:
        freed, doubted = leases.free_expired_leases(c, at=now(c), idempotent=again)
    reached("mid_sweep")
""",
                """    with reading(app.engine) as c:
        chosen = leases.expired(c, at=now(c))
    reached("mid_sweep")
    with writing(app.engine) as c:
        freed, doubted = leases.free_by_id(c, chosen, at=now(c))
""",
            ),
            Change("store/leases.py", "def expire_late(", _BY_ID + "def expire_late("),
        ),
    ),
)


def mutated(mutation: Mutation, folder: Path) -> Path:
    """A folder with a copy of the package that is wrong in this one way. Raises LookupError when it is out of date."""
    shutil.copytree(ROOT / "outreach", folder / "outreach", ignore=shutil.ignore_patterns("__pycache__"))
    for change in mutation.changes:
        path = folder / "outreach" / change.file
        text = path.read_text(encoding="utf-8")
        if text.count(change.before) != 1:
            raise LookupError(f"{mutation.name}: {change.file} holds the text {text.count(change.before)} times")
        path.write_text(text.replace(change.before, change.after), encoding="utf-8")
    return folder
