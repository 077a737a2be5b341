"""What came in, what did not, and how is that told?"""

from dataclasses import dataclass, field

from outreach.core.errors import Finding, Place, Unfinished
from outreach.records.fields import RecordKind
from outreach.records.mapping import Mapping
from outreach.records.reading import Wrong
from outreach.records.taking import Taken

#: How many single findings are kept for the screen; the rejects file has all.
KEPT = 20


@dataclass(frozen=True, slots=True)
class FileSummary:
    """One file. `read` = new + changed + unchanged + rejected. `findings` and `notices`: the first 20 of each.

    `said`: what --yes decided. `rejected_file`: relative to the project, None when nothing was rejected.
    """

    name: str
    kind: RecordKind
    mapping: Mapping
    read: int
    new: int
    changed: int
    unchanged: int
    rejected: int
    warnings: int
    findings: tuple[Finding, ...]
    notices: tuple[Finding, ...]
    said: tuple[str, ...]
    rejected_file: str | None


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """The whole import. Consent: grants and withdrawals recorded; yeses not recorded because they came without a date
    or a source, or for people known before.

    `days_moved`: orders whose days changed because the shop's zone did. `check`: nothing was written.
    """

    files: tuple[FileSummary, ...]
    grants: int
    withdrawals: int
    without_evidence: int
    not_widened: int
    households_joined: int
    days_moved: int
    check: bool

    @property
    def rejected(self) -> int:
        """Rows of all files that are not in."""
        return sum(file.rejected for file in self.files)

    @property
    def read(self) -> int:
        """Rows of all files."""
        return sum(file.read for file in self.files)


@dataclass(slots=True)
class Tally:
    """Counts one file while it comes in."""

    name: str
    read: int = 0
    rejected: int = 0
    warnings: int = 0
    taken: Taken = field(default_factory=Taken)
    findings: list[Finding] = field(default_factory=list)
    notices: list[Finding] = field(default_factory=list)

    def reject(self, line: int, wrong: tuple[Wrong, ...]) -> None:
        """One row that is not in."""
        self.rejected += 1
        self._note(self.findings, "OUT-201", line, wrong)

    def warn(self, line: int, wrong: tuple[Wrong, ...]) -> None:
        """Fields of a row that were left out."""
        self.warnings += len(wrong)
        self._note(self.notices, "OUT-209", line, wrong)

    def add(self, taken: Taken) -> None:
        """One batch."""
        for name in ("new", "changed", "unchanged", "grants", "withdrawals", "without_evidence", "not_widened"):
            setattr(self.taken, name, getattr(self.taken, name) + getattr(taken, name))

    def _note(self, into: list[Finding], code: str, line: int, wrong: tuple[Wrong, ...]) -> None:
        severity = "error" if code == "OUT-201" else "warning"
        for each in wrong:
            if len(into) < KEPT:
                into.append(Finding(code, str(each), Place(self.name, line, each.column), severity=severity))


def unfinished(summary: ImportSummary) -> Unfinished | None:
    """The problem to end with (exit 1), or None when every row is in. Its findings name file:row:column."""
    files = [file for file in summary.files if file.rejected]
    if not files:
        return None
    rejected, read = sum(f.rejected for f in files), sum(f.read for f in files)
    where = files[0].name if len(files) == 1 else f"{len(files)} files"
    mend = [f.rejected_file for f in files if f.rejected_file]
    are_in = "could come in" if summary.check else "are in"
    facts = [
        f"the other {read - rejected:,} {are_in}" + (f". These {rejected:,} are in {', '.join(mend)}" if mend else "")
    ]
    named = tuple(finding for f in files for finding in f.findings)
    if len(named) < rejected:
        facts.append(f"the first {len(named)} are named here")
    help_ = (
        f"mend {', '.join(mend)}, then: outreach import {' '.join(mend)}" if mend else "outreach import --check again"
    )
    problem = Unfinished(
        "OUT-201", f"{rejected:,} of {read:,} rows in {where} cannot be read", facts=tuple(facts), help=help_
    )
    problem.findings, problem.affects = named, rejected
    return problem
