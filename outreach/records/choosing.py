"""Which mapping belongs to which file, and what is said when none does?"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from outreach.core.errors import Misuse, Place
from outreach.records.csv_file import CsvFile, open_csv
from outreach.records.fields import RecordKind, plain
from outreach.records.guessing import Guess, guess, one_row_per_item
from outreach.records.mapping import FILE, Mapping, read_mappings
from outreach.records.table import Source


def guess_files(paths: Sequence[Path]) -> list[Guess]:
    """What each file seems to be, in the order given; nothing is read but the headers.

    Raises Misuse: OUT-203 for a file that lacks a required column, OUT-210 for one that mixes orders and lines,
    OUT-204 for one that cannot be read.
    """
    return [_guessed(open_csv(path)) for path in paths]


def sources_from_files(
    project: Path, paths: Sequence[Path], *, map_file: Path | None = None, mappings: Sequence[Mapping] = ()
) -> list[Source]:
    """Each file with the mapping that fits it: of `mappings`, else of `map_file`, else of config/records.yaml.

    Raises Misuse: OUT-202 when no mapping fits a file, OUT-204 and OUT-206 for files that cannot be read.
    """
    pool = list(mappings) or list(read_mappings(project, file=map_file).mappings.values())
    return in_order(Source(table, _fitting(table, pool)) for table in (open_csv(path) for path in paths))


def in_order(sources: Iterable[Source]) -> list[Source]:
    """Customers, products, orders, lines: what is named must be there before who names it."""
    kinds = list(RecordKind)
    return sorted(sources, key=lambda source: kinds.index(source.mapping.kind))


def _guessed(table: CsvFile) -> Guess:
    if one_row_per_item(table.header):
        raise Misuse(
            "OUT-210",
            f"{table.name} holds orders, customers and order lines in one: a row per item sold",
            place=Place(table.name, 1),
            help="export customers, orders and order lines as files of their own, or read them by SQL",
        )
    found = guess(table.header, file=table.name)
    if found.missing:
        raise missing_columns(found, table.header)
    return found


def missing_columns(found: Guess, header: Sequence[str]) -> Misuse:
    """The refusal of a table without a required column."""
    lacking = ", ".join(found.missing)
    return Misuse(
        "OUT-203",
        f"{found.file} looks like {found.kind.value.replace('_', ' ')}, but no column for {lacking} was found",
        place=Place(found.file, 1),
        facts=(f"it has: {', '.join(header)}", "nothing was read"),
        help=f"name the column in {FILE}:  {found.kind.value}: {{columns: {{{found.missing[0]}: COLUMN}}}}",
    )


def _fitting(table: CsvFile, pool: Sequence[Mapping]) -> Mapping:
    fitting = [mapping for mapping in pool if mapping.fits(table.header)]
    if fitting:
        return max(fitting, key=lambda m: (len(m.columns), m.kind.value in plain(table.name)))
    facts: list[str] = []
    if pool:
        nearest = min(pool, key=lambda m: len(set(m.columns.values()) - set(table.header)) / len(m.columns))
        lacking = sorted(set(nearest.columns.values()) - set(table.header))
        facts.append(f"nearest: {nearest.kind.value}, but the file has no column {', '.join(lacking)}")
    raise Misuse(
        "OUT-202",
        f"no saved mapping fits {table.name}",
        place=Place(table.name, 1),
        facts=(*facts, "nothing was read"),
        help=f"outreach import --guess {table.name}    (shows what it takes the columns for, and asks)",
    )
