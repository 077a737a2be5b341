"""How do purchase records come in? Survey every file, then take in batch after batch, each in its own transaction."""

import gc
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from outreach.core.shop import House, Secrets
from outreach.records.choosing import in_order
from outreach.records.fields import RecordKind
from outreach.records.reading import Reader, Record, Reject, Repeat
from outreach.records.rejects import REJECTED, RejectsFile
from outreach.records.sql_table import SqlTable
from outreach.records.summary import FileSummary, ImportSummary, Tally, unfinished
from outreach.records.survey import Survey, survey
from outreach.records.table import Source
from outreach.records.take_customers import take_customers
from outreach.records.take_lines import take_lines
from outreach.records.take_orders import take_orders
from outreach.records.take_products import Chains, look_at_chains, take_products, unknown_successor
from outreach.records.taking import Intake, Taken
from outreach.store.audits import declare
from outreach.store.engine import now, reading, writing
from outreach.store.households import join_households
from outreach.store.intake import prepare_bulk, set_watermark, set_zone, stored_zone
from outreach.store.intake_products import renumber_lines, successors
from outreach.store.local_days import recompute_days
from outreach.store.runs import ORDERS_READ

__all__ = ["ImportOptions", "ImportSummary", "import_files", "unfinished"]

_NO_CHAINS = Chains({}, frozenset())


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """`project`: where rejected/ is. `check`: read and report, write nothing. `yes`: take the usual reading of what
    is ambiguous. `batch`: rows per transaction."""

    project: Path
    check: bool = False
    yes: bool = False
    batch: int = 2_000


@dataclass(slots=True)
class _Import:
    """What every file of this import shares."""

    engine: sa.Engine
    intake: Intake
    options: ImportOptions
    chains: Chains = field(default=_NO_CHAINS)

    def transaction(self) -> AbstractContextManager[sa.Connection]:
        return reading(self.engine) if self.options.check else writing(self.engine)


def import_files(
    engine: sa.Engine, sources: Sequence[Source], *, house: House, secrets: Secrets, options: ImportOptions
) -> ImportSummary:
    """Take these sources in: customers, products, orders, lines, whatever their order.

    Every source is surveyed before the first row is written, so a file that cannot be understood stops all of it.
    Raises Misuse (OUT-204, OUT-205, OUT-207), Busy. Bad rows raise nothing: they are in the summary and in
    PROJECT/rejected/; `unfinished(summary)` makes them a problem.
    """
    ordered = in_order(sources)
    surveys = [survey(source, house.shop, yes=options.yes) for source in ordered]
    zone = ZoneInfo(house.shop.zone)
    days_moved = _keep_zone(engine, zone, check=options.check)
    with reading(engine) as connection:
        moment = now(connection)
    accepted: dict[RecordKind, set[int]] = {}
    files, totals = [], Counter[str]()
    for source, surveyed in zip(ordered, surveys, strict=True):
        reader = Reader(source, surveyed.ways)
        intake = Intake(source, reader, zone, moment, secrets.pepper, options.check, accepted)
        file, taken = _import_one(_Import(engine, intake, options), surveyed)
        files.append(file)
        totals.update(grants=taken.grants, withdrawals=taken.withdrawals)
        totals.update(without=taken.without_evidence, known=taken.not_widened)
    if not options.check:
        _remember_size(engine, ordered, files)
    joined = 0 if options.check else _settle(engine, {source.mapping.kind for source in ordered})
    return ImportSummary(
        files=tuple(files),
        grants=totals["grants"],
        withdrawals=totals["withdrawals"],
        without_evidence=totals["without"],
        not_widened=totals["known"],
        households_joined=joined,
        days_moved=days_moved,
        check=options.check,
    )


def _remember_size(engine: sa.Engine, sources: Sequence[Source], files: Sequence[FileSummary]) -> None:
    """How many orders a whole export held: the volume guard asks whether the next one is as whole (settled 8)."""
    whole = [
        file.read
        for source, file in zip(sources, files, strict=True)
        if file.kind is RecordKind.ORDERS and not isinstance(source.table, SqlTable)
        if not file.name.endswith(REJECTED)
    ]
    if whole:
        with writing(engine) as connection:
            declare(connection, ORDERS_READ, str(sum(whole)))


def _keep_zone(engine: sa.Engine, zone: ZoneInfo, *, check: bool) -> int:
    """Bring the stored days in step with the shop's zone before new ones come in. Returns the orders changed."""
    with reading(engine) as connection:
        before = stored_zone(connection)
    if before == zone.key or check:
        return 0
    with writing(engine) as connection:
        moved = recompute_days(connection, zone) if before is not None else 0
        set_zone(connection, zone.key)
    return moved


def _import_one(run: _Import, surveyed: Survey) -> tuple[FileSummary, Taken]:
    source, tally = run.intake.source, Tally(run.intake.source.table.name)
    if source.mapping.kind is RecordKind.PRODUCTS and "successor" in source.mapping.columns:
        with reading(run.engine) as connection:
            catalogue = successors(connection)
        run.chains = look_at_chains(run.intake.reader, catalogue)
    with ExitStack() as stack:
        stack.enter_context(_calm_collector())
        rejects = None if run.options.check else stack.enter_context(RejectsFile(run.options.project, source.table))
        for batch in _batches(run.intake.reader, run.options.batch):
            bad = _import_batch(run, batch, tally)
            for reject in bad:
                tally.reject(reject.line, reject.wrong)
                if rejects is not None:
                    rejects.add(reject)
    if not run.options.check:
        _keep_mark(run)
    return _summed(source, surveyed, tally, rejects), tally.taken


@contextmanager
def _calm_collector() -> Iterator[None]:
    """Millions of short-lived values, none in a circle: looking for circles among all of them costs a third."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def _batches(reader: Reader, size: int) -> Iterator[list[Record | Reject | Repeat]]:
    rows = iter(reader)
    while batch := list(islice(rows, size)):
        yield batch


def _import_batch(run: _Import, batch: Sequence[Record | Reject | Repeat], tally: Tally) -> list[Reject]:
    """One transaction. Returns the rows that are not in, in the order of the file."""
    records = [row for row in batch if isinstance(row, Record)]
    with run.transaction() as connection:
        prepare_bulk(connection)
        taken = _take(run, connection, records)
    tally.read += len(batch)
    tally.add(taken)
    tally.taken.unchanged += sum(isinstance(row, Repeat) for row in batch)
    refused = {reject.line for reject in taken.rejects}
    for record in records:
        warnings = record.warnings + unknown_successor(record, run.intake.reader, run.chains)
        if warnings and record.line not in refused:
            tally.warn(record.line, warnings)
    bad = [row for row in batch if isinstance(row, Reject)] + taken.rejects
    return sorted(bad, key=lambda reject: reject.line)


def _take(run: _Import, connection: sa.Connection, records: Sequence[Record]) -> Taken:
    kind = run.intake.source.mapping.kind
    if kind is RecordKind.CUSTOMERS:
        return take_customers(connection, records, run.intake)
    if kind is RecordKind.PRODUCTS:
        return take_products(connection, records, run.intake, run.chains)
    if kind is RecordKind.ORDERS:
        return take_orders(connection, records, run.intake)
    return take_lines(connection, records, run.intake)


def _keep_mark(run: _Import) -> None:
    """Only after the whole source is in: rows need not come in the order of their mark."""
    table = run.intake.source.table
    if isinstance(table, SqlTable) and table.mark is not None:
        with writing(run.engine) as connection:
            set_watermark(connection, table.name, table.mark, run.intake.now)


def _settle(engine: sa.Engine, kinds: set[RecordKind]) -> int:
    """What only whole files can tell: households, lines, generations. Each time, so a crash before is mended."""
    joined = 0
    if RecordKind.CUSTOMERS in kinds:
        with writing(engine) as connection:
            joined = join_households(connection)
    if RecordKind.PRODUCTS in kinds:
        with writing(engine) as connection:
            renumber_lines(connection)
    return joined


def _summed(source: Source, surveyed: Survey, tally: Tally, rejects: RejectsFile | None) -> FileSummary:
    return FileSummary(
        name=tally.name,
        kind=source.mapping.kind,
        mapping=source.mapping,
        read=tally.read,
        new=tally.taken.new,
        changed=tally.taken.changed,
        unchanged=tally.taken.unchanged,
        rejected=tally.rejected,
        warnings=tally.warnings,
        findings=tuple(tally.findings),
        notices=tuple(tally.notices),
        said=surveyed.said,
        rejected_file=rejects.shown if rejects is not None and tally.rejected else None,
    )
