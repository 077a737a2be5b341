"""What can go wrong, how is it said, and what does the caller do about it?

    Problem                      anything a person is told about; carries code, fact, place, mend
    ├── Misuse          exit 2   wrong words or wrong configuration; nothing was decided or sent
    ├── Held            exit 3   waits for a person; nothing was queued
    ├── Refused         exit 4   a provider refuses us; trying again will not help        (Permanent)
    ├── Unfinished      exit 1   done, but something listed needs mending
    └── Busy            exit 75  try again later; nothing lost                            (Transient)

A traceback never reaches a user: the edge turns anything else into exit 70 and a saved trace.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Where it is: `file:line:column` (1-based), and the line itself when it helps to see it."""

    file: str
    line: int = 0
    column: int = 0
    text: str = ""
    width: int = 1

    def __str__(self) -> str:
        parts = [self.file] + [str(n) for n in (self.line, self.column) if n]
        return ":".join(parts)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong (or worth a thought) at one place: rows of an import, lines of a template."""

    code: str
    message: str
    place: Place | None = None
    help: str = ""
    facts: tuple[str, ...] = ()
    severity: str = "error"


class Problem(Exception):
    """A fact, its place and its mend, for a person. `affects` counts customers, rows or messages."""

    exit_code = 70
    word = "error"

    def __init__(
        self,
        code: str,
        message: str,
        *,
        place: Place | None = None,
        facts: tuple[str, ...] = (),
        help: str = "",
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.place = place
        self.facts = facts
        self.help = help
        self.findings: tuple[Finding, ...] = ()
        self.affects = 0

    def with_findings(self, findings: tuple[Finding, ...]) -> "Problem":
        """The same problem, listing each single finding under it."""
        self.findings = findings
        self.affects = len(findings)
        return self


class Misuse(Problem):
    """Wrong use or wrong configuration (exit 2)."""

    exit_code = 2


class Held(Problem):
    """Waits for a person (exit 3)."""

    exit_code = 3
    word = "held"


class Permanent(Problem):
    """Trying again will not help."""


class Transient(Problem):
    """Trying again later is right."""


class Refused(Permanent):
    """A provider refuses us (exit 4)."""

    exit_code = 4


class Unfinished(Problem):
    """Finished, but something listed has a problem (exit 1)."""

    exit_code = 1


class Busy(Transient):
    """Another run, or a service not answering (exit 75)."""

    exit_code = 75
