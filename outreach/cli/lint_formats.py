"""How are the findings of lint written: for a person, one a line, or as other programs read them?

`github` is the workflow commands of GitHub Actions; `sarif` is SARIF 2.1.0 (OASIS).
"""

import json
from collections.abc import Iterator
from typing import Any

from outreach import __version__
from outreach.cli.answer import Answer, document, finding_json
from outreach.cli.screen import excerpt, wrapped
from outreach.core.errors import Finding, Place
from outreach.core.explanations import EXPLANATIONS
from outreach.core.terms import Severity
from outreach.flows.lint import Linted

SCHEMA = "outreach.lint/1"
_SARIF = "https://json.schemastore.org/sarif-2.1.0.json"


def full(found: Linted) -> list[str]:
    """Place and code, the sentence, the line with a caret, what else is known, what to type."""
    lines: list[str] = []
    for finding in found.findings:
        lines.append(f"{_at(finding)}  {finding.severity} {finding.code}")
        lines += wrapped(f"  {finding.message}", indent="  ")
        lines += _shown(finding.place)
        for fact in finding.facts:
            lines += wrapped(f"   = {fact}", indent="     ")
        if finding.help:
            lines += wrapped(f"  help: {finding.help}", indent="        ")
        lines.append("")
    return lines


def _shown(place: Place | None) -> list[str]:
    if place is None or not (place.text and place.column):
        return []
    line, caret = excerpt(place)
    return [f" {place.line} | {line}", f" {' ' * len(str(place.line))} | {caret}"]


def concise(found: Linted) -> list[str]:
    """One line each."""
    return [f"{_at(finding)}: {finding.severity} {finding.code} {finding.message}" for finding in found.findings]


def summary(found: Linted) -> list[str]:
    """`26 templates, 12 people each: 2 errors, 2 warnings`."""
    if not found.files and not found.findings:
        return ["There is no template to look at."]
    errors, warnings = found.count(Severity.ERROR), found.count(Severity.WARNING)
    said = f"{_many(errors, 'error')}, {_many(warnings, 'warning')}" if errors or warnings else "all good"
    return [*_texts(found), f"{_many(len(found.files), 'template')}, {found.people} people each: {said}"]


def _texts(found: Linted) -> list[str]:
    """What texts cost at most, and for whom."""
    costs = [(one.cost.worst, one) for one in found.files if one.cost is not None]
    if not costs:
        return []
    most, one = max(costs, key=lambda pair: pair[0])
    assert one.cost is not None
    usual = max(each.cost.usual for _, each in costs if each.cost is not None)
    said = (
        f"Texts: at most {_many(usual, 'part')} for the usual person, at worst {most} ({one.file}, for {one.cost.whom})"
    )
    return wrapped(said)


def _many(count: int, thing: str) -> str:
    return f"{count} {thing}{'' if count == 1 else 's'}"


def _at(finding: Finding) -> str:
    return str(finding.place) if finding.place else "templates"


def data_of(found: Linted, *, strict: bool) -> dict[str, Any]:
    """What the JSON document says beside its problems."""
    texts = {
        one.file: {"usual": one.cost.usual, "worst": one.cost.worst, "worst_for": one.cost.whom}
        for one in found.files
        if one.cost is not None
    }
    counts = {"errors": found.count(Severity.ERROR), "warnings": found.count(Severity.WARNING)}
    return {"templates": len(found.files), "people": found.people, "strict": strict, **counts, "text_parts": texts}


def as_json(found: Linted, *, strict: bool) -> list[str]:
    """The document of `--json`, as lines."""
    fails = found.count(Severity.ERROR) or (strict and found.count(Severity.WARNING))
    answer = Answer(SCHEMA, data_of(found, strict=strict), [], 1 if fails else 0, findings=found.findings)
    return json.dumps(document(answer), ensure_ascii=False, indent=2).splitlines()


def github(found: Linted) -> list[str]:
    """`::error file=…,line=…,col=…,title=OUT-112::…`."""
    return list(_commands(found))


def _commands(found: Linted) -> Iterator[str]:
    for finding in found.findings:
        place = finding.place or Place("templates")
        where = {"file": place.file, "line": place.line, "col": place.column, "title": finding.code}
        said = ",".join(f"{name}={_escaped(str(value), ',:')}" for name, value in where.items() if value)
        message = "\n".join([finding.message, *finding.facts, *([f"help: {finding.help}"] if finding.help else [])])
        yield f"::{finding.severity} {said}::{_escaped(message)}"


def _escaped(text: str, more: str = "") -> str:
    """Percent-escapes of GitHub's runner: %, line ends, and in properties also `,` and `:`."""
    for letter in f"%\r\n{more}":
        text = text.replace(letter, f"%{ord(letter):02X}")
    return text


def as_sarif(found: Linted) -> list[str]:
    """One SARIF 2.1.0 log."""
    codes = sorted({finding.code for finding in found.findings})
    rules = [
        {
            "id": code,
            "shortDescription": {"text": EXPLANATIONS[code].title},
            "fullDescription": {"text": EXPLANATIONS[code].text},
            "help": {"text": EXPLANATIONS[code].mend},
        }
        for code in codes
    ]
    driver = {"name": "outreach", "version": __version__, "rules": rules}
    results = [_result(finding, codes.index(finding.code)) for finding in found.findings]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    log = {"$schema": _SARIF, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, ensure_ascii=False, indent=2).splitlines()


def _result(finding: Finding, rule: int) -> dict[str, Any]:
    place = finding.place or Place("templates")
    physical: dict[str, Any] = {"artifactLocation": {"uri": place.file}}
    if place.line:
        width = max(1, place.width)
        column = max(1, place.column)
        physical["region"] = {"startLine": place.line, "startColumn": column, "endColumn": column + width}
    text = ". ".join([finding.message, *finding.facts, *([finding.help] if finding.help else [])])
    return {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": str(finding.severity),
        "message": {"text": text},
        "locations": [{"physicalLocation": physical}],
        "properties": {"problem": finding_json(finding)},
    }
