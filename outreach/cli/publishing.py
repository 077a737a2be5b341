"""The commands publish, history and revert: a template's versions, from the terminal."""

from collections.abc import Iterator
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from outreach.cli.answer import Answer
from outreach.cli.desk import desk
from outreach.cli.screen import wrapped
from outreach.flows.history import Version
from outreach.flows.history import history as flow_history
from outreach.flows.publish import Published, Wanted
from outreach.flows.publish import publish as flow_publish
from outreach.flows.revert import revert as flow_revert

Template = Annotated[str, typer.Argument(metavar="TEMPLATE", help="like delivery_check/email.en")]
Note = Annotated[str, typer.Option("--note", metavar="TEXT", help="what changed, and why; one line")]
Reader = Annotated[str | None, typer.Option("--reviewed-by", metavar="NAME", help="who else has read it")]
Dry = Annotated[bool, typer.Option("--dry-run", help="check and try it out; write nothing")]


def publish(
    ctx: typer.Context, template: Template, note: Note = "", reviewed_by: Reader = None, dry_run: Dry = False
) -> Answer:
    """Check a template, try it on tonight's people, set it ready and keep it as a version. Sends nothing."""
    app = desk(ctx).open()
    return _answer(flow_publish(app, template, Wanted(note or ("look" if dry_run else ""), reviewed_by, dry=dry_run)))


def revert(
    ctx: typer.Context,
    template: Template,
    version: Annotated[str, typer.Argument(metavar="VERSION", help="v6, or the first letters of its revision")],
    note: Note = "",
    reviewed_by: Reader = None,
    dry_run: Dry = False,
) -> Answer:
    """Go back to the words of an older version, as a new version. Sends nothing; history is never rewritten."""
    app = desk(ctx).open()
    return _answer(flow_revert(app, template, version, Wanted(note, reviewed_by, dry=dry_run)))


def history(ctx: typer.Context, template: Template) -> Answer:
    """Every version of a template: when, who, why, and to how many people it went."""
    app = desk(ctx).open()
    file, versions = flow_history(app, template)
    zone = ZoneInfo(app.house.shop.zone)
    lines = wrapped(f"{file.name} · {len(versions)} version{'' if len(versions) == 1 else 's'}, the newest first")
    if not versions:
        lines = wrapped(f"{file.name} has no version yet: nobody published it, and no night used it.")
    for version in reversed(versions):
        lines += ["", *_version_lines(version, zone)]
    data = {"template": file.shown, "versions": [_version_data(v) for v in versions]}
    older = versions[-2].name if len(versions) > 1 else None
    next_words = (f"outreach revert {file.name} {older}",) if older else (f"outreach preview {file.name}",)
    return Answer("outreach.history/1", data, lines, next=next_words)


def _answer(made: Published) -> Answer:
    lines = [
        *wrapped(_head(made)),
        *(line for change in _change_lines(made) for line in wrapped(change, indent="    ")),
    ]
    lines += [line for said in _audience_lines(made) for line in wrapped(said, indent="    ")]
    if made.commit:
        lines.append(f"  Commit {made.commit}, of this file only.")
    after = (
        ("outreach publish " + made.file.name + ' --note "..."') if made.dry else f"outreach history {made.file.name}"
    )
    next_words = (f"outreach preview {made.file.name}", after)
    findings = (*made.warnings, *made.audience.findings)
    return Answer("outreach.publish/1", _data(made), lines, findings=findings, next=next_words)


def _head(made: Published) -> str:
    name, version = made.file.name, f"v{made.version}"
    if made.dry:
        return f"DRY RUN · nothing is written. {name} could be published as {version}."
    if not made.fresh:
        return f"{name}: these words are {version} already. Nothing to do."
    return f"{name}: {version} is published. The next night says it."


def _change_lines(made: Published) -> Iterator[str]:
    for change in made.changes:
        if not change.added:
            yield f"  - {change.name}: no longer used"
        elif change.lacking:
            yield f"  + {change.name}: {change.lacking:,} of {made.audience.readers:,} people tonight do not have it"
        elif change.may_miss:
            yield f"  + {change.name}: may be missing; everybody has it tonight"
        else:
            yield f"  + {change.name}: always there for this campaign"


def _audience_lines(made: Published) -> Iterator[str]:
    found = made.audience
    if not found.readers:
        yield "  Nobody whom the campaign finds tonight would read it, so it was tried on nobody."
        return
    people = "1 person" if found.readers == 1 else f"{found.readers:,} people"
    many = "" if found.whole else "; there are more"
    if found.failed:
        yield f"  Tried on {people} found tonight{many}: {found.failed:,} could not be written to, and would be kept."
    else:
        yield f"  Tried on {people} found tonight{many}: everybody could be written to."
    if found.parts:
        each = [f"{n:,} × {parts} part{'' if parts == 1 else 's'}" for parts, n in found.parts.items()]
        yield f"  {', '.join(each)}"


def _data(made: Published) -> dict[str, Any]:
    found = made.audience
    return {
        "template": made.file.shown,
        "version": made.version,
        "revision": made.template.revision,
        "dry_run": made.dry,
        "fresh": made.fresh,
        "commit": made.commit,
        "changes": [
            {"name": c.name, "added": c.added, "may_be_missing": c.may_miss, "lacking": c.lacking} for c in made.changes
        ],
        "audience": {
            "night": found.night,
            "readers": found.readers,
            "failed": found.failed,
            "whole": found.whole,
            "parts": {str(parts): n for parts, n in found.parts.items()},
        },
    }


def _version_lines(version: Version, zone: ZoneInfo) -> Iterator[str]:
    when = f"{version.at.astimezone(zone):%d %b %Y %H:%M}".lstrip("0")
    who = version.actor or "found ready on disk, not published"
    yield from wrapped(f"  {version.name}  {version.short}  {when}  {who}", indent="      ")
    said = [f'"{version.note}"'] if version.note else []
    if version.same_words:
        said.append(f"the same words{'' if version.same_all else '; the frame, the shop or the campaign changed'}")
    said += [f"read by {version.reviewed_by}"] if version.reviewed_by else []
    said += [f"commit {version.commit}"] if version.commit else []
    if version.sent is not None:
        said.append(f"sent to {version.sent:,} {'person' if version.sent == 1 else 'people'}")
    yield from wrapped(f"      {' · '.join(said)}", indent="      ")


def _version_data(version: Version) -> dict[str, Any]:
    return {
        "version": version.number,
        "revision": version.revision,
        "at": version.at,
        "actor": version.actor,
        "note": version.note or None,
        "reviewed_by": version.reviewed_by,
        "commit": version.commit,
        "back_to": version.back_to,
        "sent_to": version.sent,
        "same_words": version.same_words,
    }
