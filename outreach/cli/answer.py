"""What does a command give back? Values and lines; it never prints."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import Any

from outreach.core.errors import Finding, Problem


@dataclass(frozen=True, slots=True)
class Answer:
    """`schema` names and versions the JSON document; `lines` are the same in words, at most 80 columns.

    `problem`: what went wrong although the command finished (exit 1), or why it waits (exit 3).
    `next`: at most three commands worth typing now.
    """

    schema: str
    data: dict[str, Any]
    lines: Sequence[str]
    exit_code: int = 0
    problem: Problem | None = None
    findings: Sequence[Finding] = ()
    next: Sequence[str] = field(default=())


def document(answer: Answer) -> dict[str, Any]:
    """The one JSON document of an answer."""
    outcome = {0: "done", 1: "problems", 3: "held"}.get(answer.exit_code, "error")
    listed = [problem_json(answer.problem)] if answer.problem and not answer.problem.findings else []
    findings = [*(answer.problem.findings if answer.problem else ()), *answer.findings]
    return {
        "schema": answer.schema,
        "outcome": outcome,
        "exit_code": answer.exit_code,
        **{key: plain(value) for key, value in answer.data.items()},
        "problems": listed + [finding_json(f) for f in findings],
    }


def error_document(problem: Problem) -> dict[str, Any]:
    """The JSON document of a command that could not answer."""
    listed = [finding_json(f) for f in problem.findings] or [problem_json(problem)]
    outcome = "held" if problem.word == "held" else "error"
    return {"schema": "outreach.error/1", "outcome": outcome, "exit_code": problem.exit_code, "problems": listed}


def problem_json(problem: Problem) -> dict[str, Any]:
    """One shape for every problem, anywhere."""
    own = Finding(problem.code, problem.message, problem.place, problem.help, problem.facts)
    return {**finding_json(own), "affects": problem.affects or None}


def finding_json(finding: Finding) -> dict[str, Any]:
    """The same shape for one finding of a list."""
    place = finding.place
    return {
        "code": finding.code,
        "kind": KINDS.get(finding.code[4:5], "fault"),
        "severity": str(finding.severity),
        "message": finding.message,
        "file": place.file if place else None,
        "line": (place.line or None) if place else None,
        "column": (place.column or None) if place else None,
        "facts": list(finding.facts),
        "help": finding.help,
        "docs": f"outreach explain {finding.code}",
    }


KINDS = {"1": "template", "2": "data", "3": "night", "4": "sending", "5": "wish", "6": "configuration", "7": "fault"}


def plain(value: Any) -> Any:
    """A value as JSON knows it: dates ISO, instants in UTC with Z, enums by their word."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(v) for v in value]
    return value
