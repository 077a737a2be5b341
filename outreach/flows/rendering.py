"""How do planned messages get their words, and what does one failing template cost? Only its own people.

Everyone of tonight is rendered before anyone's message is let go. A campaign in which too many fail is stopped for
the night, whole (settled 31); the others go on.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from outreach.core.errors import Finding
from outreach.core.terms import Channel, Reason
from outreach.flows.app import App
from outreach.flows.steady import steady
from outreach.render.content import Content
from outreach.render.message import render
from outreach.render.problems import RenderProblem
from outreach.render.template import Occasion, Recipient, Template
from outreach.store import decisions, planning, recipients, revisions, runs
from outreach.store.decisions import Overruled
from outreach.store.engine import now, reading, writing
from outreach.store.facts import expand
from outreach.store.planning import Body, Written
from outreach.store.recipients import Addressee
from outreach.store.runs import Run
from outreach.store.types import Facts

CHUNK = 1_000
# looked up for every message: quicker than asking the enum
_CHANNELS = {channel.value: channel for channel in Channel}
#: An outbox row, its facts in full, and whom it is for.
Unwritten = tuple[Any, dict[str, Any], Addressee]
#: What a message was made from, what its outbox row learns of it, and its bytes.
Made = tuple[Template, Written, Body]
#: More failures than MANY, or at least FEW and more than SHARE of the campaign, stop it for the night.
MANY, FEW, SHARE = 50, 5, 0.05


def render_planned(app: App, run: Run, told: Callable[[int], None] = lambda _: None) -> tuple[Finding, ...]:
    """Render every planned message that has no content yet. Returns one finding per failing place, with its people."""
    after, total = 0, 0
    problems: dict[tuple[str, str], list[RenderProblem]] = {}
    with steady():
        while rows := _read(app, run, after):
            after = rows[-1][0].id
            made, failed = _render(app, rows)
            for problem in failed.values():
                problems.setdefault((problem.code, str(problem.place)), []).append(problem)
            with writing(app.engine) as c:
                _store(app, c, run, (made, failed))
            total += len(rows)
            told(total)
    return tuple(finding_of(failed) for failed in problems.values())


def _read(app: App, run: Run, after: int) -> list[Unwritten]:
    with reading(app.engine) as c:
        rows = planning.unrendered(c, run, after=after, size=CHUNK)
        facts = expand(c, [row.facts.plain() for row in rows], run.night)
        people = recipients.load(c, [row.customer_id for row in rows])
    return [(row, known, people[row.customer_id]) for row, known in zip(rows, facts, strict=True)]


def _render(app: App, rows: Sequence[Unwritten]) -> tuple[list[Made], dict[int, RenderProblem]]:
    """Everything that takes time is done here, before the transaction that keeps it."""
    made: list[Made] = []
    failed: dict[int, RenderProblem] = {}
    for row, known, who in sorted(rows, key=_alike):
        choice = app.catalogue.choose(
            row.campaign,
            _CHANNELS[row.channel],
            language=who.language,
            customer_id=row.customer_id,
            variant=known.get("variant"),
        )
        try:
            if choice.template is None:
                raise RenderProblem("OUT-110", f"{row.campaign} has no {row.channel} template for {who.language}")
            made.append(_made(row, choice.template, message(app, choice.template, known, row=row, who=who), known))
        except RenderProblem as problem:
            failed[row.id] = problem
    return made, failed


def _alike(unwritten: Unwritten) -> tuple[str, str, str]:
    """Messages of one template after each other: a processor is a sixth faster at what it has just done."""
    row, _, who = unwritten
    return row.campaign, row.channel, who.language or ""


def _made(row: Any, template: Template, content: Content, known: Mapping[str, Any]) -> Made:
    written = Written(row.id, template.revision, template.language, content.parts, _stated(row.facts, known))
    return template, written, Body(row.id, template.revision, content.pack(template.skeleton), content.sha)


def _stated(planned: Facts, known: Mapping[str, Any]) -> str | None:
    """The message's facts where the scan's own do not say all that is asked again when it leaves: a stated price."""
    price = (known.get("offer") or {}).get("price")
    return planned.text_with("offer", {"price": price}) if price else None


def message(app: App, template: Template, facts: Mapping[str, Any], *, row: Any, who: Addressee) -> Content:
    """The one road to a message's bytes. `row` has subject_key, contact_point_id and not_before (aware)."""
    zone = who.zones(app.house.shop.country)[0]
    recipient = Recipient(
        first_name=who.first_name,
        last_name=who.last_name,
        language=who.language or app.house.shop.language,
        country=who.country,
        since_on=who.since_on,
        zone=zone,
        contact_point_id=row.contact_point_id,
    )
    occasion = Occasion(_local_day(row.not_before, zone), row.subject_key)
    return render(template, facts=facts, recipient=recipient, occasion=occasion, links=app.links)


@lru_cache(maxsize=1_024)
def _local_day(moment: datetime, zone: str) -> date:
    """The day that `moment` is in this zone. A night begins to send at few hours, in few zones."""
    return moment.astimezone(ZoneInfo(zone)).date()


def _store(app: App, c: sa.Connection, run: Run, rendered: tuple[list[Made], dict[int, RenderProblem]]) -> None:
    made, failed = rendered
    at, seen = now(c, timedelta(seconds=run.offset_seconds)), now(c)  # words are found when they are, whatever night
    revisions.keep(c, [revision_row(t, seen) for t in {t.revision: t for t, _, _ in made}.values()])
    planning.store_rendered(c, [written for _, written, _ in made], [body for _, _, body in made])
    if failed:
        _keep_for_tomorrow(c, run, planning.chosen(sorted(failed)), at, failed=True)


def revision_row(template: Template, at: datetime) -> dict[str, Any]:
    return {
        "revision": template.revision,
        "campaign": template.campaign,
        "channel": template.channel.value,
        "language": template.language,
        "variant": template.variant,
        "file": template.file,
        "source": template.source,
        "skeleton": template.skeleton,
        "first_used_at": at,
    }


def _keep_for_tomorrow(c: sa.Connection, run: Run, messages: sa.Select[Any], at: datetime, *, failed: bool) -> None:
    """template_problem for the people of these messages; their claim on the night is kept for `retry`."""
    kept = decisions.overrule(c, run, messages, Overruled(Reason.TEMPLATE_PROBLEM, at))
    planning.drop(c, messages)
    tallies = runs.tallies(c, run.id)
    for campaign, count in kept.items():
        tally = tallies[campaign]
        because = Counter(tally.because)
        because[Reason.TEMPLATE_PROBLEM.value] += count
        changed = replace(tally, queued=tally.queued - count, because=dict(because))
        runs.set_tally(c, run.id, replace(changed, failed=tally.failed + count) if failed else changed)


def release(app: App, c: sa.Connection, run: Run) -> int:
    """The end of a pass: stop campaigns in which too many failed, let the rest go together. Returns messages let go."""
    at = now(c, timedelta(seconds=run.offset_seconds))
    waiting = planning.planned_per_campaign(c, run)
    for name, tally in runs.tallies(c, run.id).items():
        if tally.state == "off":
            continue
        total = tally.failed + tally.queued
        stopped = too_many(tally.failed, total)
        if stopped and name in waiting:
            _keep_for_tomorrow(c, run, decisions.in_state(run.id, planning.PLANNED, [name]), at, failed=False)
        current = runs.tallies(c, run.id)[name]
        state = "stopped" if stopped else "limited" if tally.state == "limited" else "done"
        runs.set_tally(c, run.id, replace(current, state=state))
    return planning.let_go(c, run, list(waiting), at)


def too_many(failed: int, total: int) -> bool:
    """Whether so many failures of so many messages stop a campaign for the night (settled 31)."""
    return failed > MANY or (failed >= FEW and failed > SHARE * total)


def finding_of(failed: Sequence[RenderProblem]) -> Finding:
    """One finding for all who failed at the same place."""
    first = failed[0]
    people = "1 customer waits" if len(failed) == 1 else f"{len(failed):,} customers wait"
    return Finding(first.code, first.message, first.place, first.help, (*first.facts, f"{people} for this message"))
