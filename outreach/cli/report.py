"""The command report: what a night found, decided and queued, and what needs a person."""

from typing import Annotated, Any

import typer

from outreach.cli.answer import Answer
from outreach.cli.desk import desk
from outreach.cli.nightpage import MODES, data, off_lines
from outreach.cli.reply_page import ANSWERS, needs_you
from outreach.cli.screen import table, wrapped
from outreach.core.reasons import WORDS
from outreach.core.terms import Reason, RunState
from outreach.flows.nightreport import Around, around
from outreach.flows.tonight import night_named
from outreach.store.reports import NightReport

_BAR = 32


def report(
    ctx: typer.Context,
    night: Annotated[
        str | None, typer.Argument(metavar="NIGHT", help="n-2026-11-14 or a date; none: the newest")
    ] = None,
) -> Answer:
    """What was found, decided and queued; every number adds up."""
    app = desk(ctx).open()
    found = night_named(app, night)
    if found is None:
        lines = ["No night has run yet, so there is nothing to report."]
        return Answer("outreach.report/1", {"run": None}, lines, next=["outreach nightly --dry-run"])
    more = around(app, found)
    run = found.run
    head = f"{app.house.shop.name} · night of {run.night:%a} {run.night.day} {run.night:%b %Y} · {_verdict(found)}"
    lines = [*wrapped(head), MODES[run.mode.value], ""]
    lines += [*_needs(found, more), "", *_night(found), *_because(found, more), *_answers(more), *_promises(more)]
    lines += off_lines(found)
    lines += _wishes(more)
    extra = {
        "since_last_night": more.earlier_states,
        "opt_outs": more.opt_outs,
        "undone_by_staff": [row.about for row in more.undone],
        "delivered_when_promised": {"kept": more.kept, "of": more.promised, "days": 30},
        "answered_when_promised": {"kept": more.answered, "of": more.promised_answers, "days": 30},
        "answers": more.answers,
        "letters": more.letters,
        "needs_person": more.needed.unanswered,
    }
    return Answer(
        "outreach.report/1", {**data(found), **extra}, lines, next=["outreach why CUSTOMER", "outreach tonight"]
    )


def _verdict(found: NightReport) -> str:
    if found.run.state is RunState.HELD:
        return "HELD"
    if found.because().get(Reason.TEMPLATE_PROBLEM.value):
        return "MEND a template"
    if found.run.state is RunState.RUNNING:
        return "broke off"
    return "all well" if found.run.state is RunState.DONE else found.run.state.value


def _needs(found: NightReport, more: Around) -> list[str]:
    needs = []
    if found.run.state is RunState.HELD:
        needs.append(f"the night is held: {'; '.join(found.run.held_because)}   outreach approve {found.run.name}")
    broken = found.because().get(Reason.TEMPLATE_PROBLEM.value)
    if broken:
        needs.append(f"{broken:,} people wait for a template to be mended   outreach retry {found.run.name}")
    undecided = sum(found.undecided.values())
    if undecided:
        needs.append(f"{undecided:,} of those found are not decided yet   outreach nightly")
    if more.unknown:
        needs.append(f"{more.unknown:,} messages whose fate nobody knows; ask the provider before writing again")
    needs += needs_you(more.at, more.needed)
    lines = [line for need in needs for line in wrapped(f"    {need}", indent="      ")]
    return ["  NEEDS YOU", *(lines or ["    Nothing needs you."])]


def _night(found: NightReport) -> list[str]:
    lines = [f"  THE NIGHT    found {found.found:,}"]
    most = max(found.left_alone, found.queued, 1)
    lines += [_bar("left alone", found.left_alone, most), _bar("queued", found.queued, most)]
    rows = [["campaign", "found", "left alone", "queued"]]
    on = [t for t in found.tallies if t.state != "off"]
    rows += [[t.campaign, f"{t.found:,}", f"{t.left_alone:,}", f"{t.queued:,}"] for t in on]
    if any(found.undecided.values()):
        for row, cell in zip(rows, ["not yet", *(f"{found.undecided.get(t.campaign, 0):,}" for t in on)], strict=True):
            row.append(cell)
    return [*lines, "", *table(rows, indent="    ")]


def _bar(word: str, count: int, most: int) -> str:
    return f"    {word:<11} {'█' * round(_BAR * count / most):<{_BAR}}  {count:>8,}"


def _because(found: NightReport, more: Around) -> list[str]:
    because = found.because()
    if not because:
        return []
    lines = ["", "  LEFT ALONE, because"]
    for reason, people in because.items():
        example = f"   such as {more.examples[reason]}" if reason in more.examples else ""
        lines += wrapped(f"    {people:>7,}  {WORDS[Reason(reason)]}{example}", indent=" " * 13)
    return lines


def _answers(more: Around) -> list[str]:
    """What came back since the night before; a letter is what a person had to read."""
    said = [f"{ANSWERS.get(answer, answer)} {count:,}" for answer, count in sorted(more.answers.items())]
    letters = "1 letter" if more.letters == 1 else f"{more.letters:,} letters"
    said += [f"{letters} for a person"] if more.letters else []
    return ["", *wrapped(f"  ANSWERS since the night before   {', '.join(said)}", indent="    ")] if said else []


def _promises(more: Around) -> list[str]:
    kept = [("delivered when promised", more.kept, more.promised)]
    kept += [("answered when promised", more.answered, more.promised_answers)]
    rows = [(what, f"{100 * n / of:.1f} %", f"{n:,} of {of:,}") for what, n, of in kept if of]
    return ["", "  PROMISES, 30 days", *table(rows, indent="    ")] if rows else []


def _wishes(more: Around) -> list[str]:
    lines: list[str] = []
    if more.earlier_states:
        parts = ", ".join(f"{count:,} {state}" for state, count in more.earlier_states.items())
        lines += ["", *wrapped(f"  THE NIGHT BEFORE   {parts}", indent="    ")]
    if more.opt_outs:
        lines += ["", f"  ASKED US TO STOP   {more.opt_outs:,} since the night before"]
    lines += [line for row in more.undone for line in _undone(row)]
    return lines


def _undone(row: Any) -> list[str]:
    said = row.detail.get("customer_asked", "")
    return wrapped(f'  BACK ON   {row.about}, by {row.actor}, because the customer asked: "{said}"', indent="    ")
