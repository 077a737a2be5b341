"""How does a night go from purchase records to messages that may leave?

found -> decided -> ceiling and guard -> rendered -> released, or held. Each stage leaves its mark in the database,
so that a night killed at any line is finished by running it again.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

import sqlalchemy as sa

from outreach.core.case import Rules
from outreach.core.errors import Finding, Misuse
from outreach.core.holdout import draw
from outreach.core.person import Person
from outreach.core.selection import Selection
from outreach.core.terms import Campaign, Candidate, Channel, LegalClass, Mode, Reason, RunState
from outreach.flows import guard, rendering
from outreach.flows.app import App, Scan, channels_of, offset_to
from outreach.flows.broken_off import take_back
from outreach.flows.fold import Pass, fold
from outreach.store import candidates, gaps, people, planning, revisions, runs
from outreach.store.engine import now, reading, writing
from outreach.store.runs import Run, Tally

#: Three answers past their promised time and we ask nobody anything new (product.md).
OVERDUE_ANSWERS = 3


@dataclass(frozen=True, slots=True)
class Request:
    """What the operator asked for. `past`: a night for a past date, on its own clock (outbox mode only).

    `unread`: why a provider's own list of opt-outs could not be read; marketing waits then.
    """

    night: date
    mode: Mode
    past: bool = False
    select: Selection | None = None
    exclude: Selection | None = None
    limit: int | None = None
    unread: str | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """What became of it. `fresh` False: this night had nothing left to do. `held`: why it waits for a person."""

    run_id: int
    fresh: bool
    held: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    problems: tuple[Finding, ...] = ()


Tell = Callable[[str, str], None]  # (stage, in words)


def plan(app: App, request: Request, tell: Tell = lambda *_: None) -> Planned:
    """Run, resume or complete one night. The caller holds the night's lock. Raises Misuse for a selection of nobody."""
    app.load_catalogue()  # first of all: layouts that cannot be read stop the night before it begins
    run = _begin(app, request)
    if run.state is RunState.HELD:
        return Planned(run.id, fresh=False, held=run.held_because)
    if run.state in (RunState.REJECTED, RunState.SUPERSEDED):
        return Planned(run.id, fresh=False)
    names = _find(app, run, request, tell)
    chosen = candidates.chosen(names, request.select, request.exclude)
    with reading(app.engine) as c:
        waiting = candidates.count(c, run.id, chosen)
        unfinished = bool(planning.planned_per_campaign(c, run))
    if request.select is not None and not waiting and not unfinished:
        _refuse_nobody(app, run, names, chosen)
    if not waiting and not unfinished and run.state is RunState.DONE:
        return Planned(run.id, fresh=False, problems=_broken(app, run))
    with writing(app.engine) as c:  # from here on a kill leaves a night that says it broke off
        runs.set_run(c, run.id, state=RunState.RUNNING.value)
    sweep = Pass(run, chosen, rules(app, run))
    decided = fold(app, sweep, lambda n: tell("deciding", f"{n:,}"))
    tell("decided", f"{decided:,}")
    return finish(app, run, limit=request.limit, tell=tell)


def finish(app: App, run: Run, *, limit: int | None, tell: Tell, approved: bool = False) -> Planned:
    """Ceiling and guard, then render, check and let go: what every pass ends with."""
    with writing(app.engine) as c:
        verdict = guard.judge(app, c, run, approved=approved)
        if verdict.held:
            guard.hold(app, c, run, verdict.held)
            return Planned(run.id, fresh=True, held=verdict.held, warnings=verdict.warnings)
        ceiling = verdict.ceiling
        if approved:  # the limit a person approved is tonight's ceiling: no later pass takes up the rest
            limit, ceiling = None, min((n for n in (limit, ceiling) if n is not None), default=None)
        guard.cut(app, c, run, limit=limit, ceiling=ceiling)
    problems = rendering.render_planned(app, run, lambda n: tell("rendering", f"{n:,}"))
    with writing(app.engine) as c:
        queued = rendering.release(app, c, run)
        at = now(c, timedelta(seconds=run.offset_seconds))
        runs.set_run(c, run.id, state=RunState.DONE.value, finished_at=at)
        candidates.forget_old(c, keep_run=run.id)
        revisions.purge(c, older_than_days=app.house.keep_contents_days, at=now(c))
    tell("queued", f"{queued:,}")
    return Planned(run.id, fresh=True, warnings=verdict.warnings, problems=(*_broken(app, run), *problems))


def _broken(app: App, run: Run) -> tuple[Finding, ...]:
    """What is wrong with the templates for which this night keeps people, and how many wait."""
    with reading(app.engine) as c:
        tallies = runs.tallies(c, run.id)
    found = []
    for (campaign, *_), findings in app.catalogue.broken.items():
        kept = tallies[campaign].because.get(Reason.TEMPLATE_PROBLEM.value, 0) if campaign in tallies else 0
        if kept:
            waits = "1 customer waits" if kept == 1 else f"{kept:,} customers wait"
            found += [replace(f, facts=(*f.facts, f"{waits} for {campaign}")) for f in findings]
    return tuple(found)


def _begin(app: App, request: Request) -> Run:
    with writing(app.engine) as c:
        moment = now(c)
        offset = offset_to(app, request.night, moment) if request.past else timedelta()
        at = moment + offset
        seconds = round(offset.total_seconds())
        run = runs.begin(c, night=request.night, mode=request.mode, at=at, offset_seconds=seconds)
        runs.supersede_held(c, before=request.night, mode=request.mode)
        take_back(c, before=request.night, mode=request.mode)
        if run.state is RunState.RUNNING and run.started_at != at:
            runs.set_run(c, run.id, attempt=run.attempt + 1)
        return run


def _find(app: App, run: Run, request: Request, tell: Tell) -> list[str]:
    """Run the scans this night has not run yet. Returns the names of the campaigns to decide."""
    touched = request.select.campaigns() if request.select else None
    names = []
    for campaign in app.campaigns.values():
        if campaign.nightly and (touched is None or campaign.name in touched):
            with writing(app.engine) as c:
                tally = _look(app, c, run, campaign, request.unread)
            if tally.state != "off":
                names.append(campaign.name)
            tell("found", f"{campaign.name} {tally.found:,}")
    return names


def _look(app: App, c: sa.Connection, run: Run, campaign: Campaign, unread: str | None) -> Tally:
    known = runs.tallies(c, run.id).get(campaign.name)
    if known is not None and known.state == "limited":
        known = _take_up_again(c, run, known, Reason.OVER_LIMIT)
    if known is not None and known.state != "off":  # one that was off is looked at again: records may have come in
        return known
    scan = app.scans[campaign.scan]
    tally = _waits(campaign, unread) or _switched_off(app, c, run, campaign) or _gathered(c, run, campaign, scan)
    runs.set_tally(c, run.id, tally)
    return tally


def _take_up_again(c: sa.Connection, run: Run, tally: Tally, reason: Reason) -> Tally:
    chosen = candidates.chosen([tally.campaign])
    opened = candidates.open_again(c, run.id, reason.value, chosen).get(tally.campaign, 0)
    because = {**tally.because, reason.value: tally.because.get(reason.value, 0) - opened}
    again = replace(tally, state="found", because={k: n for k, n in because.items() if n})
    runs.set_tally(c, run.id, again)
    return again


def _waits(campaign: Campaign, unread: str | None) -> Tally | None:
    """Who opted out at the provider alone is not sold to because its list could not be read (product.md)."""
    sells = LegalClass.MARKETING in (campaign.legal, *campaign.legal_in.values())
    if unread is None or not sells:
        return None
    return Tally(campaign.name, "off", 0, 0, {}, unread, "outreach nightly    (once it answers: it does the rest)")


def _switched_off(app: App, c: sa.Connection, run: Run, campaign: Campaign) -> Tally | None:
    if not channels_of(app, campaign):
        gap, mend = "no sender for its channels", "add one under senders: in config/outreach.yaml"
        return Tally(campaign.name, "off", 0, 0, {}, gap, mend)
    found = gaps.look(c, app.scans[campaign.scan].needs, run.night)
    return Tally(campaign.name, "off", 0, 0, {}, found.said, found.mend) if found and found.off else None


def _gathered(c: sa.Connection, run: Run, campaign: Campaign, scan: Scan) -> Tally:
    note = gaps.look(c, scan.needs, run.night)
    found, told = candidates.gather(c, run, campaign, scan.build(run.night, **campaign.params))
    because = {Reason.ALREADY_TOLD.value: told} if told else {}
    said, mend = (note.said, note.mend) if note else (None, None)
    return Tally(campaign.name, "found", found, 0, because, said, mend)


def _refuse_nobody(app: App, run: Run, names: list[str], chosen: candidates.Chosen) -> None:
    """A campaign that finds nobody tonight is a fact; a selection that picks nobody of those found is a slip."""
    with writing(app.engine) as c:
        tallies = runs.tallies(c, run.id)
        found = any(tallies[name].found > tallies[name].because.get(Reason.ALREADY_TOLD.value, 0) for name in names)
        if not found or candidates.count(c, run.id, chosen, decided=True):
            return
        runs.set_run(c, run.id, state=RunState.DONE.value)  # nothing broke off; whoever was found can still be decided
    said = "the selection matches nobody this night found and has yet to tell"
    raise Misuse("OUT-621", said, help="outreach report")


def rules(app: App, run: Run) -> Rules:
    """Everything that is the same for all customers of this night."""
    with reading(app.engine) as c:
        at = now(c, timedelta(seconds=run.offset_seconds))
        start = app.house.limits.start_on or (_start_line(c, run) if run.mode is Mode.LIVE else None)
        return Rules(
            night=run.night,
            limits=app.house.limits,
            campaigns={n: replace(k, channels=channels_of(app, k)) for n, k in app.campaigns.items()},
            salt=app.secrets.holdout_salt,
            speaks=_speaks(app),
            start_on=start,
            backlog=_drip(app, c, run, start),
            nobody_answers=people.overdue_answers(c, at) >= OVERDUE_ANSWERS,
        )


def _start_line(c: sa.Connection, run: Run) -> date:
    return runs.first_live_night(c) or run.night


def _drip(app: App, c: sa.Connection, run: Run, start: date | None) -> frozenset[tuple[str, int, str]]:
    """The backlog cases this night may take up: the first by the night's draw."""
    wanted = app.house.limits.backlog_per_night
    if start is None or not wanted:
        return frozenset()
    old = candidates.backlog(c, run.id, list(app.campaigns), start)
    return frozenset(sorted(old, key=lambda case: draw(run.night, case[1]))[:wanted])


def _speaks(app: App) -> Callable[[Campaign, Channel, Person, Candidate], Reason | None]:
    choose = app.catalogue.choose  # the templates of the whole night

    def speaks(campaign: Campaign, channel: Channel, person: Person, candidate: Candidate) -> Reason | None:
        asked = candidate.facts.get("variant")  # a scan may ask for a variant by name
        choice = choose(campaign.name, channel, language=person.language, customer_id=person.id, variant=asked)
        if choice.template is not None:
            return None
        return Reason.TEMPLATE_PROBLEM if choice.broken else Reason.NO_LANGUAGE

    return speaks
