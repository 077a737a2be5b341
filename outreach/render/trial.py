"""What does every invented person get from one template? Rendered for real, by the road a night takes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from outreach.core.errors import Finding, Place
from outreach.core.terms import Campaign
from outreach.render.content import Content
from outreach.render.links import Links
from outreach.render.message import render
from outreach.render.people import AwkwardPerson
from outreach.render.problems import RenderProblem
from outreach.render.template import Template


@dataclass(frozen=True, slots=True)
class Cast:
    """Who takes part. `usual`: nothing awkward about them; `awkward`: all the others, by name."""

    usual: AwkwardPerson
    awkward: Mapping[str, AwkwardPerson]
    links: Links

    @property
    def people(self) -> Sequence[AwkwardPerson]:
        """Everyone, the usual one first."""
        return [self.usual, *self.awkward.values()]


@dataclass(frozen=True, slots=True)
class Trial:
    """The messages by person (those that could be written), and what kept the others from being written."""

    contents: Mapping[str, Content]
    findings: tuple[Finding, ...]


def tried(template: Template, campaign: Campaign, cast: Cast) -> Trial:
    """One message per person, in the template's language. People without the channel are written to all the same."""
    contents: dict[str, Content] = {}
    failed: dict[tuple[str, str], tuple[RenderProblem, list[str]]] = {}
    for person in cast.people:
        try:
            contents[person.key] = _written(template, campaign, (person, cast.links))
        except RenderProblem as problem:
            failed.setdefault((problem.code, f"{problem.place} {problem.message}"), (problem, []))[1].append(person.key)
    return Trial(contents, tuple(_findings(template, failed.values())))


def _written(template: Template, campaign: Campaign, about: tuple[AwkwardPerson, Links]) -> Content:
    person, links = about
    recipient = person.recipient._replace(language=template.language)
    facts = person.facts(campaign)
    return render(template, facts=facts, recipient=recipient, occasion=person.occasion, links=links)


def _findings(template: Template, failed: Iterable[tuple[RenderProblem, list[str]]]) -> Iterator[Finding]:
    for problem, people in failed:
        place = problem.place or Place(template.file)
        yield Finding(problem.code, problem.message, place, problem.help, (*problem.facts, said_of(people)))


def said_of(people: Sequence[str]) -> str:
    """`for long-name and 3 others (outreach preview … --person long-name)`, short."""
    others = f" and {len(people) - 1} more of the invented people" if len(people) > 1 else ""
    return f"so it is for {people[0].removeprefix('_')}{others}"
