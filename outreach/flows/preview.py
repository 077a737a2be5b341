"""What would this person get? The night's own road from facts to bytes, for one customer or an invented one."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from outreach.core.errors import Misuse
from outreach.core.quiet_hours import next_open
from outreach.core.terms import Campaign, Channel
from outreach.flows import rendering
from outreach.flows.app import App, channels_of, shop_day
from outreach.flows.levers import one_customer
from outreach.render.content import Content
from outreach.render.message import render
from outreach.render.people import AwkwardPerson, people
from outreach.render.problems import RenderProblem
from outreach.render.template import Template
from outreach.store import candidates, recipients, runs
from outreach.store.engine import now, reading
from outreach.store.facts import expand
from outreach.store.wishes import points_of


@dataclass(frozen=True, slots=True)
class Want:
    """What to look at. Neither customer nor person: the first awkward person."""

    campaign: str
    customer: str | None = None
    person: str | None = None
    channel: Channel | None = None
    language: str | None = None
    all_people: bool = False


@dataclass(frozen=True, slots=True)
class Preview:
    """One rendered message, or why it cannot be."""

    campaign: str
    person: str
    channel: Channel
    language: str
    file: str | None
    content: Content | None
    problem: RenderProblem | None = None


def previews(app: App, want: Want) -> list[Preview]:
    """Every message asked for. Raises Misuse (OUT-124 no such person, OUT-125 not found by the scan, OUT-620)."""
    campaign = app.campaigns.get(want.campaign)
    if campaign is None:
        known = ", ".join(app.campaigns)
        raise Misuse(
            "OUT-620",
            f'no campaign is called "{want.campaign}"',
            facts=(f"there are {known}",),
            help="outreach preview CAMPAIGN",
        )
    channels = [want.channel] if want.channel else list(channels_of(app, campaign))
    if want.customer is not None:
        return [_for_customer(app, campaign, channel, want) for channel in channels]
    return [p for who in _people(app, want) for p in _for_person(app, campaign, channels, (who, want))]


def _people(app: App, want: Want) -> list[AwkwardPerson]:
    found = people(app.project)
    if want.all_people:
        return list(found.values())
    name = want.person or next(iter(found), "")
    if name not in found:
        raise Misuse("OUT-124", f'no invented person is called "{name}"', facts=(f"there are {', '.join(found)}",))
    return [found[name]]


def _for_person(
    app: App, campaign: Campaign, channels: list[Channel], asked: tuple[AwkwardPerson, Want]
) -> Iterator[Preview]:
    who, want = asked
    language = want.language or who.recipient.language
    for channel in channels:
        template = _template(app, campaign, channel, language)
        recipient = replace(who.recipient, language=language)
        try:
            facts = who.facts(campaign)
            content = render(template, facts=facts, recipient=recipient, occasion=who.occasion, links=app.links)
            yield Preview(campaign.name, who.key, channel, template.language, template.file, content)
        except RenderProblem as problem:
            yield Preview(campaign.name, who.key, channel, template.language, template.file, None, problem)


def _template(
    app: App,
    campaign: Campaign,
    channel: Channel,
    language: str | None,
    *,
    who: tuple[int, str | None] = (0, None),
) -> Template:
    """The template to show; `who`: customer id and the variant a scan asked for."""
    customer, variant = who
    choice = app.catalogue.choose(campaign.name, channel, language=language, customer_id=customer, variant=variant)
    if choice.template is not None:
        return choice.template
    broken = [f for key, found in app.catalogue.broken.items() if key[:2] == (campaign.name, channel) for f in found]
    if broken:
        first = broken[0]
        problem = Misuse(first.code, first.message, place=first.place, facts=first.facts, help=first.help)
        raise problem.with_findings(tuple(broken)) if len(broken) > 1 else problem
    said = f"{campaign.name} has no {channel.value} template for {language or 'that language'}"
    raise Misuse("OUT-110", said, help=f"templates/{campaign.name}/{channel.value}.{language or 'en'}.j2")


@dataclass(frozen=True, slots=True)
class _Row:
    """What `rendering.message` asks of a message."""

    subject_key: str
    contact_point_id: int
    not_before: Any


def _for_customer(app: App, campaign: Campaign, channel: Channel, want: Want) -> Preview:
    with reading(app.engine) as c:
        row = one_customer(app, c, want.customer or "")
        newest = runs.latest(c, mode=app.house.mode)
        at = now(c)
        night = newest.night if newest else shop_day(app, at)
        facts = _facts(app, c, campaign, (row, night))
        point = next((p for p in points_of(c, row.id) if p.channel == channel.value and p.current), None)
        who = recipients.load(c, [row.id])[row.id]
    language = want.language or who.language
    template = _template(app, campaign, channel, language, who=(row.id, facts.get("variant")))
    hours = app.house.limits.hours_in.get(who.country or "", app.house.limits.hours)
    start = next_open(at, who.zones(app.house.shop.country), hours)
    asked = _Row(str(facts["subject_key"]), point.id if point else 0, start)
    try:
        content = rendering.message(app, template, facts, row=asked, who=who)
        return Preview(campaign.name, row.key, channel, template.language, template.file, content)
    except RenderProblem as problem:
        return Preview(campaign.name, row.key, channel, template.language, template.file, None, problem)


def _facts(app: App, c: Any, campaign: Campaign, about: tuple[Any, date]) -> dict[str, Any]:
    """The facts the scan would find for this customer; orders of one night share a message, as in the plan."""
    row, night = about
    scan = app.scans[campaign.scan].build(night, **campaign.params)
    found = candidates.found_for(c, scan, row.id)
    if not found:
        said = f"{campaign.name} does not find {row.key} on the night of {night}"
        help_text = f"outreach why {row.key}    or: outreach preview {campaign.name} --person no-first-name"
        raise Misuse("OUT-125", said, facts=(f"it finds people when {campaign.found_when}",), help=help_text)
    first, rest = found[0], found[1:] if campaign.once_per == "order" else []
    raw = {**first, **({"also": rest} if rest else {})}
    return {**expand(c, [raw], night)[0], "subject_key": first["subject_key"]}
