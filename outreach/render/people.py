"""Who are the invented people every template must cope with? templates/_people/*.yaml, the same in every preview."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import Field

from outreach.core.errors import Misuse
from outreach.core.terms import Campaign, FactType
from outreach.documents import Document, parse
from outreach.render.template import Occasion, Recipient

FOLDER = "templates/_people"
USUAL, _USUAL_FILE = "the usual person", "_usual"
_SCALARS: dict[str, Any] = {
    "text": "some words",
    "number": 3,
    "date": "2026-11-12",
    "money": {"minor": 8900, "currency": "EUR"},
    "code": "en",
}


class _Who(Document):
    first_name: str | None = None
    last_name: str | None = None
    language: str = "en"
    country: str | None = "GB"
    since: date | None = None
    zone: str = "Europe/London"
    email: bool = True
    phone: bool = True


class _File(Document):
    """`records`: by type, over the usual ones. `facts`: by name, for one that no type tells (days_quiet)."""

    about: str
    who: _Who
    records: dict[str, Any] = Field(default_factory=dict)
    facts: dict[str, Any] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AwkwardPerson:
    """One invented person. `about` says what is awkward; `has_phone` whether a text can reach them."""

    key: str
    about: str
    recipient: Recipient
    has_email: bool
    has_phone: bool
    records: Mapping[str, Any]
    named: Mapping[str, Any]
    occasion: Occasion

    def facts(self, campaign: Campaign) -> dict[str, Any]:
        """JSON-shaped facts for a campaign, after its typed `facts:`; also for a campaign nobody has seen yet."""
        found = {name: self._fact(name, kind) for name, kind in campaign.facts.items() if "." not in name}
        return {**found, "give": self.records.get("give")}

    def _fact(self, name: str, kind: FactType) -> Any:
        if name in self.named:
            return self.named[name]
        record = self.records.get(kind.name, _SCALARS.get(kind.name))
        if not kind.many:
            return record[0] if isinstance(record, list) else record
        return record if isinstance(record, list) else [record]


def people(project: Path) -> dict[str, AwkwardPerson]:
    """The invented people by file name. Raises Misuse (OUT-122) naming file:line:column."""
    folder = project / FOLDER
    usual = _read(folder / f"{_USUAL_FILE}.yaml")
    paths = [path for path in sorted(folder.glob("*.yaml")) if path.stem != _USUAL_FILE]
    return {path.stem: _person(path.stem, _read(path), usual) for path in paths}


def usual_person(project: Path) -> AwkwardPerson:
    """The person about whom nothing is awkward: what a message usually is. Raises Misuse (OUT-122)."""
    usual = _read(project / FOLDER / f"{_USUAL_FILE}.yaml")
    return _person(USUAL, usual, usual)


def _read(path: Path) -> _File:
    shown = f"{FOLDER}/{path.name}"
    try:
        return parse(path.read_text(encoding="utf-8"), _File, shown=shown, code="OUT-122")
    except (OSError, UnicodeDecodeError) as error:
        raise Misuse("OUT-122", f"{shown} cannot be read: {error}", help="outreach init copies it back") from None


def _person(key: str, file: _File, usual: _File) -> AwkwardPerson:
    who = file.who
    records = {name: _over(usual.records.get(name), value) for name, value in {**usual.records, **file.records}.items()}
    return AwkwardPerson(
        key=key,
        about=file.about,
        recipient=Recipient(who.first_name, who.last_name, who.language, who.country, who.since, who.zone, 1),
        has_email=who.email,
        has_phone=who.phone,
        records=records,
        named={**usual.facts, **file.facts},
        occasion=Occasion(date(2026, 11, 18), f"invented-{key}"),
    )


def _over(usual: Any, own: Any) -> Any:
    """A person's own record over the usual one, part by part; each record of a list likewise."""
    if isinstance(own, list):
        return [_over(usual, one) for one in own]
    return {**usual, **own} if isinstance(usual, dict) and isinstance(own, dict) else own
