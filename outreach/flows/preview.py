"""What would this person get? The night's own road from facts to bytes, for one customer or an invented one."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from outreach.core.errors import Misuse, Problem
from outreach.core.quiet_hours import next_open
from outreach.core.shop import Price
from outreach.core.terms import Campaign, Channel
from outreach.flows import rendering
from outreach.flows.app import App, channels_of, shop_day
from outreach.flows.audience import Subject, joined, nightly_scan
from outreach.flows.levers import one_customer
from outreach.flows.shelf import Reader, Shelf, shelf
from outreach.flows.template_files import located
from outreach.render.content import Content
from outreach.render.links import Links
from outreach.render.message import render
from outreach.render.people import AwkwardPerson, people, usual_person
from outreach.render.problems import RenderProblem
from outreach.render.template import Key, Template
from outreach.store import audience, candidates, recipients, runs
from outreach.store.engine import now, reading
from outreach.store.facts import expand
from outreach.store.recipients import Addressee
from outreach.store.wishes import points_of


@dataclass(frozen=True, slots=True)
class Want:
    """What to look at. `what`: a campaign, or one of its files (`delivery_check/email.de`), drafts included.

    Neither customer nor person: the usual invented person.
    """

    what: str
    customer: str | None = None
    person: str | None = None
    channel: Channel | None = None
    language: str | None = None
    all_people: bool = False


@dataclass(frozen=True, slots=True)
class Preview:
    """One rendered message, or why it cannot be. `greeted`: their name in words. `status`: only `ready` is sent.

    `price` of one part, where the shop says what a text costs. `instead_of`: the language that was asked for, where
    there is no such template.
    """

    campaign: str
    person: str
    greeted: str
    template: Template
    status: str
    content: Content | None
    problem: RenderProblem | None = None
    price: Price | None = None
    instead_of: str | None = None


@dataclass(frozen=True, slots=True)
class Looked:
    """`previews`: what can be shown. `broken`: what was asked for and cannot, each said once."""

    previews: list[Preview]
    broken: tuple[Problem, ...] = ()


def previews(app: App, want: Want, *, links: Links | None = None) -> list[Preview]:
    """Every message asked for, or none. Raises as `look` does, and for any template that is broken."""
    looked = look(app, want, links=links)
    if looked.broken:
        raise looked.broken[0]
    return looked.previews


def look(app: App, want: Want, *, links: Links | None = None) -> Looked:
    """Every message asked for; one broken template hides no other. `links` other than the shop's own make an example.

    Raises Misuse (OUT-110 no such template, 124 no such person, 125 not found by the scan, 184, 600, 620).
    """
    if want.customer is not None and (want.person is not None or want.all_people):
        raise Misuse("OUT-600", "a message is looked at as a customer or as an invented person, not as both at once")
    campaign, key = _asked(app, want)
    app = replace(app, links=links) if links else app
    stand = shelf(app, campaign)
    wanted = key[1] if key else want.channel
    channels = [wanted] if wanted else _written(stand, channels_of(app, campaign))
    asked = _Asked(app, stand, key, want)
    if want.customer is not None:
        found = _for_customer(asked, channels)
    else:
        found = [p for who in _people(app, want) for p in _for_person(asked, channels, who)]
    if not found:
        raise asked.broken[0]
    return Looked(found, tuple({(problem.message, problem.place): problem for problem in asked.broken}.values()))


@dataclass(frozen=True, slots=True)
class _Asked:
    """What stays the same over all messages of one look. `key`: one file and no other. `broken` fills as it goes."""

    app: App
    stand: Shelf
    key: Key | None
    want: Want
    broken: list[Problem] = field(default_factory=list)

    def template(self, channel: Channel, reader: Reader) -> Template | None:
        """What this reader gets; None when that is broken, or not there, which is kept to be told."""
        try:
            return self.stand.exactly(self.key) if self.key else self.stand.pick(channel, reader)
        except Misuse as problem:
            self.broken.append(problem)
            return None

    def shown(self, person: str, greeted: str, template: Template, made: Content | RenderProblem) -> Preview:
        sender = self.app.house.senders.get(template.channel)
        asked, base = self.want.language, template.language.partition("-")[0]
        return Preview(
            campaign=template.campaign,
            person=person,
            greeted=greeted,
            template=template,
            status=self.stand.status_of(template),
            content=made if isinstance(made, Content) else None,
            problem=made if isinstance(made, RenderProblem) else None,
            price=sender.cost_per_part if sender else None,
            instead_of=None if asked is None or asked.partition("-")[0] == base else asked,
        )


def _asked(app: App, want: Want) -> tuple[Campaign, Key | None]:
    campaign = app.campaigns.get(want.what)
    if campaign is not None:
        return campaign, None
    if "/" in want.what:
        key = located(app, want.what).key
        return app.campaigns[key[0]], key
    facts = (f"there are {', '.join(app.campaigns)}",)
    raise Misuse("OUT-620", f'no campaign is called "{want.what}"', facts=facts, help="outreach preview CAMPAIGN")


def _written(stand: Shelf, channels: tuple[Channel, ...]) -> list[Channel]:
    """The channels somebody wrote a template for; all of them when there is none, so that the lack is said."""
    return [channel for channel in channels if any(key[1] == channel for key in stand.status)] or list(channels)


def _people(app: App, want: Want) -> list[AwkwardPerson]:
    if want.person is None and not want.all_people:
        return [usual_person(app.project)]
    found = people(app.project)
    if want.person is None:
        return list(found.values())
    if want.person not in found:
        said = f'no invented person is called "{want.person}"'
        raise Misuse("OUT-124", said, facts=(f"there are {', '.join(found)}",))
    return [found[want.person]]


def _for_person(asked: _Asked, channels: list[Channel], who: AwkwardPerson) -> Iterator[Preview]:
    language = asked.want.language or (asked.key[2] if asked.key else who.recipient.language)
    recipient = who.recipient._replace(language=language)
    for channel in channels:
        template = asked.template(channel, Reader(language, chosen=asked.want.language is not None))
        template = template or (asked.stand.healthy(channel) if asked.want.language is None else None)
        if template is None:
            continue
        made: Content | RenderProblem
        try:
            facts = who.facts(asked.stand.campaign)
            made = render(template, facts=facts, recipient=recipient, occasion=who.occasion, links=asked.app.links)
        except RenderProblem as problem:
            made = problem
        yield asked.shown(who.key, who.about, template, made)


def _for_customer(asked: _Asked, channels: list[Channel]) -> list[Preview]:
    app = asked.app
    with reading(app.engine) as c:
        row = one_customer(app, c, asked.want.customer or "")
        who = recipients.load(c, [row.id])[row.id]
        facts, subject, told_by = _tonight(app, c, asked.stand.campaign, who)
        points = {Channel(p.channel): p.id for p in points_of(c, row.id) if p.current}
    chosen = asked.want.language is not None
    reader = Reader(asked.want.language or who.language, row.id, facts.get("variant"), chosen)
    greeted = " ".join(filter(None, (who.first_name, who.last_name))) or row.key
    found = []
    for channel in channels:
        template = asked.template(channel, reader)
        if template is None:
            continue
        point = subject.contact_point_id if channel == told_by else points.get(channel, 0)
        made: Content | RenderProblem
        try:
            made = rendering.message(app, template, facts, row=replace(subject, contact_point_id=point), who=who)
        except RenderProblem as problem:
            made = problem
        found.append(asked.shown(row.key, greeted, template, made))
    return found


def _tonight(
    app: App, c: Connection, campaign: Campaign, who: Addressee
) -> tuple[dict[str, Any], Subject, Channel | None]:
    """The facts, subject and instant of the newest night's message to them, and its channel; else as if it ran now."""
    newest = runs.latest(c, mode=app.house.mode)
    written = audience.planned_for(c, newest.id, campaign.name, who.id) if newest else None
    if written is not None and newest is not None:
        facts = expand(c, [written.facts], newest.night)[0]
        subject = Subject(written.subject_key, written.contact_point_id, written.not_before)
        return facts, subject, Channel(written.channel)
    at = now(c, timedelta(seconds=newest.offset_seconds if newest else 0))
    facts = _found(app, c, campaign, (who, newest.night if newest else shop_day(app, at)))
    return facts, Subject(str(facts["subject_key"]), 0, _open(app, who, at)), None


def _open(app: App, who: Addressee, at: datetime) -> datetime:
    country = app.house.shop.country
    return next_open(at, who.zones(country), app.house.limits.hours_at(who.country or country, who.state))


def _found(app: App, c: Connection, campaign: Campaign, about: tuple[Addressee, date]) -> dict[str, Any]:
    """The facts the scan would find for this customer. Raises Misuse (OUT-125, OUT-611)."""
    who, night = about
    found = candidates.found_for(c, _scan(app, campaign, night), who.id)
    if not found:
        said = f"{campaign.name} does not find {who.key} on the night of {night}"
        help_text = f"outreach why {who.key}    or: outreach preview {campaign.name} --person no-first-name"
        raise Misuse("OUT-125", said, facts=(f"it finds people when {campaign.found_when}",), help=help_text)
    return {**expand(c, [joined(campaign, found)], night)[0], "subject_key": found[0]["subject_key"]}


def _scan(app: App, campaign: Campaign, night: date) -> Any:
    if not campaign.scan:
        said = f"{campaign.name} is not for customers a night finds"
        help_text = f"outreach preview {campaign.name} --person no-first-name"
        raise Misuse("OUT-125", said, facts=(f"it is for when {campaign.found_when}",), help=help_text)
    found = nightly_scan(app, campaign, night)
    if found is None:
        lacking = next(name for name in app.scans[campaign.scan].asks if name not in campaign.params)
        said = f'{campaign.scan} needs the parameter "{lacking}"'
        raise Misuse("OUT-611", said, help=f"params: in {campaign.file}")
    return found
