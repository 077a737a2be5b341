"""How do new words become what tonight's messages say? Checked, tried on tonight's people, set ready, kept.

publish and revert end here. What is refused is refused before the first byte is written.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from outreach.core.errors import Finding, Held, Misuse
from outreach.core.terms import Channel, Severity
from outreach.flows import keeping, rendering
from outreach.flows.app import App
from outreach.flows.audience import Audience, try_out
from outreach.flows.history import Version, versions
from outreach.flows.publishlock import alone
from outreach.flows.template_files import TemplateFile, located, made_ready, text_of, unchanged, writable
from outreach.render import stationery
from outreach.render.catalogue import FOLDER
from outreach.render.check import check_text
from outreach.render.lint import Looked, bench, look_at_text
from outreach.render.template import Template
from outreach.render.variables import Schema, schema_of
from outreach.store import audits, revisions
from outreach.store import versions as stored
from outreach.store.engine import now, writing

LONGEST_NOTE = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """Why, and who else has read it. `seen`: the SHA-256 of the bytes the author started from (None: what is there).

    `dry` looks and writes nothing. `back_to`: the version whose words these are, of a revert.
    """

    note: str
    reviewed_by: str | None = None
    seen: str | None = None
    dry: bool = False
    back_to: Version | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """One name the words read now and did not before, or the other way round. `lacking` readers do not have it."""

    name: str
    added: bool
    may_miss: bool = False
    lacking: int = 0


@dataclass(frozen=True, slots=True)
class Published:
    """What became of it. `fresh` False: these very words were published already, so nothing was done.

    `before`: the version it follows. `commit`: in a git folder, the one commit it is.
    """

    file: TemplateFile
    template: Template
    before: Version | None
    changes: tuple[Changed, ...]
    warnings: tuple[Finding, ...]
    audience: Audience
    version: int
    fresh: bool = True
    dry: bool = False
    commit: str | None = None


def publish(app: App, word: str, wanted: Wanted) -> Published:
    """Publish the words on disk.

    Raises Misuse (OUT-110, 180, 181, 184, 186, 187, 188), Held (OUT-182) and Busy (OUT-189).
    """
    with alone(app, dry=wanted.dry):
        file = located(app, word)
        unchanged(file, wanted.seen or file.seen)
        return put(app, file, file.data, wanted)


def put(app: App, file: TemplateFile, data: bytes, wanted: Wanted) -> Published:
    """Publish these words in this file, while nobody else publishes (`alone`). Raises as `publish` does; then nothing
    was written.
    """
    _note(wanted)
    file = writable(app, file)
    keeping.can_keep(file)
    ready = made_ready(data, file.shown)
    looked, template = _checked(app, file, text_of(ready, file.shown))
    known = versions(app, file)
    before = known[-1] if known else None
    changes = tuple(_changes(app, template, before))
    audience = try_out(app, template, [change.name for change in changes if change.added])
    _could_be_written(file, audience)
    counted = tuple(_counted(changes, audience))
    warnings = tuple(f for f in looked.findings if f.severity != Severity.ERROR)
    number = before.number + 1 if before else 1
    made = Published(file, template, before, counted, warnings, audience, number, dry=wanted.dry)
    if wanted.dry:
        return made
    if ready == file.data and _published_already(before, template, wanted):
        return replace(made, version=number - 1, fresh=False)
    _second_reader(app, file, wanted)
    commit = keeping.keep(keeping.Keeper(app.project, audits.actor(), _message(wanted)), file, ready)
    made = replace(made, commit=commit)
    _record(app, made, wanted, found=any(version.revision == template.revision for version in known))
    return made


def words_hash(source: str) -> str:
    """What a reader has read: SHA-256 over the file's text with \\n line ends."""
    return hashlib.sha256(source.encode()).hexdigest()


def _note(wanted: Wanted) -> None:
    note = wanted.note
    if not note.strip() or not note.isprintable() or len(note) > LONGEST_NOTE:
        said = f"a version needs a note of one line, at most {LONGEST_NOTE} characters"
        raise Misuse("OUT-188", said, help='--note "what changed, and why"')


def _checked(app: App, file: TemplateFile, text: str) -> tuple[Looked, Template]:
    """Looked at as lint does, written to every invented person too."""
    mailbox = app.house.senders[Channel.EMAIL].address
    looked = look_at_text(
        text, file.shown, file.key, tools=bench(app.project, app.house.shop, app.campaigns, mailbox=mailbox)
    )
    template = looked.checked.template if looked.checked else None
    if template is None or looked.errors:
        errors = looked.errors
        said = f"{file.name} has {'an error' if len(errors) == 1 else f'{len(errors)} errors'}, so it is not published"
        raise Misuse("OUT-180", said, help=f"mend it, then: outreach preview {file.name}").with_findings(errors)
    return looked, template


def _could_be_written(file: TemplateFile, audience: Audience) -> None:
    if not audience.stops:
        return
    said = f"{audience.failed:,} of {audience.readers:,} people of tonight could not be written to with {file.name}"
    help_text = "mend what the findings name; the campaign would be stopped for the night"
    raise Misuse("OUT-187", said, help=help_text).with_findings(audience.findings)


def _second_reader(app: App, file: TemplateFile, wanted: Wanted) -> None:
    if not app.house.review_templates:
        return
    reader = (wanted.reviewed_by or "").strip()
    if not reader or reader.casefold() == audits.actor().casefold():
        said = "these words wait for a second person" if not reader else f"{reader} wrote them, so cannot be the second"
        help_text = f'outreach publish {file.name} --note "{wanted.note}" --reviewed-by NAME'
        facts = ("templates.review is true in config/outreach.yaml", "nothing was written")
        raise Held("OUT-182", said, facts=facts, help=help_text)


def _published_already(before: Version | None, template: Template, wanted: Wanted) -> bool:
    same = before is not None and before.revision == template.revision and before.actor is not None
    return same and (wanted.reviewed_by is None or before is None or before.reviewed_by is not None)


def _changes(app: App, template: Template, before: Version | None) -> Iterator[Changed]:
    """Names added and removed since the version before; nothing to compare when that can no longer be read."""
    if before is None:
        return
    key = template.key
    schema = schema_of(app.campaigns[key[0]])
    paper = stationery.load(app.project / FOLDER, app.house.shop)
    old = check_text(before.source, template.file, key, paper=paper, campaign=app.campaigns[key[0]]).template
    if old is None:
        return
    for name in sorted(template.uses - old.uses):
        yield Changed(name, added=True, may_miss=_may_miss(schema, name))
    for name in sorted(old.uses - template.uses):
        yield Changed(name, added=False)


def _counted(changes: tuple[Changed, ...], audience: Audience) -> Iterator[Changed]:
    for change in changes:
        lacking = audience.lacks.get(change.name, 0) if change.added and change.may_miss else 0
        yield Changed(change.name, change.added, change.may_miss, lacking)


def _may_miss(schema: Schema, name: str) -> bool:
    """Whether any step of a dotted name may be missing."""
    first, *rest = name.split(".")
    kind = schema.names.get(first)
    missing = kind is not None and (kind.may_miss or kind.many)
    for part in rest:
        kind = schema.step(kind, part) if kind is not None else None
        missing = missing or (kind is not None and kind.may_miss)
    return missing


def _message(wanted: Wanted) -> str:
    return f"{wanted.note}\n\nReviewed-by: {wanted.reviewed_by}" if wanted.reviewed_by else wanted.note


def _record(app: App, made: Published, wanted: Wanted, *, found: bool) -> None:
    """`found`: these words were a version before, so that one stays beside this one."""
    template = made.template
    detail = {
        "version": made.version,
        "revision": template.revision,
        "words": words_hash(template.source),
        "note": wanted.note,
        "reviewed_by": wanted.reviewed_by,
        "commit": made.commit,
        "found": found,
        "back_to": wanted.back_to.revision if wanted.back_to else None,
    }
    with writing(app.engine) as c:
        at = now(c)
        revisions.keep(c, [rendering.revision_row(template, at)])
        audits.write(c, at, stored.PUBLISHED, made.file.shown, detail)
