"""How does an operator's import go? Guess or mapping, then files or the shop's own database."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from outreach.flows.app import App
from outreach.flows.import_records import ImportOptions, ImportSummary, import_files, unfinished
from outreach.records.choosing import guess_files, sources_from_files
from outreach.records.guessing import Guess
from outreach.records.mapping import FILE, save_mapping
from outreach.records.sql_table import sql_sources
from outreach.records.summary import FileSummary
from outreach.settings import read_environment
from outreach.store.engine import reading
from outreach.store.intake import watermarks_by_source

__all__ = [
    "FILE",
    "FileSummary",
    "Guess",
    "How",
    "ImportSummary",
    "from_files",
    "from_sql",
    "guess_files",
    "unfinished",
]


@dataclass(frozen=True, slots=True)
class How:
    """`guesses`: agreed to, and saved unless `check`. `map_file`: a mapping other than config/records.yaml."""

    check: bool = False
    yes: bool = False
    guesses: Sequence[Guess] = ()
    map_file: Path | None = None
    since: str | None = None

    def options(self, app: App) -> ImportOptions:
        """The same for the import itself."""
        return ImportOptions(project=app.project, check=self.check, yes=self.yes)


def from_files(app: App, paths: Sequence[Path], how: How) -> ImportSummary:
    """Take CSV files in, by the guess agreed to, else by the mapping that fits."""
    mappings = [guess.mapping for guess in how.guesses]
    if mappings and not how.check:
        save_mapping(app.project, mappings)
    sources = sources_from_files(app.project, paths, map_file=how.map_file, mappings=mappings)
    return import_files(app.engine, sources, house=app.house, secrets=app.secrets, options=how.options(app))


def from_sql(app: App, how: How) -> ImportSummary:
    """Run the queries of config/records.yaml from where the last import stopped. Raises Misuse (OUT-207)."""
    with reading(app.engine) as c:
        marks = watermarks_by_source(c)
    sources = sql_sources(app.project, read_environment(app.project), marks, since=how.since)
    return import_files(app.engine, sources, house=app.house, secrets=app.secrets, options=how.options(app))
