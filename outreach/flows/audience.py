"""Could everyone of tonight be written to with these words, and which of them lack what the words newly read?"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import groupby
from typing import Any

from outreach.core.errors import Finding
from outreach.core.terms import Campaign
from outreach.flows import rendering
from outreach.flows.app import App, shop_day
from outreach.flows.shelf import shelf
from outreach.render.catalogue import Catalogue
from outreach.render.problems import RenderProblem
from outreach.render.template import Template
from outreach.store import audience, recipients
from outreach.store.engine import now, reading
from outreach.store.facts import expand
from outreach.store.recipients import Addressee

CHUNK = 500
#: Past this many, one more person tells nothing new about a template, and publishing stays a matter of seconds.
MOST = 10_000


@dataclass(frozen=True, slots=True)
class Audience:
    """`readers`: people the campaign would find on `night` who can be reached and would read this template.

    `failed` of them could not be written to, `findings` say why. `lacks`: name -> readers who do not have it.
    `parts`: parts of a text -> readers. `whole` False: there are more people than were tried.
    """

    night: date
    readers: int = 0
    failed: int = 0
    findings: tuple[Finding, ...] = ()
    lacks: Mapping[str, int] = field(default_factory=dict)
    parts: Mapping[int, int] = field(default_factory=dict)
    whole: bool = True

    @property
    def stops(self) -> bool:
        """Whether the night would stop the whole campaign."""
        return rendering.too_many(self.failed, self.readers)


@dataclass(frozen=True, slots=True)
class Subject:
    """What `rendering.message` asks of a message, for one that no night has written."""

    subject_key: str
    contact_point_id: int
    not_before: datetime


@dataclass(slots=True)
class _Count:
    readers: int = 0
    failed: dict[tuple[str, str], list[RenderProblem]] = field(default_factory=dict)
    lacks: Counter[str] = field(default_factory=Counter)
    parts: Counter[int] = field(default_factory=Counter)


def try_out(app: App, template: Template, news: Iterable[str]) -> Audience:
    """Write to everyone of tonight, keep nothing. `news`: names (`order.carrier`) whose absence is counted."""
    with reading(app.engine) as c:
        at = now(c)
    night, count, names = shop_day(app, at), _Count(), tuple(news)
    campaign = app.campaigns[template.campaign]
    laid = _with(app, template)
    whole = True
    for known, who in _found(app, campaign, template, at):
        choice = laid.choose(
            campaign.name,
            template.channel,
            language=who.language,
            customer_id=who.id,
            variant=known.get("variant"),
        )
        if choice.template is not template:
            continue
        if count.readers == MOST:
            whole = False
            break
        subject = Subject(str(known["subject_key"]), known["contact_point_id"], at)
        _one(app, template, count, (known, who, subject, names))
    findings = tuple(rendering.finding_of(failed) for failed in count.failed.values())
    failed = sum(len(problems) for problems in count.failed.values())
    return Audience(night, count.readers, failed, findings, dict(count.lacks), dict(sorted(count.parts.items())), whole)


def _one(
    app: App, template: Template, count: _Count, about: tuple[dict[str, Any], Addressee, Subject, tuple[str, ...]]
) -> None:
    known, who, subject, names = about
    count.readers += 1
    count.lacks.update(name for name in names if not there(known, who, name))
    try:
        content = rendering.message(app, template, known, row=subject, who=who)
        count.parts.update([content.parts] if content.parts else [])
    except RenderProblem as problem:
        count.failed.setdefault((problem.code, str(problem.place)), []).append(problem)


def there(facts: Mapping[str, Any], who: Addressee, name: str) -> bool:
    """Whether this customer has what a template reads under `name`. Links, answers and the shop's own are always so."""
    first, *rest = name.split(".")
    if first == "customer":
        own = {"first_name": who.first_name, "full_name": who.first_name, "country": who.country, "since": who.since_on}
        return bool(own.get(rest[0], True)) if rest else True
    value: Any = facts.get(first, True if first in ("shop", "link", "answer", "today") else None)
    for part in rest if isinstance(value, Mapping) else ():
        value = value.get(part) if isinstance(value, Mapping) else None
    return value is not None and value != [] and value != ""


def nightly_scan(app: App, campaign: Campaign, night: date) -> Any | None:
    """The query that finds this campaign's people; None for a campaign no night looks for, or not yet able to."""
    scan = app.scans.get(campaign.scan)
    if scan is None or any(name not in campaign.params for name in scan.asks):
        return None
    return scan.build(night, **campaign.params)


def joined(campaign: Campaign, found: list[dict[str, Any]]) -> dict[str, Any]:
    """One customer's findings as the facts of one message: orders of one night share it, as in the plan."""
    rest = found[1:] if campaign.once_per == "order" else []
    return {**found[0], **({"also": rest} if rest else {})}


def _found(
    app: App, campaign: Campaign, template: Template, at: datetime
) -> Iterator[tuple[dict[str, Any], Addressee]]:
    night, after = shop_day(app, at), 0
    scan = nightly_scan(app, campaign, night)
    while scan is not None:
        with reading(app.engine) as c:
            rows = audience.chunk(c, scan, template.channel, after=after, size=CHUNK)
            if not rows:
                return
            raw = [joined(campaign, list(group)) for _, group in groupby(rows, key=lambda row: row["customer_id"])]
            people = recipients.load(c, [row["customer_id"] for row in raw])
            facts = expand(c, raw, night)
        after = rows[-1]["customer_id"]
        yield from ((known, people[row["customer_id"]]) for known, row in zip(facts, raw, strict=True))


def _with(app: App, template: Template) -> Catalogue:
    """The campaign's ready templates, as if this one were on disk and ready."""
    known = shelf(app, app.campaigns[template.campaign]).ready
    broken = {key: found for key, found in known.broken.items() if key != template.key}
    return replace(known, templates={**known.templates, template.key: template}, broken=broken)
