"""What does one stage of a night cost? Each runs in a process of its own: `python -m tests.bench._stages STAGE ...`.

Prints one JSON document: what `_clock.Measured` holds.
"""

import contextlib
import itertools
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

import sqlalchemy as sa

from outreach.bootstrap import build
from outreach.cli.main import main as outreach
from outreach.core.case import Rules
from outreach.core.decide import Decision, decide
from outreach.core.person import Person
from outreach.core.terms import Candidate, Channel, LegalClass, MessageState, Mode, Outcome
from outreach.flows import plan, rendering
from outreach.flows.app import App, look_from
from outreach.flows.fold import Pass, fold
from outreach.flows.send import BATCH, hand_over
from outreach.flows.take_records import How, from_files, guess_files
from outreach.providers.base import Envelope, Receipt
from outreach.records.choosing import sources_from_files
from outreach.records.reading import Reader, Record
from outreach.records.survey import survey
from outreach.render.content import Content
from outreach.store import candidates, people, recipients, reports, revisions, runs, schema, shop
from outreach.store.engine import migrate, open_engine, reading, writing
from outreach.store.runs import Run
from outreach.store.types import plus_days
from tests.bench import _bare
from tests.bench._clock import Measured, seconds, timed

NIGHT = date(2026, 11, 14)
FILES = ("customers.csv", "orders.csv", "order_lines.csv", "products.csv")
TIMES = 5
_HISTORY_DAYS = 1_000


def take_in(project: Path, bare_url: str) -> Measured:
    """The four files through the program's own import; beside it csv.reader and executemany into an equal database."""
    app, paths = _ready(project), [project / "records" / name for name in FILES]

    def work() -> int:
        summary = from_files(app, paths, How(yes=True, guesses=guess_files(paths)))
        return sum(file.read for file in summary.files)

    measured = timed(work)
    with writing(app.engine) as c:
        if c.dialect.name == "postgresql":
            c.exec_driver_sql("ANALYZE")  # the test server has no autovacuum, which does it anywhere else
    twin = open_engine(bare_url)
    migrate(twin)
    bare = seconds(lambda: _bare.load_records(twin, project / "records"))
    return _with(measured, bare)


def parse(project: Path, _: str) -> Measured:
    """Cells to typed values, orders.csv only, nothing written."""
    app, path = _ready(project), project / "records" / "orders.csv"
    source = sources_from_files(project, [path], mappings=[g.mapping for g in guess_files([path])])[0]
    ways = survey(source, app.house.shop, yes=True).ways
    measured = timed(lambda: sum(isinstance(row, Record) for row in Reader(source, ways)))
    bare = seconds(lambda: sum(1 for _ in _bare._read(path)))
    return _with(measured, bare)


def scan(project: Path, name: str) -> Measured:
    """One scan into the candidate table; median of several, each rolled back. Beside it the scan's SQL alone."""
    app = _ready(project)
    run = _run(app)
    campaign = app.campaigns[name]
    query = app.scans[campaign.scan].build(NIGHT, **campaign.params)
    with reading(app.engine) as c:
        _bare.select(c, query)  # both sides meet warm pages

    def gather() -> int:
        with app.engine.connect() as c, c.begin() as transaction:
            found, told = candidates.gather(c, run, campaign, query)
            transaction.rollback()
        return found + told

    def alone() -> int:
        with reading(app.engine) as c:
            return _bare.select(c, query)

    several = [timed(gather) for _ in range(TIMES)]
    bare = median(seconds(alone) for _ in range(TIMES))
    assert {m.rows for m in several} == {alone()}, "the scan and its SQL alone find different people"
    return _with(_middle(several), bare)


def history(project: Path, _: str) -> Measured:
    """The three delivery scans, then the same with ten times the orders and the same day's changes."""
    app = _ready(project)
    run = _run(app)
    names = [n for n, k in app.campaigns.items() if k.scan in ("delivered_orders", "late_delivered", "late_orders")]

    def once() -> int:
        found = 0
        with app.engine.connect() as c, c.begin() as transaction:
            for name in names:
                campaign = app.campaigns[name]
                query = app.scans[campaign.scan].build(NIGHT, **campaign.params)
                found += sum(candidates.gather(c, run, campaign, query))
            transaction.rollback()
        return found

    before = _middle([timed(once) for _ in range(3 * TIMES)])
    _make_older(app.engine)
    after = _middle([timed(once) for _ in range(3 * TIMES)])
    assert after.rows == before.rows, "older orders changed what tonight finds"
    return Measured(after.seconds, after.cpu, after.rows, after.peak, more={"before": before.seconds})


def _make_older(engine: sa.Engine) -> None:
    """Nine more copies of every order, each 1,000 days older than the last."""
    days = [column.name for column in shop.orders.c if isinstance(column.type, sa.Date)]
    plain = ["customer_id", "status", "cancelled", "carrier", "record_sha"]
    top = sa.select(sa.func.max(shop.orders.c.id)).scalar_subquery()
    with writing(engine) as c:
        last = c.execute(sa.select(top)).scalar_one()
        for turn in range(1, 10):
            key = shop.orders.c.key + f"-{turn}"
            moved = [plus_days(shop.orders.c[name], -turn * _HISTORY_DAYS) for name in days]
            chosen = sa.select(key, *moved, *(shop.orders.c[name] for name in plain)).where(shop.orders.c.id <= last)
            c.execute(sa.insert(shop.orders).from_select(["key", *days, *plain], chosen))
        if c.dialect.name == "postgresql":
            c.exec_driver_sql("ANALYZE purchase")


def find(project: Path, _: str) -> Measured:
    """All scans, kept: what the next stages start from."""
    app = _ready(project)
    request = plan.Request(NIGHT, Mode.OUTBOX, past=True)
    run = plan._begin(app, request)
    measured = timed(lambda: len(plan._find(app, run, request, lambda *_: None)))
    with writing(app.engine) as c:
        if c.dialect.name == "postgresql":
            c.exec_driver_sql("ANALYZE")
    return measured


def weigh(project: Path, _: str) -> Measured:
    """The pure decision of every candidate; beside it a loop over the same that asks nothing."""
    app = _ready(project)
    run = _run(app)
    rules, homes = plan.rules(app, run), 0
    spent, busy, idle = [0.0] * TIMES, [0.0] * TIMES, [0.0] * TIMES
    count, peak = 0, 0.0
    for crowd, households in _households(app, run):
        homes += len(crowd)
        for turn in range(TIMES):
            one = timed(lambda c=crowd, h=households: _decide_all(c, h, rules))  # type: ignore[misc]
            spent[turn] += one.seconds
            busy[turn] += one.cpu
            idle[turn] += seconds(lambda h=households: _decide_nothing(h))  # type: ignore[misc]
            peak = max(peak, one.peak)
        count += sum(len(found) for found in households)
    more = {"us_per_customer": 1e6 * median(busy) / max(1, homes), "customers": homes}
    return Measured(median(spent), median(busy), count, peak, median(idle), more)


def _households(app: App, run: Run) -> Iterator[tuple[dict[int, Person], list[list[Candidate]]]]:
    chosen, after = candidates.chosen(list(app.campaigns)), 0
    at = look_from(app, run.night, run.mode)
    while True:
        with reading(app.engine) as c:
            found = candidates.chunk(c, run.id, chosen, after=after, size=1_000)
            if not found:
                return
            crowd = people.load(c, sorted({f.customer_id for f in found}), at)

        def home(candidate: Candidate, known: dict[int, Person] = crowd) -> int:
            return known[candidate.customer_id].household_id

        after = max(person.household_id for person in crowd.values())
        yield crowd, [list(group) for _, group in itertools.groupby(sorted(found, key=home), key=home)]


def _decide_all(crowd: dict[int, Person], households: Sequence[list[Candidate]], rules: Rules) -> int:
    made = 0
    for found in households:
        made += len(decide({f.customer_id: crowd[f.customer_id] for f in found}, found, rules))
    return made


def _decide_nothing(households: Sequence[list[Candidate]]) -> list[Decision]:
    return [Decision(f, Outcome.SEND, LegalClass.SERVICE) for found in households for f in found]


def plan_all(project: Path, bare_url: str) -> Measured:
    """Candidates to decisions and planned messages; beside it executemany of equal rows into an equal database."""
    app = _ready(project)
    run = _run(app)
    chosen = candidates.chosen(list(app.campaigns))
    measured = timed(lambda: fold(app, Pass(run, chosen, plan.rules(app, run))))
    equal, twin = _bare.planned_rows(app.engine), open_engine(bare_url)
    assert fold(app, Pass(run, chosen, plan.rules(app, run))) == 0
    bare = seconds(lambda: _bare.write_plan(twin, equal))
    return _with(measured, bare, messages=len(equal["outbox"][1]))


def render_all(project: Path, _: str) -> Measured:
    """Words for every planned message, compressed and stored; beside it plain Jinja for equal messages."""
    app = _ready(project)
    run = _run(app)

    def work() -> int:
        rendering.render_planned(app, run)
        with reading(app.engine) as c:
            return int(c.execute(sa.select(sa.func.count()).select_from(schema.contents)).scalar_one())

    measured = timed(work)
    bare = _jinja_alone(app, run)
    with writing(app.engine) as c:
        rendering.release(app, c, run)
        runs.set_run(c, run.id, state="done")
    return _with(measured, bare, **_sizes(app.engine))


def _jinja_alone(app: App, run: Run) -> float:
    """Every message of the run once more, by templates made of one finished message per revision."""
    made: dict[str, Callable[[dict[str, str]], str]] = {}
    spent = 0.0
    with reading(app.engine) as c:
        ids = list(c.execute(sa.select(schema.outbox.c.id).where(schema.outbox.c.run_id == run.id)).scalars())
    for start in range(0, len(ids), 1_000):
        with reading(app.engine) as c:
            some = ids[start : start + 1_000]
            rows = c.execute(sa.select(schema.outbox).where(schema.outbox.c.id.in_(some))).all()
            stored = revisions.stored(c, some)
            names = recipients.load(c, [row.customer_id for row in rows])
        for row in rows:
            values = _values(app, row, names[row.customer_id].first_name or "")
            if row.template_revision not in made:
                body, skeleton = stored[row.id]
                assert body is not None
                content = Content.unpack(body, skeleton)
                made[row.template_revision] = _bare.plain_template(content, values, Channel(row.channel))
            render = made[row.template_revision]
            spent += seconds(lambda r=render, v=values: r(v))  # type: ignore[misc]
    return spent


def _values(app: App, row: Any, first_name: str) -> dict[str, str]:
    facts = row.facts
    order, newer = facts.get("order") or facts.get("last_order") or {}, facts.get("newer") or {}
    owned = facts.get("owned") or {}
    item = (order.get("main_item") or {}).get("name")
    found = {
        "first_name": first_name,
        "order": order.get("number"),
        "item": item or (owned[0] if isinstance(owned, list) else owned).get("name"),
        "newer": newer.get("name"),
        "link": newer.get("link"),
        "stop": app.links.stop(row.contact_point_id),
    }
    return {name: value or "" for name, value in found.items()}


class Nowhere:
    """A provider that takes everything and keeps nothing, so that the database's share shows."""

    name = "nowhere"

    def send(self, envelope: Envelope) -> Receipt:
        return Receipt(MessageState.ACCEPTED, message_id=envelope.id)


def record(project: Path, bare_url: str) -> Measured:
    """Claim, hand to a provider that keeps nothing, record; beside it one bare UPDATE a message."""
    app = _to(_ready(project), Nowhere())
    measured = timed(lambda: hand_over(app).accepted)
    twin = open_engine(bare_url)
    with reading(twin) as c:
        ids = [row.id for row in c.execute(sa.select(schema.outbox.c.id).where(schema.outbox.c.state == "ready"))]
    bare = seconds(lambda: _bare.accept(twin, ids, batch=BATCH))
    return _with(measured, bare)


def _to(app: App, provider: Nowhere) -> App:
    return type(app)(**{**{n: getattr(app, n) for n in app.__slots__}, "providers": dict.fromkeys(Channel, provider)})


def files(project: Path, _: str) -> Measured:
    """The same with the outbox provider: every message on disk."""
    app = _ready(project)
    return timed(lambda: hand_over(app).accepted)


def night(project: Path, _: str) -> Measured:
    """`outreach nightly`, whole, on one processor."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    words = ["--project", str(project), "--quiet", "nightly", "--night", NIGHT.isoformat()]
    measured = timed(lambda: outreach(words))
    assert measured.rows == 0, "the night failed"
    app = _ready(project)
    with reading(app.engine) as c:
        report = reports.night(c, _run(app).id, list(app.campaigns))
    queued = sum(tally.queued for tally in report.tallies)
    return Measured(measured.seconds, measured.cpu, queued, measured.peak)


def _ready(project: Path) -> App:
    """The program with its templates read, which a night does once whatever its size."""
    app = build(project)
    app.load_catalogue()
    return app


def _run(app: App) -> Run:
    """The measured night, begun if it is not there."""
    with reading(app.engine) as c:
        known = runs.get(c, night=NIGHT, mode=Mode.OUTBOX)
    return known or plan._begin(app, plan.Request(NIGHT, Mode.OUTBOX, past=True))


def _sizes(engine: sa.Engine) -> dict[str, float]:
    """Bytes of an average outbox row and of an average content row, as the database keeps them."""
    found = {}
    for table in (schema.outbox, schema.contents):
        text = f"SELECT avg(pg_column_size(t.*)) FROM {table.name} t"
        if engine.dialect.name == "sqlite":
            count = f"(SELECT count(*) FROM {table.name})"
            text = f"SELECT sum(payload) * 1.0 / {count} FROM dbstat WHERE name = '{table.name}'"
        with reading(engine) as c:
            found[f"{table.name}_bytes"] = float(c.exec_driver_sql(text).scalar_one())
    return found


def _middle(several: Sequence[Measured]) -> Measured:
    return sorted(several, key=lambda m: m.seconds)[len(several) // 2]


def _with(measured: Measured, bare: float, **more: float) -> Measured:
    return Measured(measured.seconds, measured.cpu, measured.rows, measured.peak, bare, more or None)


STAGES: dict[str, Callable[[Path, str], Measured]] = {
    "import": take_in,
    "parse": parse,
    "scan": scan,
    "history": history,
    "find": find,
    "decide": weigh,
    "plan": plan_all,
    "render": render_all,
    "record": record,
    "files": files,
    "night": night,
}

if __name__ == "__main__":
    with contextlib.redirect_stdout(sys.stderr):
        result = STAGES[sys.argv[1]](Path(sys.argv[2]), sys.argv[3])
    print(json.dumps(result.plain()))
