"""Which of a campaign's templates would this reader get, and which could they, once it is ready?

The night uses only what is ready. A person who looks may also look at drafts, and is told that they are drafts.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from outreach.core.errors import Finding, Misuse
from outreach.core.terms import Campaign, Channel
from outreach.flows.app import App
from outreach.flows.template_files import TemplateFile, of_campaign, shown
from outreach.render import stationery
from outreach.render.catalogue import FOLDER, Catalogue, Choice
from outreach.render.check import check_file
from outreach.render.template import Key, Template


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: language, customer id (it draws the variant) and the variant a scan asked for.

    `chosen`: somebody asked for this language, so a draft in it comes before anything ready in another.
    """

    language: str | None
    customer_id: int = 0
    variant: str | None = None
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Shelf:
    """One campaign's templates. `status` by key: ready, draft or off; "?" for a file that cannot be read."""

    campaign: Campaign
    ready: Catalogue
    every: Catalogue
    status: Mapping[Key, str]

    def pick(self, channel: Channel, reader: Reader) -> Template:
        """What this reader gets; else what they would. Raises Misuse: its findings, or OUT-110 there is none."""
        choice = self._choose(self.ready, channel, reader)
        if choice.template is None or (choice.fallback and reader.chosen):
            other = self._choose(self.every, channel, reader)
            choice = choice if other.fallback and choice.template is not None else other
        if choice.template is not None:
            return choice.template
        raise self._none(channel, reader.language)

    def healthy(self, channel: Channel) -> Template | None:
        """Any template of this channel that can be written with, the ready ones first; None when all are broken."""
        found = (*self.ready.templates.values(), *self.every.templates.values())
        return next((template for template in found if template.channel is channel), None)

    def exactly(self, key: Key) -> Template:
        """One file's template. Raises Misuse with its findings."""
        found = self.every.templates.get(key)
        if found is None:
            raise _broken(self.every.broken[key])
        return found

    def status_of(self, template: Template) -> str:
        """`ready`, `draft` or `off`."""
        return self.status[template.key]

    def _choose(self, catalogue: Catalogue, channel: Channel, reader: Reader) -> Choice:
        return catalogue.choose(
            self.campaign.name,
            channel,
            language=reader.language,
            customer_id=reader.customer_id,
            variant=reader.variant,
        )

    def _none(self, channel: Channel, language: str | None) -> Misuse:
        findings = [f for key, found in self.every.broken.items() if key[1] == channel for f in found]
        if findings:
            return _broken(tuple(findings))
        said = f"{self.campaign.name} has no {channel.value} template for {language or 'that language'}"
        key = (self.campaign.name, channel, language or self.every.shop_language, None)
        return Misuse("OUT-110", said, help=f"write {shown(key)}")


def shelf(app: App, campaign: Campaign) -> Shelf:
    """Read, check and compile the files of one campaign, whatever their status. Raises Misuse (OUT-139)."""
    paper = stationery.load(app.project / FOLDER, app.house.shop)
    looked = {
        file.key: check_file(file.path, file.key, paper=paper, campaign=campaign)
        for file in of_campaign(app, campaign.name)
    }
    status = {key: checked.front.status if checked.front else "?" for key, checked in looked.items()}
    templates = {key: checked.template for key, checked in looked.items() if checked.template is not None}
    broken = {key: checked.errors for key, checked in looked.items() if checked.template is None}
    every = Catalogue(templates=templates, broken=broken, warnings={}, strays=(), shop_language=app.house.shop.language)
    ready = Catalogue(
        templates={key: template for key, template in templates.items() if status[key] == "ready"},
        broken={key: found for key, found in broken.items() if status[key] in ("ready", "?")},
        warnings={},
        strays=(),
        shop_language=app.house.shop.language,
        missing_language=app.house.shop.missing_language,
    )
    return Shelf(campaign, ready, every, status)


def named(app: App, file: TemplateFile) -> tuple[Shelf, Template]:
    """The shelf a file stands on, and its own template. Raises Misuse with its findings."""
    found = shelf(app, app.campaigns[file.key[0]])
    return found, found.exactly(file.key)


def _broken(findings: tuple[Finding, ...]) -> Misuse:
    first = findings[0]
    problem = Misuse(first.code, first.message, place=first.place, facts=first.facts, help=first.help)
    if len(findings) > 1:
        problem.with_findings(findings)
    return problem
