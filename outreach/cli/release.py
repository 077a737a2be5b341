"""The command release: what is due leaves (outbox mode), or the workers hear of it."""

from dataclasses import asdict, replace

import typer

from outreach.cli.answer import Answer
from outreach.cli.desk import desk
from outreach.core.terms import Mode
from outreach.flows.app import App
from outreach.flows.forwarding import Forwarded, forward
from outreach.flows.readiness import require_ready
from outreach.flows.release import Released
from outreach.flows.release import release as sweep
from outreach.flows.send import hand_over
from outreach.flows.tonight import waiting
from outreach.flows.walls import tell as tell_lists
from outreach.settings import read_environment
from outreach.worker.address import namespace, redis_url, teller


def release(ctx: typer.Context) -> Answer:
    """Outbox mode: hand every waiting message to files on this machine, each at its own hour. Else: one sweep, which
    frees what a dead worker held, settles old doubts, and tells the workers what is due. Safe at any time."""
    app = desk(ctx).open()
    require_ready(app)
    forwarded = forward(app)
    tell_lists(app)
    answer = _to_files(app) if app.house.mode is Mode.OUTBOX else _swept(app)
    data, lines = {**answer.data, "forwarded": asdict(forwarded)}, [*_forwarded(forwarded), *answer.lines]
    return replace(answer, data=data, lines=lines)


def _forwarded(done: Forwarded) -> list[str]:
    """What people wrote, on its way to the shop's own mailbox."""
    words = {
        "sent": "that people wrote went on to the shop's mailbox",
        "waiting": "for the shop's mailbox could not be sent and wait",
        "refused": "for the shop's mailbox were given up; the log says why",
    }
    return [f"  {count:>7,}  {words[name]}" for name, count in asdict(done).items() if count]


def tell_workers(app: App) -> tuple[Released, bool]:
    """One sweep, and whether every hint was heard. The workers find what is due without one too."""
    url = redis_url(read_environment(app.project))
    tell = teller(url, namespace(app.secrets.pepper, app.house.mode.value))
    heard: list[bool] = []
    return sweep(app, lambda ids: heard.append(tell(ids))), all(heard)


def _to_files(app: App) -> Answer:
    states = hand_over(app).states
    total = sum(states.values())
    lines = [f"{total:,} message{'' if total == 1 else 's'} came to be handed over."] if total else ["Nothing was due."]
    lines += [f"Paused: {row.campaign or 'everything'}. outreach resume lifts it." for row in waiting(app).paused]
    lines += [f"  {count:>6,}  {state}" for state, count in sorted(states.items(), key=lambda p: -p[1])]
    if states.get("accepted"):
        lines.append("They are in .outreach/outbox.")
    return Answer("outreach.release/1", {"mode": app.house.mode, "states": states}, lines, next=["outreach status"])


def _swept(app: App) -> Answer:
    released, heard = tell_workers(app)
    done = asdict(released)
    words = {
        "freed": "held by a dead worker wait again",
        "doubted": "were handed over by a dead worker: in doubt",
        "expired": "came too late and are not sent",
        "unknown": "got no word for a day: unknown, for a person",
        "found": "in doubt were taken after all",
        "again": "in doubt were surely not taken and wait again",
        "hinted": f"are due; {'the workers were told' if heard else 'the workers see it when they look next'}",
    }
    lines = [f"  {done[name]:>7,}  {said}" for name, said in words.items() if done[name]]
    next_up = ["outreach status", "outreach worker"] if done["hinted"] else ["outreach status"]
    data = {"mode": app.house.mode, "swept": done}
    return Answer("outreach.release/1", data, lines or ["Nothing was due, and nothing lay about."], next=next_up)
