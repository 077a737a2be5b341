"""The commands of every night: nightly, release, retry, approve."""

from contextlib import ExitStack
from dataclasses import replace
from datetime import date
from typing import Annotated, Any

import typer

from outreach import __version__
from outreach.cli.answer import Answer
from outreach.cli.desk import Desk, day, desk
from outreach.cli.listsfirst import lists_first
from outreach.cli.nightpage import MODES, data, page
from outreach.cli.once_more import queue_again
from outreach.cli.reply_page import night_needs
from outreach.cli.samples import sample_lines
from outreach.cli.screen import wrapped
from outreach.cli.watched import watched
from outreach.core.errors import Held, Misuse, Unfinished
from outreach.core.selection import Selection, parse
from outreach.core.terms import Mode, Reason, RunState
from outreach.flows import again, levers
from outreach.flows.app import App, shop_day
from outreach.flows.forwarding import forward
from outreach.flows.nightlock import alone
from outreach.flows.plan import Planned, Request, plan
from outreach.flows.readiness import require_ready
from outreach.flows.send import hand_over
from outreach.flows.tonight import scratch_copy, the_moment, the_night
from outreach.store.reports import NightReport

_DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would happen; nothing is written")]
_AsOf = Annotated[str | None, typer.Option("--as-of", metavar="DATE", help="As of a date; always dry")]
_Night = Annotated[
    str | None, typer.Option("--night", metavar="DATE", help="A real night for a past date; outbox mode only")
]
_Select = Annotated[
    str | None, typer.Option("--select", metavar="WORDS", help='like "campaign:upgrade_offer,country:BR"')
]
_Exclude = Annotated[str | None, typer.Option("--exclude", metavar="WORDS", help="the same words, left for later")]
_CatchUp = Annotated[
    bool, typer.Option("--catch-up", help="Finish tonight's broken-off run (also the usual way); for cron")
]
_Limit = Annotated[
    int | None, typer.Option("--limit", metavar="N", min=1, help="Queue at most N now; a later nightly the rest")
]
_Sample = Annotated[int, typer.Option("--sample", metavar="N", min=0, help="Print N rendered messages per campaign")]


def nightly(
    ctx: typer.Context,
    dry_run: _DryRun = False,
    as_of: _AsOf = None,
    night: _Night = None,
    select: _Select = None,
    exclude: _Exclude = None,
    catch_up: _CatchUp = False,
    limit: _Limit = None,
    sample: _Sample = 0,
) -> Answer:
    """Find, decide, render and queue tonight's messages. Safe to run twice, safe to kill."""
    here = desk(ctx)
    past, dry = day(night, option="--night"), dry_run or as_of is not None
    when = day(as_of, option="--as-of") or past
    if as_of is not None and past is not None:
        raise Misuse("OUT-600", "--as-of is always dry and --night is real: give one of them")
    app = here.open()
    if past is not None and not dry and app.house.mode is not Mode.OUTBOX:
        raise Misuse("OUT-310", f"--night plays a past night, in outbox mode only; this shop is in {app.house.mode}")
    request = _request(app, when, (select, exclude), limit)
    _refuse_the_future(app, past)
    _announce(here, app, request.night, dry)
    with ExitStack() as stack:
        night_watch = stack.enter_context(watched(app, real=not dry and past is None))
        if dry:
            app = stack.enter_context(scratch_copy(app, request.night))
        else:
            require_ready(app)
            stack.enter_context(alone(app))
            if app.house.mode is Mode.OUTBOX:
                hand_over(app, before=request.night)
            request = replace(request, unread=lists_first(app, here.screen))
            if past is None:
                forward(app)
        planned = plan(app, request, _teller(here))
        return _told(here, night_watch.ended(_answer(app, planned, dry=dry, samples=sample)))


def _refuse_the_future(app: App, night: date | None) -> None:
    if night is not None and night > shop_day(app, the_moment(app)):
        raise Misuse("OUT-312", f"the night of {night} has not come yet", help=f"outreach nightly --as-of {night}")


def _request(app: App, when: date | None, words: tuple[str | None, str | None], limit: int | None) -> Request:
    select, exclude = (None if text is None else parse(text, campaigns=app.campaigns) for text in words)
    today = shop_day(app, the_moment(app))
    return Request(
        when or today,
        app.house.mode,
        past=when is not None and when != today,
        select=select,
        exclude=exclude,
        limit=limit,
    )


def _announce(here: Desk, app: App, night: date, dry: bool) -> None:
    facts = {"run": f"n-{night}", "mode": app.house.mode, **({"dry": "yes"} if dry else {})}
    here.screen.tell("\n".join(_banner(app, night, dry)), "nightly start", **facts)


def _banner(app: App, night: date, dry: bool) -> list[str]:
    """On a terminal it stands there before the work begins; in a page it comes first."""
    first = "DRY RUN · nothing is written, nothing is sent" if dry else MODES[app.house.mode.value]
    day_of = f"night of {night:%a} {night.day} {night:%b %Y} · outreach {__version__}"
    return [*wrapped(f"{app.house.shop.name} · {first}"), day_of]


def _teller(here: Desk) -> Any:
    words = {
        "found": "    found    {}",
        "decided": "  ✓ decided  {} candidates",
        "queued": "  ✓ rendered and queued  {} messages",
    }

    def tell(stage: str, said: str) -> None:
        if stage in words:
            about, _, count = said.rpartition(" ")
            campaign = {"campaign": about} if about else {}
            here.screen.tell(words[stage].format(said), f"nightly {stage}", **campaign, count=count.replace(",", ""))

    return tell


def _told(here: Desk, answer: Answer) -> Answer:
    """The last line of a log: the sums and the exit code."""
    sums = {name: answer.data[name] for name in ("found", "left_alone", "queued")}
    here.screen.tell("  ✓ done", "nightly done", **sums, problems=len(answer.findings), exit=answer.exit_code)
    return answer


def _answer(app: App, planned: Planned, *, dry: bool, samples: int = 0) -> Answer:
    report = the_night(app, planned.run_id)
    lines = _banner(app, report.run.night, dry)
    if not planned.fresh:
        lines += ["", f"  {_already(report)}"]
    needs, wait = night_needs(app)
    lines += [*page(report, would=dry or bool(planned.held)), *needs]
    warnings = [*planned.warnings, *(f"this night would be held: {why}" for why in planned.held if dry)]
    lines += [line for warning in warnings for line in ("", *wrapped(f"  ! {warning}", indent="    "))]
    if samples:
        lines += sample_lines(app, report.run.id, samples)
    found = {"dry_run": dry, "fresh": planned.fresh, "warnings": warnings, "needs_person": wait, **data(report)}
    if planned.held and not dry:
        return Answer("outreach.nightly/1", found, lines, 3, held(report))
    kept = report.because().get(Reason.TEMPLATE_PROBLEM.value, 0)
    if kept or planned.problems:
        return Answer("outreach.nightly/1", found, lines, 1, _kept(report, kept), planned.problems)
    return Answer("outreach.nightly/1", found, lines, next=[] if dry else _next(app, report))


def _kept(report: NightReport, kept: int) -> Unfinished:
    people = "1 customer is" if kept == 1 else f"{kept:,} customers are"
    problem = Unfinished("OUT-324", f"{people} kept for tomorrow: a template has a problem")
    problem.help = f"mend it, then: outreach retry {report.run.name}"
    problem.affects = kept
    return problem


def held(report: NightReport) -> Held:
    """Why a night waits, and what to type."""
    because = report.run.held_because
    name = report.run.name
    facts = (*because[1:], "nothing was queued")
    help_text = f'outreach report\nif it is right: outreach approve {name} --note "…"'
    return Held("OUT-320", because[0] if because else "this night waits for a person", facts=facts, help=help_text)


def _already(report: NightReport) -> str:
    if report.run.state is RunState.REJECTED:
        return f"{report.run.name} was rejected by a person; nothing was queued"
    if report.run.state is RunState.HELD:
        return f"{report.run.name} is held and waits for a person"
    return f"{report.run.name} was already done; nothing new was queued"


def _next(app: App, report: NightReport) -> list[str]:
    ready = report.states.get("ready", 0)
    if all(tally.state == "off" for tally in report.tallies):
        return ["outreach import --guess FILE...", "outreach doctor"]
    if not ready:
        return ["outreach report", "outreach status"]
    release = ["outreach release       (hands them to files on this machine)"] if app.house.mode is Mode.OUTBOX else []
    return ["outreach tonight       (every message, before it leaves)", *release, "outreach why CUSTOMER"]


def retry(
    ctx: typer.Context,
    run: Annotated[str, typer.Argument(metavar="RUN", help="like n-2026-11-14")],
    select: Annotated[str | None, typer.Option("--select", metavar="WORDS", help="only these campaigns")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="show what would happen")] = False,
    rejected: Annotated[bool, typer.Option("--rejected", help="instead: the messages a provider refused")] = False,
    unknown: Annotated[
        str, typer.Option("--unknown", metavar="m-1,m-2", help="instead: these of unknown fate; may reach people twice")
    ] = "",
) -> Answer:
    """Try again exactly those whom a template problem kept, after it was mended."""
    app = desk(ctx).open()
    if rejected or unknown:
        if dry_run or select:
            raise Misuse("OUT-600", "--rejected and --unknown go without --select and --dry-run")
        return queue_again(app, run, rejected=rejected, unknown=unknown)
    chosen: Selection | None = parse(select, campaigns=app.campaigns) if select else None
    with ExitStack() as stack:
        if dry_run:
            app = stack.enter_context(scratch_copy(app))
        else:
            require_ready(app)
            stack.enter_context(alone(app))
        planned = again.retry(app, run, select=chosen, tell=_teller(desk(ctx)))
        answer = _answer(app, planned, dry=dry_run)
    if not planned.fresh:
        lines = [f"Nothing in {run} waits to be tried again."]
        return Answer("outreach.nightly/1", answer.data, lines, next=["outreach report"])
    return answer


def approve(
    ctx: typer.Context,
    run: Annotated[str, typer.Argument(metavar="RUN", help="like n-2026-11-14")],
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="why it is right; kept with the run")] = "",
    limit: Annotated[
        int | None, typer.Option("--limit", metavar="N", min=1, help="queue at most N, the rest is left alone")
    ] = None,
    reject: Annotated[bool, typer.Option("--reject", help="say no: nothing of it is sent")] = False,
) -> Answer:
    """Let a held run go, with today's facts and opt-outs; or reject it. A note is required."""
    app = desk(ctx).open()
    if not note.strip():
        raise Misuse("OUT-323", "say why, for whoever looks later", help=f'outreach approve {run} --note "…"')
    with alone(app):
        if reject:
            levers.reject(app, run, note=note)
            return Answer(
                "outreach.approve/1", {"run": run, "rejected": True}, [f"{run} is rejected. Nothing was sent."]
            )
        require_ready(app)
        planned = again.approve(app, run, note=note, limit=limit, tell=_teller(desk(ctx)))
        return _answer(app, planned, dry=False)
