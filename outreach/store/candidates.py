"""Whom did tonight's scans find, and which chunk of households is next?"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from outreach.core.errors import Misuse
from outreach.core.selection import Selection
from outreach.core.terms import Campaign, Candidate
from outreach.store.among import among
from outreach.store.engine import insert_new
from outreach.store.runs import Run
from outreach.store.schema import candidates, decisions, runs, told
from outreach.store.shop import customers
from outreach.store.types import FactsText, json_facts

Chosen = sa.ColumnElement[bool]
REQUIRED = ("customer_id", "subject_key", "subject_date")
OPTIONAL = ("became_on", "useful_until", "follows")


def gather(c: sa.Connection, run: Run, campaign: Campaign, scan: sa.Select[Any]) -> tuple[int, int]:
    """Run one scan into the candidate table: one INSERT ... SELECT, then one DELETE of those already told.

    Returns (found, already told); found counts both. Carried by the scan's own indexes and the primary key of told.
    """
    s = scan.subquery("s")
    missing = [name for name in REQUIRED if name not in s.c]
    if missing:
        said = f"scan {campaign.scan} gives no column {', '.join(missing)}"
        raise Misuse("OUT-612", said, help="every scan selects customer_id, subject_key and subject_date")
    facts = [x for column in s.c if column.name not in REQUIRED + OPTIONAL for x in (_word(column.name), column)]
    optional = [s.c[name] if name in s.c else sa.null() for name in OPTIONAL]
    source = sa.select(
        sa.literal(run.id),
        sa.literal(campaign.name),
        s.c.customer_id,
        s.c.subject_key,
        customers.c.household_id,
        s.c.subject_date,
        *optional,
        json_facts(*facts),
    ).select_from(s.join(customers, customers.c.id == s.c.customer_id))
    names = ["run_id", "campaign", "customer_id", "subject_key", "household_id", "subject_date", *OPTIONAL, "facts"]
    c.execute(insert_new(c, candidates).from_select(names, source))
    mine = (candidates.c.run_id == run.id, candidates.c.campaign == campaign.name)
    # counted, not taken from rowcount: SQLite gives none for an INSERT whose SELECT begins with WITH
    found = c.execute(sa.select(sa.func.count()).select_from(candidates).where(*mine)).scalar_one()
    said_before = sa.exists().where(
        told.c.mode == run.mode.value,
        told.c.campaign == candidates.c.campaign,
        told.c.customer_id == candidates.c.customer_id,
        told.c.subject_key == candidates.c.subject_key,
    )
    return found, c.execute(sa.delete(candidates).where(*mine, said_before)).rowcount


def _word(name: str) -> sa.ColumnElement[str]:
    return sa.literal_column("'" + name.replace("'", "''") + "'")


def chunk(c: sa.Connection, run_id: int, chosen: Chosen, *, after: int, size: int) -> list[Candidate]:
    """All undecided candidates of the next `size` households after `after`, by keyset over the household.

    ix_candidate_undecided carries it.
    """
    t = candidates.c
    mine = (t.run_id == run_id, t.decided.is_(False), t.household_id > after, chosen)
    ids = sa.select(t.household_id).where(*mine).distinct().order_by(t.household_id).limit(size)
    last = c.execute(sa.select(sa.func.max(ids.subquery().c.household_id))).scalar_one()
    if last is None:
        return []
    where = (*mine, t.household_id <= last)
    facts = sa.cast(t.facts, FactsText())
    columns = (t.campaign, t.customer_id, t.subject_key, t.subject_date, facts, t.became_on, t.useful_until, t.follows)
    whole = sa.select(*columns).where(*where)
    return list(map(Candidate._make, c.execute(whole.order_by(t.household_id, t.customer_id)).all()))


def households(c: sa.Connection, ids: Sequence[int]) -> dict[int, int]:
    """{customer id: household id}."""
    rows = c.execute(sa.select(customers.c.id, customers.c.household_id).where(among(customers.c.id, ids)))
    return {row.id: row.household_id for row in rows}


def chosen(campaigns: Sequence[str], select: Selection | None = None, exclude: Selection | None = None) -> Chosen:
    """The pass's campaigns, narrowed by what the operator selected and excluded (campaign, country, language, key)."""
    wanted: Chosen = candidates.c.campaign.in_(campaigns)
    if select is not None:
        wanted = sa.and_(wanted, _picked(select))
    if exclude is not None:
        wanted = sa.and_(wanted, sa.not_(_picked(exclude)))
    return wanted


def _picked(selection: Selection) -> Chosen:
    return sa.or_(*(sa.and_(*(_is(t.key, t.value) for t in group)) for group in selection.groups))


def _is(key: str, value: str) -> Chosen:
    """Asked of the candidate alone: who selects nobody in particular does not pay for a look at every customer."""
    if key == "campaign":
        return candidates.c.campaign == value
    column = {"country": customers.c.country, "language": customers.c.language, "customer": customers.c.key}[key]
    return sa.exists().where(customers.c.id == candidates.c.customer_id, column == value).correlate(candidates)


def count(c: sa.Connection, run_id: int, chosen: Chosen, *, decided: bool = False) -> int:
    """Undecided (or decided) candidates of a run that a pass would look at."""
    where = (candidates.c.run_id == run_id, candidates.c.decided.is_(decided), chosen)
    return c.execute(sa.select(sa.func.count()).select_from(candidates).where(*where)).scalar_one()


def undecided(c: sa.Connection, run_id: int) -> dict[str, int]:
    """Candidates not decided yet, per campaign."""
    where = (candidates.c.run_id == run_id, candidates.c.decided.is_(False))
    rows = c.execute(sa.select(candidates.c.campaign, sa.func.count()).where(*where).group_by(candidates.c.campaign))
    return {row[0]: row[1] for row in rows}


def mark_decided(c: sa.Connection, run_id: int, chosen: Chosen, *, after: int, upto: int) -> int:
    """Close what `chunk` read of the households after `after` up to `upto`, in the transaction that decides them.

    Returns how many; another number than was read means that somebody else adds candidates to this run.
    """
    t = candidates.c
    theirs = (t.run_id == run_id, t.decided.is_(False), t.household_id > after, t.household_id <= upto)
    return c.execute(sa.update(candidates).where(*theirs, chosen).values(decided=True)).rowcount


def open_again(c: sa.Connection, run_id: int, word: str, chosen: Chosen) -> dict[str, int]:
    """Undecide those of this run whose last decision was this outcome or reason. Returns how many per campaign.

    `chosen`: as for a pass. What was let go is never opened.
    The last decision may be an earlier night's: a row is written only when outcome or reason changed (settled 10).
    """
    d, t = decisions.c, candidates.c
    mode = sa.select(runs.c.mode).where(runs.c.id == run_id).scalar_subquery()
    of_run = (t.run_id == run_id, t.decided.is_(True), chosen)
    mine = sa.select(t.customer_id).where(*of_run)
    keys = sa.select(t.customer_id, t.campaign, t.subject_key).where(*of_run)
    known = (d.customer_id.in_(mine), d.mode == mode, d.run_id <= run_id)
    last = sa.select(sa.func.max(d.id)).where(*known).group_by(d.customer_id, d.campaign, d.subject_key)
    again = sa.select(d.customer_id, d.campaign, d.subject_key).where(
        d.id.in_(last), sa.or_(d.outcome == word, d.reason == word)
    )
    let_go = sa.exists().where(
        told.c.mode == mode,
        told.c.campaign == t.campaign,
        told.c.customer_id == t.customer_id,
        told.c.subject_key == t.subject_key,
    )
    key = sa.tuple_(t.customer_id, t.campaign, t.subject_key)
    where = (t.run_id == run_id, key.in_(again), key.in_(keys), sa.not_(let_go))
    changed = sa.update(candidates).where(*where).values(decided=False).returning(t.campaign)
    found: dict[str, int] = {}
    for row in c.execute(changed):
        found[row.campaign] = found.get(row.campaign, 0) + 1
    return found


def backlog(c: sa.Connection, run_id: int, campaigns: Sequence[str], start: Any) -> list[tuple[str, int, str]]:
    """(campaign, customer, subject) of every candidate that was true before the start line."""
    where = (candidates.c.run_id == run_id, candidates.c.campaign.in_(campaigns), candidates.c.became_on < start)
    columns = (candidates.c.campaign, candidates.c.customer_id, candidates.c.subject_key)
    return [(r[0], r[1], r[2]) for r in c.execute(sa.select(*columns).where(*where))]


def forget_old(c: sa.Connection, *, keep_run: int, keep: int = 60) -> int:
    """Drop the candidates of nights a month past; decisions and messages keep the answers.

    `keep` counts runs: a day has its night's, and one of answers where somebody wrote.
    """
    return c.execute(sa.delete(candidates).where(candidates.c.run_id <= keep_run - keep)).rowcount


def found_for(c: sa.Connection, scan: sa.Select[Any], customer_id: int) -> list[dict[str, Any]]:
    """What a scan finds about one customer, as plain facts with the subject; older subjects first. Writes nothing."""
    s = scan.subquery("s")
    query = sa.select(s).where(s.c.customer_id == customer_id).order_by(s.c.subject_date, s.c.subject_key)
    rows = c.execute(query).mappings()
    return [{k: v.isoformat() if hasattr(v, "isoformat") else v for k, v in row.items()} for row in rows]
