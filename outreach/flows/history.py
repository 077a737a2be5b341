"""Which versions did a template have, who published each and why, and to how many people did it go?"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from typing import Any

from outreach.core.errors import Misuse
from outreach.flows.app import App
from outreach.flows.template_files import TemplateFile, located
from outreach.store import versions as stored
from outreach.store.engine import reading

#: So many letters of a revision name it.
SHORT = 8


@dataclass(frozen=True, slots=True)
class Version:
    """One version, `number` from 1 on, for good. `revision`: SHA-256 over everything that decides a message's bytes.

    `actor` None: nobody published it; a night found the file ready and used it. `sent`: people who got a message of
    this revision, in the shop's mode; told at the newest version that is this revision. `same_words`: as the one
    before. `same_all`: its frame too, so the very same revision; else the frame, the shop's facts or the campaign
    changed.
    """

    number: int
    revision: str
    source: str
    at: datetime
    actor: str | None = None
    note: str = ""
    reviewed_by: str | None = None
    commit: str | None = None
    back_to: str | None = None
    sent: int | None = None
    same_words: bool = False
    same_all: bool = False

    @property
    def name(self) -> str:
        """`v6`."""
        return f"v{self.number}"

    @property
    def short(self) -> str:
        """Enough of the revision to name it."""
        return self.revision[:SHORT]


def history(app: App, word: str) -> tuple[TemplateFile, list[Version]]:
    """The template a word means and its versions, oldest first, with the people each went to. Misuse (OUT-184)."""
    file = located(app, word)
    known = versions(app, file)
    with reading(app.engine) as c:
        told = stored.people_told(c, sorted({v.revision for v in known}), app.house.mode)
    newest = {v.revision: v.number for v in known}
    return file, [replace(v, sent=told.get(v.revision, 0)) if newest[v.revision] == v.number else v for v in known]


def versions(app: App, file: TemplateFile) -> list[Version]:
    """Every version of a file, oldest first; `sent` is not asked."""
    with reading(app.engine) as c:
        used, published = stored.used(c, file.shown), stored.published(c, file.shown)
    sources = {row.revision: row.source for row in used}
    first_told = {row.detail["revision"]: row.detail for row in reversed(published)}
    made = [_published(row, sources) for row in published if row.detail["revision"] in sources]
    found = [
        Version(0, r.revision, r.source, r.first_used_at)
        for r in used
        if r.revision not in first_told or first_told[r.revision]["found"]
    ]
    return list(_compared(_numbered(made, sorted(found, key=lambda version: version.at))))


def _numbered(made: list[Version], found: list[Version]) -> list[Version]:
    """What was published keeps the number it was announced by; what nights found has the numbers between and after.

    Numbers never move: a night of another day's clock, or one that ends late, comes after what was announced.
    """
    taken = {version.number for version in made}
    free = (number for number in count(1) if number not in taken)
    return sorted(made + [replace(v, number=next(free)) for v in found], key=lambda version: version.number)


def _compared(known: list[Version]) -> Iterator[Version]:
    for i, version in enumerate(known):
        before = known[i - 1] if i else None
        same_words = before is not None and before.source == version.source
        same_all = before is not None and before.revision == version.revision
        yield replace(version, same_words=same_words, same_all=same_all)


def _published(row: Any, sources: dict[str, str]) -> Version:
    said = row.detail
    return Version(
        number=said["version"],
        revision=said["revision"],
        source=sources[said["revision"]],
        at=row.at,
        actor=row.actor,
        note=said["note"],
        reviewed_by=said["reviewed_by"],
        commit=said["commit"],
        back_to=said["back_to"],
    )


def one_version(app: App, file: TemplateFile, word: str) -> Version:
    """The version a word means: `v6`, `6`, or the first letters of its revision. Raises Misuse (OUT-185)."""
    known = versions(app, file)
    asked = word.strip().lower()
    number = asked.removeprefix("v")
    found = [v for v in known if str(v.number) == number]
    if not found and len(asked) >= 4:
        found = list({v.revision: v for v in known if v.revision.startswith(asked)}.values())
    if len(found) == 1:
        return found[0]
    help_text = f"outreach history {file.name}"
    if not known:
        raise Misuse("OUT-185", f"{file.name} has no version yet", help=f'outreach publish {file.name} --note "…"')
    said = f'"{word}" is {"more than one version" if found else "no version"} of {file.name}'
    raise Misuse("OUT-185", said, facts=(f"it has {known[0].name} to {known[-1].name}",), help=help_text)
