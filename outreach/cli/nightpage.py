"""How does a night look on a screen? The same numbers for nightly, report and JSON."""

from typing import Any

from outreach.cli.screen import table, wrapped
from outreach.core.reasons import WORDS
from outreach.core.terms import Channel, Reason
from outreach.store.reports import NightReport

#: What the first line of a page says of a mode.
MODES = {
    "outbox": "OUTBOX, nothing leaves this machine",
    "team": "TEAM, only to teammates",
    "live": "LIVE, customers get these",
}


def page(report: NightReport, *, would: bool = False) -> list[str]:
    """The table, why people were left alone, the hours, and what is switched off."""
    queue = "Would queue" if would else "Queued"
    lines = ["", *_campaigns(report, queue)]
    because = report.because()
    if because:
        total = f"{report.left_alone:,}"
        was = "would be" if would else "was" if report.left_alone == 1 else "were"
        lines += ["", f"  Why {total} {was} left alone", *_reasons(because)]
    if report.messages:
        lines += ["", *_when(report)]
    return lines + off_lines(report)


def _campaigns(report: NightReport, queue: str) -> list[str]:
    rows = [("Campaign", "Found", "Left alone", queue, "Email", "Text")]
    open_too = any(report.undecided.values())
    if open_too:
        rows[0] = (*rows[0], "Not yet")  # type: ignore[assignment]
    for tally in report.tallies:
        if tally.state != "off":
            per = report.by_channel.get(tally.campaign, {})
            row = (tally.campaign, _n(tally.found), _n(tally.left_alone), _n(tally.queued), *_channels(per))
            rows.append((*row, _n(report.undecided.get(tally.campaign, 0))) if open_too else row)  # type: ignore[arg-type]
    per_all = {c.value: sum(p.get(c.value, 0) for p in report.by_channel.values()) for c in Channel}
    last = ("All", _n(report.found), _n(report.left_alone), _n(report.queued), *_channels(per_all))
    rows.append((*last, _n(sum(report.undecided.values()))) if open_too else last)  # type: ignore[arg-type]
    return table(rows)


def _channels(per: dict[str, int]) -> tuple[str, str]:
    return tuple(_n(per[c.value]) if per.get(c.value) else "–" for c in (Channel.EMAIL, Channel.TEXT))  # type: ignore[return-value]


def _n(count: int) -> str:
    return f"{count:,}"


def _reasons(because: dict[str, int]) -> list[str]:
    width = max(len(_n(n)) for n in because.values())
    return [f"    {_n(n):>{width}}  {WORDS[Reason(reason)]}" for reason, n in because.items()]


def _when(report: NightReport) -> list[str]:
    now = report.messages - report.later
    parts = f"  When      {now:,} now, {report.later:,} in each customer's own hours"
    lines = [parts]
    texts = sum(per.get(Channel.TEXT.value, 0) for per in report.by_channel.values())
    if texts:
        lines.append(f"  Texts     {_count(texts, 'message')} in {_count(report.text_parts, 'part')}")
    if report.fallbacks:
        lines.append(f"  Language  {_count(report.fallbacks, 'message')} not in the customer's own language")
    if report.messages != report.queued and report.messages:
        lines.append(f"  Messages  {report.messages:,}: orders of one customer share one message")
    return lines


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"


def off_lines(report: NightReport) -> list[str]:
    """Campaigns the records cannot carry tonight, with the gap and the mend; and gaps worth knowing."""
    lines: list[str] = []
    for tally in report.tallies:
        if tally.gap:
            state = "switched off" if tally.state == "off" else "runs, but"
            lines += wrapped(f"  {tally.campaign} {state}: {tally.gap}", indent="    ")
            lines += wrapped(f"    mend: {tally.mend}", indent="          ")
        if tally.state == "stopped":
            lines += wrapped(f"  {tally.campaign} stopped for tonight: too many of its messages failed", indent="    ")
    return ["", *lines] if lines else []


def data(report: NightReport) -> dict[str, Any]:
    """The fields of outreach.nightly/1; found = left_alone + queued + undecided."""
    run = report.run
    by_channel = {c.value: sum(per.get(c.value, 0) for per in report.by_channel.values()) for c in Channel}
    return {
        "run": run.name,
        "night": run.night,
        "mode": run.mode,
        "state": run.state,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "found": report.found,
        "left_alone": report.left_alone,
        "queued": report.queued,
        "undecided": sum(report.undecided.values()),
        "messages": report.messages,
        "campaigns": {t.campaign: _campaign(report, t) for t in report.tallies},
        "left_alone_because": report.because(),
        "queued_by_channel": by_channel,
        "text_parts": report.text_parts,
        "fallback_language": report.fallbacks,
        "held_because": list(run.held_because),
        "message_states": report.states,
    }


def _campaign(report: NightReport, tally: Any) -> dict[str, Any]:
    return {
        "state": tally.state,
        "found": tally.found,
        "left_alone": tally.left_alone,
        "queued": tally.queued,
        "undecided": report.undecided.get(tally.campaign, 0),
        "left_alone_because": tally.because,
        "gap": tally.gap,
        "mend": tally.mend,
    }
