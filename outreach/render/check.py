"""What is wrong with this template file, and what is worth a thought? The catalogue, lint and publish all ask here."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from outreach.core.errors import Finding, Misuse
from outreach.core.terms import Campaign, Channel, Kind, Severity
from outreach.documents import suggest
from outreach.render.building import Build, finish, start
from outreach.render.formats import is_right_to_left
from outreach.render.grammar import names_in
from outreach.render.problems import UNFORESEEN, RenderProblem
from outreach.render.scan import breaks_header, is_seen
from outreach.render.slips import slips_of
from outreach.render.source import Front, Source, read, understand
from outreach.render.stationery import Stationery
from outreach.render.template import Key, Template

_TURNS = re.compile("[\u200e\u200f\u061c]")
_NEEDED_IN_OFFERS = ("offer.keep_if", "newer.what_changed", "offer.ends_on")


@dataclass(frozen=True, slots=True)
class Checked:
    """One file looked at. `front` None: unreadable. `template` is there when nothing is wrong (warnings aside)."""

    front: Front | None
    findings: tuple[Finding, ...]
    template: Template | None = None

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that keep it from being used."""
        return tuple(found for found in self.findings if found.severity == Severity.ERROR)


def check_file(path: Path, key: Key, *, paper: Stationery, campaign: Campaign) -> Checked:
    """Look at one file of templates/. Never raises for what is in it; Misuse (OUT-139) for a broken layout."""
    shown = f"templates/{path.parent.name}/{path.name}"
    try:
        source = read(path, shown)
    except Misuse as problem:
        return Checked(None, unreadable(problem))
    return check(source, key, paper=paper, campaign=campaign)


def check_text(text: str, shown: str, key: Key, *, paper: Stationery, campaign: Campaign) -> Checked:
    """Look at a text that is not saved yet, as `check_file` would."""
    try:
        source = understand(text, shown)
    except Misuse as problem:
        return Checked(None, unreadable(problem))
    return check(source, key, paper=paper, campaign=campaign)


def check(source: Source, key: Key, *, paper: Stationery, campaign: Campaign) -> Checked:
    """Compile one source and gather everything there is to say about it. Raises Misuse for a broken layout only."""
    build = start(key, source, paper, campaign)
    template = None
    try:
        build.findings.extend(_front(build))
        template = finish(build)
        if template is not None:
            build.findings.extend(_manners(build, template))
            build.findings.extend(slips_of(source, build.schema))
    except (RenderProblem, *UNFORESEEN) as error:  # the edge of one file: whatever it holds costs this file only
        message = f"this file cannot be worked through ({type(error).__name__}: {str(error)[:80]})"
        build.findings.append(Finding("OUT-126", message, source.place(source.body_at)))
    errors = any(found.severity == Severity.ERROR for found in build.findings)
    return Checked(source.front, tuple(build.findings), None if errors else template)


def unreadable(problem: Misuse) -> tuple[Finding, ...]:
    """What stopped a file from being read, as findings."""
    if problem.findings:
        return problem.findings
    return (Finding(problem.code, problem.message, problem.place, problem.help, problem.facts),)


def _front(build: Build) -> Iterator[Finding]:
    front, source, is_email = build.source.front, build.source, build.key[1] is Channel.EMAIL
    people = list(build.paper.shop.people)
    if front.signer is not None and front.signer not in people:
        near = suggest(front.signer, people)
        place = source.place(source.front_at("from"), len(front.signer))
        yield Finding("OUT-138", f'"{front.signer}" is not one of people', place, "", (near,) if near else ())
    for name in ("subject", "why"):
        if is_email and not is_seen(getattr(front, name) or ""):
            yield Finding("OUT-138", f"an email needs `{name}:` in its front matter", source.place(0))
    for name in ("subject", "preview", "why"):
        if not is_email and getattr(front, name):
            yield Finding("OUT-138", f"a text has no `{name}:`", source.place(source.front_at(name)))
    if broken := breaks_header(" ".join((front.subject or "").split())):
        place = source.place(source.front_at("subject"))
        yield Finding("OUT-118", f"the subject would hold {broken}, which breaks a mail's header", place)
    if turn := None if is_right_to_left(build.key[2]) else _TURNS.search(source.text):
        message = f"the invisible character U+{ord(turn[0]):04X} is for languages written from right to left"
        yield Finding("OUT-110", message, source.place(turn.start()), "delete it, or type the place anew")
    if not is_seen(source.body.replace("\n", "")):
        yield Finding("OUT-138", "the message is empty", source.place(source.body_at))


def _manners(build: Build, template: Template) -> Iterator[Finding]:
    """An offer is honest advice first: what it must say is printed or listed, not only asked about."""
    source, printed = build.source, {mark.number for mark in build.reader.marks if mark.kind in ("value", "for")}
    if build.campaign.kind is Kind.OFFER and "offer" in build.schema.names:
        needed = _NEEDED_IN_OFFERS if template.channel is Channel.EMAIL else _NEEDED_IN_OFFERS[:1]
        said = {name for number in printed for name in names_in(build.reader.marks[number].node)}
        for name in needed:
            if name not in said:
                help = f"say it in the message: {{{{ {name} … }}}}"
                yield Finding("OUT-142", f"an offer must use `{name}`", source.place(source.body_at), help)
