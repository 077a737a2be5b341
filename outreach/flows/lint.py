"""Is every template good, and what is worth a thought? Reads files only, unless asked what changed since a night."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from outreach.campaigns import read_campaigns
from outreach.core.errors import Finding, Misuse, Place
from outreach.core.terms import Campaign, Channel, Severity
from outreach.documents import suggest
from outreach.flows.app import App
from outreach.render.catalogue import FOLDER, key_of, stray
from outreach.render.lint import Looked, across, bench, look
from outreach.render.template import Key
from outreach.settings import FILE, read_house
from outreach.store.engine import reading
from outreach.store.last_words import last_words

#: Gives the words each template last went out with, by file; asked only for `state:changed`.
LastWords = Callable[[], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Linted:
    """`files`: what was looked at. `strays`: files that are nobody's message. `people`: invented people, each."""

    files: Sequence[Looked]
    strays: Sequence[Finding]
    people: int

    @property
    def findings(self) -> list[Finding]:
        """Everything found, file by file."""
        return [*self.strays, *(found for one in self.files for found in one.findings)]

    def count(self, severity: Severity) -> int:
        """How many of one kind."""
        return sum(found.severity == severity for found in self.findings)


def lint(project: Path, paths: Sequence[str], since: LastWords | None = None) -> Linted:
    """Look at the templates under `paths` (all without any); with `since` only those that changed.

    Translations are compared with all their sisters, whichever were asked for. A broken layout is one finding.
    Raises Misuse: OUT-601/602 for the configuration, OUT-145 for a path that is not there, OUT-122 for the people.
    """
    if not (project / FILE).is_file():
        said = f"this folder is no project: {FILE} is not there"
        raise Misuse("OUT-601", said, help="outreach init    (makes one here)\nor name one: outreach -C FOLDER ...")
    house, campaigns = read_house(project), read_campaigns(project)
    found = {path: key_of(path) for path in _all_files(project)}
    wanted = _wanted(project, paths, list(found))
    ours = {p: k for p, k in found.items() if k is not None and _is_ours(k, campaigns) and p.is_file()}
    strays = [_stray(path, key) for path, key in found.items() if path in wanted and path not in ours]
    try:
        tools = bench(project, house.shop, campaigns, mailbox=house.senders[Channel.EMAIL].address)
        near = _sisters(wanted, ours)
        looked = across((look(path, key, tools) for path, key in near.items()), tools)
    except Misuse as problem:
        if problem.code != "OUT-139":
            raise
        return Linted((), [*strays, _broken_layout(problem)], 0)
    shown = {_shown(project, path) for path in wanted}
    files = [one for one in looked if one.file in shown]
    if since is not None:
        last = since()
        files = [one for one in files if one.source is None or last.get(one.file) != one.source.text]
    return Linted(files, strays, len(tools.cast.awkward))


def words_of_last_night(app: App) -> Mapping[str, str]:
    """What `state:changed` compares with: the words each template last went out with, by file."""
    with reading(app.engine) as c:
        return last_words(c)


def _broken_layout(problem: Misuse) -> Finding:
    place = problem.place or Place("templates/_layouts")
    return Finding(problem.code, problem.message, place, problem.help, problem.facts)


def _is_ours(key: Key | None, campaigns: Mapping[str, Campaign]) -> bool:
    return key is not None and key[0] in campaigns


def _all_files(project: Path) -> Iterator[Path]:
    """Every file in a folder of templates/ that is a campaign's, whatever its name ends in; and what only looks like
    a template: a folder, a pipe, a link to nothing.
    """
    for path in sorted((project / FOLDER).glob("[!_.]*/*")):
        if (path.is_file() or path.suffix == ".j2") and not path.name.startswith("."):
            yield path


def _stray(path: Path, key: Key | None) -> Finding:
    if path.is_file():
        return stray(path, key)
    dangling = path.is_symlink() and not path.exists()
    what = "a link to nothing" if dangling else "a folder" if path.is_dir() else "no plain file"
    place = Place(f"{FOLDER}/{path.parent.name}/{path.name}")
    return Finding("OUT-121", f"this is {what}, so no message comes from it", place, "a template is a plain file")


def _wanted(project: Path, paths: Sequence[str], known: Sequence[Path]) -> set[Path]:
    """The files meant: a file, a folder, or the name of a campaign."""
    if not paths:
        return set(known)
    wanted: set[Path] = set()
    for word in paths:
        named = [Path(os.path.abspath(base / word)) for base in (Path.cwd(), project, project / FOLDER)]
        tries = {*named, *(path.resolve() for path in named)}  # the folder may be reached by a link, or hold one
        meant = {path for path in known if tries & {path, *path.parents}}
        if not meant:
            raise _nothing_there(project, word, known)
        wanted |= meant
    return wanted


def _nothing_there(project: Path, word: str, known: Sequence[Path]) -> Misuse:
    if any((base / word).is_dir() and not any((base / word).iterdir()) for base in (Path.cwd(), project)):
        return Misuse("OUT-145", f"there is no template in {word}", help="outreach new language CAMPAIGN LANGUAGE")
    names = sorted({path.parent.name for path in known} | {_shown(project, path) for path in known})
    if FOLDER in Path(word).parts and any(part.startswith("_") for part in Path(word).parts):
        said = f"{word} is no message: it is checked with every message that uses it"
        return Misuse("OUT-145", said, help="outreach lint    (all of them)")
    near = suggest(word, names)
    facts = (near,) if near else ("name a file or a folder under templates/, or a campaign",)
    return Misuse("OUT-145", f'there is no template at "{word}"', facts=facts, help="outreach lint    (all of them)")


def _sisters(wanted: set[Path], ours: Mapping[Path, Key]) -> dict[Path, Key]:
    """The wanted files, and the other languages of the same messages."""
    messages = {(key[0], key[1], key[3]) for path, key in ours.items() if path in wanted}
    return {path: key for path, key in ours.items() if (key[0], key[1], key[3]) in messages}


def _shown(project: Path, path: Path) -> str:
    return path.relative_to(project).as_posix()
