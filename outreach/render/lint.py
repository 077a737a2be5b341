"""What is there to say about every template of a project: each file, each message for everyone, each translation?

No database and no keys are needed: links are examples, people are invented.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from outreach.core.errors import Finding, Misuse, Place
from outreach.core.shop import Shop
from outreach.core.terms import Campaign, Channel, Severity
from outreach.render import stationery
from outreach.render.check import Checked, check, unreadable
from outreach.render.links import Links
from outreach.render.parity import Version, parity_of
from outreach.render.people import people, usual_person
from outreach.render.readable import readable
from outreach.render.source import Source, read, understand
from outreach.render.stationery import Stationery
from outreach.render.template import Key
from outreach.render.thoughts import thoughts_of
from outreach.render.tone import Tones, load_tones, tone_of
from outreach.render.trial import Cast, tried
from outreach.render.variables import schema_of
from outreach.render.weight import Cost, cost_of, weight_of

#: Signs the links of messages nobody gets.
EXAMPLE_KEY = b"the links of a message that nobody gets"


@dataclass(frozen=True, slots=True)
class Bench:
    """All that linting needs beside the templates: the paper, the campaigns, the people, the words."""

    paper: Stationery
    campaigns: Mapping[str, Campaign]
    cast: Cast
    tones: Tones


@dataclass(frozen=True, slots=True)
class Looked:
    """One file looked at from all sides. `source` None: it could not even be read. `cost`: of a text, in parts."""

    file: str
    key: Key
    findings: tuple[Finding, ...]
    source: Source | None = None
    checked: Checked | None = None
    cost: Cost | None = None

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that keep it from being used."""
        return tuple(found for found in self.findings if found.severity == Severity.ERROR)


def bench(project: Path, shop: Shop, campaigns: Mapping[str, Campaign], *, mailbox: str) -> Bench:
    """Set everything out. Raises Misuse (OUT-122, 139, 601) for people, layouts or words that cannot be read."""
    links = Links((EXAMPLE_KEY,), shop.base_url, mailbox=mailbox)
    cast = Cast(usual_person(project), people(project), links)
    return Bench(stationery.load(project / "templates", shop), campaigns, cast, load_tones(project))


def look(path: Path, key: Key, tools: Bench) -> Looked:
    """One file on disk. Raises Misuse (OUT-139) only for a broken layout."""
    shown = f"templates/{path.parent.name}/{path.name}"
    try:
        return look_at(read(path, shown), key, tools)
    except Misuse as problem:
        return _unread(problem, shown, key)


def look_at_text(text: str, shown: str, key: Key, *, tools: Bench) -> Looked:
    """A text that is not saved yet."""
    try:
        return look_at(understand(text, shown), key, tools)
    except Misuse as problem:
        return _unread(problem, shown, key)


def _unread(problem: Misuse, shown: str, key: Key) -> Looked:
    if problem.code == "OUT-139":
        raise problem
    return Looked(shown, key, unreadable(problem))


def look_at(source: Source, key: Key, tools: Bench) -> Looked:
    """Compile it, then write it to every invented person, then read what they would read."""
    campaign = tools.campaigns[key[0]]
    checked = check(source, key, paper=tools.paper, campaign=campaign)
    tone = tools.tones.of(key[2])
    found = [*checked.findings, *tone_of(source, tone)]
    cost = None
    if checked.template is not None:
        trial = tried(checked.template, campaign, tools.cast)
        found += [*trial.findings, *thoughts_of(source, checked.template)]
        found += weight_of(source, key[1], trial.contents)
        found += readable(source, key[2], trial.contents, tone=tone)
        cost = cost_of(trial.contents) if key[1] is Channel.TEXT else None
    return Looked(source.file, key, _in_order(found), source, checked, cost)


def across(looked: Iterable[Looked], tools: Bench) -> list[Looked]:
    """The same, with what the languages of each message say of one another."""
    files = list(looked)
    messages: dict[tuple[str, Channel, str | None], list[Version]] = {}
    for one in files:
        if one.source is not None and one.source.front.status != "off":
            template = one.checked.template if one.checked else None
            version = Version(one.key[2], one.source, schema_of(tools.campaigns[one.key[0]]), template)
            messages.setdefault((one.key[0], one.key[1], one.key[3]), []).append(version)
    more: dict[str, list[Finding]] = {}
    for versions in messages.values():
        for version, finding in parity_of(versions, tools.paper.shop.language):
            more.setdefault(version.source.file, []).append(finding)
    return [replace(one, findings=_in_order([*one.findings, *more.get(one.file, [])])) for one in files]


def _in_order(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Errors first, then by line; what is said twice at one place is said once."""
    once = {(f.code, f.message, str(f.place)): f for f in found}
    return tuple(sorted(once.values(), key=_rank))


def _rank(found: Finding) -> tuple[bool, int, int, str]:
    place = found.place or Place("")
    return found.severity != Severity.ERROR, place.line, place.column, found.code
