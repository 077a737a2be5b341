"""What is wrong with this template file, and what is worth a thought? The catalogue, lint and publish all ask here."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from outreach.core.errors import Finding, Misuse
from outreach.core.terms import Campaign, Channel, Kind, Severity
from outreach.documents import suggest
from outreach.render.building import Build, finish, start
from outreach.render.source import Front, Source, read, understand
from outreach.render.stationery import Stationery
from outreach.render.template import Key, Template

#: In all branches of an email together, before the footer.
MOST_WORDS = 150
_NEEDED_IN_OFFERS = ("offer.keep_if", "newer.what_changed")


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
        return Checked(None, _as_findings(problem))
    return check(source, key, paper=paper, campaign=campaign)


def check_text(text: str, shown: str, key: Key, *, paper: Stationery, campaign: Campaign) -> Checked:
    """Look at a text that is not saved yet, as `check_file` would."""
    try:
        source = understand(text, shown)
    except Misuse as problem:
        return Checked(None, _as_findings(problem))
    return check(source, key, paper=paper, campaign=campaign)


def check(source: Source, key: Key, *, paper: Stationery, campaign: Campaign) -> Checked:
    """Compile one source and gather everything there is to say about it. Raises Misuse for a broken layout only."""
    build = start(key, source, paper, campaign)
    build.findings.extend(_front(build))
    template = finish(build)
    if template is not None:
        build.findings.extend(_manners(build, template))
    errors = any(found.severity == Severity.ERROR for found in build.findings)
    return Checked(source.front, tuple(build.findings), None if errors else template)


def _as_findings(problem: Misuse) -> tuple[Finding, ...]:
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
        if is_email and not getattr(front, name):
            yield Finding("OUT-138", f"an email needs `{name}:` in its front matter", source.place(0))
    for name in ("subject", "preview", "why"):
        if not is_email and getattr(front, name):
            yield Finding("OUT-138", f"a text has no `{name}:`", source.place(source.front_at(name)))
    if not source.body.strip():
        yield Finding("OUT-138", "the message is empty", source.place(source.body_at))


def _manners(build: Build, template: Template) -> Iterator[Finding]:
    source = build.source
    if build.campaign.kind is Kind.OFFER and "offer" in build.schema.names:
        needed = _NEEDED_IN_OFFERS if template.channel is Channel.EMAIL else _NEEDED_IN_OFFERS[:1]
        for name in needed:
            if name not in template.uses:
                help = f"say it in the message: {{{{ {name} … }}}}"
                yield Finding("OUT-142", f"an offer must use `{name}`", source.place(source.body_at), help)
    words = re.sub(r"\{[{%#].*?[}%#]\}", "", f"{source.front.subject or ''}\n{source.body}", flags=re.S)
    if "!" in words:
        place = source.place(max(source.text.rfind("!"), 0))
        yield Finding("OUT-141", "an exclamation mark shouts", place, severity=Severity.WARNING)
    if template.channel is Channel.EMAIL and len(re.findall(r"\w+", words)) > MOST_WORDS:
        place = source.place(source.body_at)
        message = f"this email is long: {MOST_WORDS} words before the footer are enough"
        yield Finding("OUT-140", message, place, severity=Severity.WARNING)
