"""What do taking records in and finding people cost?"""

from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa

from outreach.core.terms import Mode
from outreach.flows import plan
from outreach.flows.take_records import How, from_files, guess_files
from outreach.records.choosing import sources_from_files
from outreach.records.reading import Reader, Record
from outreach.records.survey import survey
from outreach.store import candidates, shop
from outreach.store.engine import migrate, open_engine, reading, writing
from outreach.store.types import plus_days
from tests.bench import _bare
from tests.bench._clock import Measured, middle, spent, timed
from tests.bench._project import NIGHT, beside, ready, the_run

FILES = ("customers.csv", "orders.csv", "order_lines.csv", "products.csv")
TIMES = 5
_HISTORY_DAYS = 1_000


def take_in(project: Path, bare_url: str) -> Measured:
    """The four files through the program's own import; beside it csv.reader and executemany into an equal database."""
    app, paths = ready(project), [project / "records" / name for name in FILES]

    def work() -> int:
        summary = from_files(app, paths, How(yes=True, guesses=guess_files(paths)))
        return sum(file.read for file in summary.files)

    measured = timed(work)
    with writing(app.engine) as c:
        if c.dialect.name == "postgresql":
            c.exec_driver_sql("ANALYZE")  # the test server has no autovacuum, which does it anywhere else
    twin = open_engine(bare_url)
    migrate(twin)
    bare = spent(lambda: _bare.load_records(twin, project / "records"))
    return beside(measured, bare)


def parse(project: Path, _: str) -> Measured:
    """Cells to typed values, orders.csv only, nothing written."""
    app, path = ready(project), project / "records" / "orders.csv"
    source = sources_from_files(project, [path], mappings=[g.mapping for g in guess_files([path])])[0]
    ways = survey(source, app.house.shop, yes=True).ways
    measured = timed(lambda: sum(isinstance(row, Record) for row in Reader(source, ways)))
    bare = spent(lambda: sum(1 for _ in _bare._read(path)))
    return beside(measured, bare)


def scan(project: Path, name: str) -> Measured:
    """One scan into the candidate table; median of several, each rolled back. Beside it the scan's SQL alone."""
    app = ready(project)
    run = the_run(app)
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
    bare = middle(spent(alone) for _ in range(TIMES))
    assert {m.rows for m in several} == {alone()}, "the scan and its SQL alone find different people"
    return beside(_middle(several), bare)


def history(project: Path, _: str) -> Measured:
    """The three delivery scans, then the same with ten times the orders and the same day's changes."""
    app = ready(project)
    run = the_run(app)
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
    return Measured(after.cost, after.rows, after.peak, before.cost)


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
    app = ready(project)
    request = plan.Request(NIGHT, Mode.OUTBOX, past=True)
    run = plan._begin(app, request)
    measured = timed(lambda: len(plan._find(app, run, request, lambda *_: None)))
    with writing(app.engine) as c:
        if c.dialect.name == "postgresql":
            c.exec_driver_sql("ANALYZE")
    return measured


def _middle(several: Sequence[Measured]) -> Measured:
    return sorted(several, key=lambda m: m.cost.busy)[len(several) // 2]
