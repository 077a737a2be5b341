"""How does a person read where the send stands?"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from outreach.cli.screen import wrapped
from outreach.core.terms import MessageState, Mode
from outreach.flows.outlook import Lane, Outlook
from outreach.flows.presence import Presence

_INDENT = " " * 12


def send_lines(now: Outlook, mode: Mode) -> list[str]:
    """Each provider, the workers, and what nobody knows the fate of."""
    lines = [line for lane in now.lanes for line in _lane_lines(lane, now.at)]
    return [*lines, *_worker_lines(now, mode), *_doubt_lines(now), *_heard_lines(now)]


def _lane_lines(lane: Lane, at: datetime) -> list[str]:
    sign, words = ("✗" if lane.stop else "✓"), _facts(lane, at)
    return wrapped(f"  {lane.provider:<9} {sign} {lane.channel.value}: {' · '.join(words)}", indent=_INDENT)


def _facts(lane: Lane, at: datetime) -> list[str]:
    words = []
    if lane.stop is not None:
        since = f" since {_hour(lane.stop.since, at)}" if lane.stop.since else ""
        because = f" ({lane.stop.because})" if lane.stop.because else ""
        words.append(f"takes nothing{since}{because}")
        until = lane.stop.until
        words.append(
            "waits for a person" if lane.stop.needs_person else f"next try {_hour(until, at)}" if until else ""
        )
    if lane.today or not lane.stop:
        words.append(f"{lane.today:,} handed over today")
    if lane.under_way:
        words.append(f"{lane.under_way:,} under way")
    return [word for word in [*words, *_waits(lane, at)] if word]


def _waits(lane: Lane, at: datetime) -> list[str]:
    if not lane.wait:
        return ["nothing waits"]
    words = [f"{lane.wait:,} wait{'s' if lane.wait == 1 else ''}, {lane.due:,} due now"]
    if lane.next is not None and lane.due < lane.wait:
        words.append(f"the next from {_hour(lane.next, at)}")
    if lane.useless is not None:
        words.append(f"the first is useless after {_day(lane.useless)}")
    return words


def _worker_lines(now: Outlook, mode: Mode) -> list[str]:
    awake = [w for w in now.workers if not w.silent]
    lines = []
    if awake:
        lines.append(f"  Worker    ✓ {len(awake)} running, last seen {_ago(awake[0].ago)} ago")
    elif mode is not Mode.OUTBOX:
        lines.append("  Worker    ✗ none is running: what is due waits for outreach worker")
    for one in (w for w in now.workers if w.silent):
        lines += wrapped(f"  Worker    ! {one.owner} fell silent {_ago(one.ago)} ago", indent=_INDENT)
    return lines


def _doubt_lines(now: Outlook) -> list[str]:
    lines = []
    if waits := now.doubts.get(MessageState.IN_DOUBT.value, 0):
        said = f"  In doubt  ! {waits:,}: the provider did not answer; its own word is waited for, a day at most"
        lines += wrapped(said, indent=_INDENT)
    if lost := now.doubts.get(MessageState.UNKNOWN.value, 0):
        names = [f"m-{row.id}" for row in now.in_doubt if row.state == MessageState.UNKNOWN][:5]
        more = " ..." if lost > len(names) else ""
        said = f"  Unknown   ! {lost:,}: no word came, and none is sent again by itself: {' '.join(names)}{more}"
        lines += wrapped(said, indent=_INDENT)
    return lines


def _heard_lines(now: Outlook) -> list[str]:
    lines = []
    for provider, untold in now.untold.items():
        said = f" ({untold.said})" if untold.said else ""
        many = f"{untold.wishes:,} wish{'' if untold.wishes == 1 else 'es'}"
        said = f"{many} its own list has yet to be told of, since {_hour(untold.since, now.at)}{said}"
        lines += wrapped(f"  {provider:<9} ! {said}", indent=_INDENT)
    if now.puzzling:
        said = f"  Inbox     ! {now.puzzling:,} of the last week could not be understood; they are kept"
        lines += wrapped(said, indent=_INDENT)
    return lines


def send_data(now: Outlook) -> dict[str, Any]:
    """The same as values."""
    return {
        "providers": [_lane_data(lane) for lane in now.lanes],
        "workers": [_worker_data(worker) for worker in now.workers],
        "in_doubt": now.doubts.get(MessageState.IN_DOUBT.value, 0),
        "unknown": now.doubts.get(MessageState.UNKNOWN.value, 0),
        "of_unknown_fate": _named(now.in_doubt),
        "lists_to_be_told": {name: untold.wishes for name, untold in now.untold.items()},
        "not_understood": now.puzzling,
    }


def _lane_data(lane: Lane) -> dict[str, Any]:
    stop = lane.stop
    return {
        "provider": lane.provider,
        "channel": lane.channel,
        "stopped": stop is not None,
        "since": stop.since if stop else None,
        "because": stop.because if stop else None,
        "next_try": stop.until if stop and not stop.needs_person else None,
        "needs_person": bool(stop and stop.needs_person),
        "due": lane.due,
        "waiting": lane.wait,
        "under_way": lane.under_way,
        "handed_over_today": lane.today,
        "next": lane.next,
        "first_useless": lane.useless,
    }


def _worker_data(worker: Presence) -> dict[str, Any]:
    return {
        "owner": worker.owner,
        "channels": list(worker.channels),
        "started_at": worker.started_at,
        "last_seen_seconds_ago": round(worker.ago.total_seconds()),
        "silent": worker.silent,
    }


def _named(rows: Sequence[Any]) -> list[dict[str, Any]]:
    return [
        {"message": f"m-{row.id}", "state": row.state, "campaign": row.campaign, "since": row.doubt_since}
        for row in rows
    ]


def _hour(moment: datetime | None, at: datetime) -> str:
    """The hour alone when it is of this day."""
    if moment is None:
        return "–"
    return f"{moment:%H:%M} UTC" if moment.date() == at.date() else _day(moment)


def _day(moment: datetime) -> str:
    return f"{moment:%a %d %b %H:%M} UTC"


def _ago(ago: timedelta) -> str:
    seconds = max(0, round(ago.total_seconds()))
    if seconds < 120:
        return f"{seconds} s"
    return f"{seconds // 60} min" if seconds < 7_200 else f"{seconds // 3_600} h"
