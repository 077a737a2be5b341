"""How does an answer reach a person or a program? stdout is the answer, stderr the telling; plain when piped."""

import json
import os
import re
import sys
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TextIO

from rich.console import Console
from rich.text import Text

from outreach.cli.answer import Answer, document, error_document
from outreach.core.errors import Finding, Place, Problem

WIDTH = 80
_CONTROLS = {code: "\N{REPLACEMENT CHARACTER}" for code in (*range(32), *range(127, 160)) if code not in (9, 10)}
_SIGNS = {"✓": "green", "✗": "bold red", "!": "yellow", "held[": "yellow", "error[": "bold red", "help:": "cyan"}


@dataclass(frozen=True, slots=True)
class Screen:
    """Where and how to print. `as_json`: one document on stdout, nothing else there."""

    as_json: bool = False
    quiet: bool = False
    verbose: int = 0
    color: bool = True

    def answer(self, answer: Answer) -> int:
        """Print an answer; returns its exit code. Quiet says nothing on 0."""
        if self.as_json:
            _json(document(answer))
        elif not (self.quiet and answer.exit_code == 0):
            self._print(sys.stdout, [] if self.quiet else answer.lines)
            if answer.problem is not None:
                self._print(sys.stderr, problem_lines(answer.problem))
            for finding in answer.findings:
                self._print(sys.stderr, ["", *finding_lines(finding)])
            if answer.next and not self.quiet:
                self._print(sys.stdout, ["", *next_lines(answer.next)])
        return answer.exit_code

    def problem(self, problem: Problem) -> int:
        """Print what stopped a command; returns its exit code."""
        if self.as_json:
            _json(error_document(problem))
        else:
            self._print(sys.stderr, problem_lines(problem))
        return problem.exit_code

    def stopped(self, code: int) -> int:
        """Somebody stopped us (130 Ctrl-C, 143 TERM); returns the code."""
        if self.as_json:
            _json({"schema": "outreach.error/1", "outcome": "stopped", "exit_code": code, "problems": []})
        else:
            self._print(sys.stderr, ["stopped; what was queued is recorded, the rest is the next run's"])
        return code

    def tell(self, text: str, event: str = "", **facts: Any) -> None:
        """One line about what is going on. On a terminal in words; in a log with UTC time first, key=value last."""
        if self.quiet or self.as_json:
            return
        if sys.stderr.isatty():
            self._print(sys.stderr, [text])
            return
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        sys.stderr.write(" ".join([now, event or text, *(f"{key}={value}" for key, value in facts.items())]) + "\n")

    def _print(self, stream: TextIO, lines: Iterable[str]) -> None:
        if not (self.color and stream.isatty()) or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
            stream.writelines(_tame(line) + "\n" for line in lines)
            return
        console = Console(file=stream, highlight=False, soft_wrap=True)
        for line in lines:
            console.print(_painted(line))


def _tame(line: str) -> str:
    """A customer's name or a line of a file may hold anything; a terminal obeys control characters."""
    return line.rstrip().translate(_CONTROLS)


def _painted(line: str) -> Text:
    text = Text(_tame(line))
    start = line.lstrip()
    for sign, style in _SIGNS.items():
        if start.startswith(sign):
            text.stylize(style, len(line) - len(start), len(line) - len(start) + len(sign.rstrip("[")))
    return text


def _json(data: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=2) + "\n")


def problem_lines(problem: Problem) -> list[str]:
    """code and sentence; place; the line with a caret; `=` facts; `help:` (interface.md 2.10)."""
    lines = wrapped(f"{problem.word}[{problem.code}]: {problem.message}")
    if problem.findings:
        for finding in problem.findings:
            at = f"{finding.place}: " if finding.place else ""
            lines += wrapped(f"  {at}{finding.message}", indent="    ")
    elif problem.place is not None:
        lines += _place_lines(problem.place)
    for fact in problem.facts:
        lines += wrapped(f"   = {fact}", indent="     ")
    return lines + _help(problem.help)


def finding_lines(finding: Finding) -> list[str]:
    """One finding, in the form of an error."""
    lines = wrapped(f"{finding.severity}[{finding.code}]: {finding.message}")
    if finding.place is not None:
        lines += _place_lines(finding.place)
    for fact in finding.facts:
        lines += wrapped(f"   = {fact}", indent="     ")
    return lines + _help(finding.help)


def _place_lines(place: Place) -> list[str]:
    lines = [f"  --> {place}"]
    if place.text and place.line:
        gap = " " * len(str(place.line))
        shown, caret = excerpt(place)
        lines += [f"  {gap}|", f" {place.line} | {shown}"]
        if place.column:
            lines.append(f"  {gap}| {caret}")
    return lines


def excerpt(place: Place) -> tuple[str, str]:
    """The line and the caret under the place, beside its number in at most 80 columns; of a long line the part that
    is meant.
    """
    room = WIDTH - len(str(place.line)) - 5
    at = max(0, place.column - 1)
    start = max(0, min(at - room // 2, len(place.text) - room))
    line = "".join(c if c.isprintable() else " " for c in place.text)[start : start + room]
    width = max(1, min(place.width, room - (at - start)))
    return line, " " * (at - start) + "^" * width


def _help(text: str) -> list[str]:
    """What to type; a second line of it stands under the first."""
    lines = text.splitlines()
    return [x for i, line in enumerate(lines) for x in wrapped(f"{'      ' if i else 'help: '}{line}", indent="      ")]


def next_lines(commands: Sequence[str]) -> list[str]:
    """The next useful commands, at most three, in the words this program was called by."""
    called = os.environ.get("OUTREACH_CALLED_AS", "outreach")
    shown = [re.sub(r"^outreach\b", called, command) for command in commands[:3]]
    return [f"{'Next:' if i == 0 else '     '}   {command}" for i, command in enumerate(shown)]


def wrapped(text: str, *, indent: str = "  ") -> list[str]:
    """A paragraph in at most 80 columns; words longer than that stay whole."""
    lead = re.match(r" *", text)
    first = lead.group(0) if lead else ""
    return textwrap.wrap(
        text.strip(),
        WIDTH,
        initial_indent=first,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [""]


def table(rows: Sequence[Sequence[str]], *, indent: str = "  ", numbers_from: int = 1) -> list[str]:
    """Columns side by side; from column `numbers_from` on they are set to the right."""
    if not rows:
        return []
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [cell.rjust(widths[i]) if i >= numbers_from else cell.ljust(widths[i]) for i, cell in enumerate(row)]
        lines.append((indent + "  ".join(cells)).rstrip())
    return lines
