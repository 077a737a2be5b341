"""How does a person stop things? Pause, hold, strike out: all effective at hand-off."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from outreach.core.errors import Misuse
from outreach.core.terms import RunState
from outreach.flows.app import App
from outreach.flows.opt_out import customers_meant
from outreach.store import audits, levers, runs
from outreach.store.engine import now, writing


@dataclass(frozen=True, slots=True)
class Struck:
    """How many messages were struck out, and of how many that waited."""

    cancelled: int
    about: str


def pause(app: App, campaign: str, *, because: str) -> int:
    """Let nothing of a campaign ('' for all) leave. Returns how many messages now wait behind it."""
    _known(app, campaign)
    with writing(app.engine) as c:
        at = now(c)
        levers.pause(c, campaign, because=because, at=at)
        audits.write(c, at, "pause", campaign or "everything", {"because": because})
        return levers.waiting(c, campaign)


def resume(app: App, campaign: str) -> bool:
    """Lift a pause. False when there was none."""
    _known(app, campaign)
    with writing(app.engine) as c:
        lifted = levers.resume(c, campaign)
        audits.write(c, now(c), "resume", campaign or "everything", {"was_paused": lifted})
        return lifted


def hold(app: App, word: str, *, until: date | None, because: str) -> tuple[str, int]:
    """Leave one customer alone (`on_hold`) until a date or for good. Returns (key, messages cancelled)."""
    with writing(app.engine) as c:
        row = one_customer(app, c, word)
        at = now(c)
        cancelled = levers.hold(c, row.id, until=until, because=because, at=at)
        audits.write(c, at, "hold", row.key, {"until": until.isoformat() if until else None, "because": because})
        return row.key, cancelled


def release_hold(app: App, word: str) -> tuple[str, bool]:
    """End a hold. Returns (key, whether there was one)."""
    with writing(app.engine) as c:
        row = one_customer(app, c, word)
        ended = levers.release(c, row.id)
        audits.write(c, now(c), "hold.end", row.key, {"was_held": ended})
        return row.key, ended


def strike(app: App, what: str) -> Struck:
    """Strike out waiting messages: `m-12`, a campaign's name, or `all`. What has left cannot be called back."""
    with writing(app.engine) as c:
        at = now(c)
        if what.startswith("m-") and what[2:].isdigit():
            state = levers.state_of(c, int(what[2:]))
            if state is None:
                raise Misuse("OUT-330", f"there is no message {what}", help="outreach tonight    (lists them)")
            cancelled = levers.cancel(c, message=int(what[2:]), because="struck out by a colleague", at=at)
            if not cancelled:
                raise Misuse("OUT-331", f"{what} no longer waits: it is {state}", help=f"outreach show {what}")
        else:
            campaign = None if what == "all" else what
            _known(app, campaign or "")
            cancelled = levers.cancel(c, campaign=campaign, because="struck out by a colleague", at=at)
        audits.write(c, at, "strike", what, {"cancelled": cancelled})
        return Struck(cancelled, what)


def reject(app: App, name: str, *, note: str) -> None:
    """Say no to a held run. Raises Misuse (OUT-321) when it is not held."""
    with writing(app.engine) as c:
        run = held_run(app, c, name)
        at = now(c, timedelta(seconds=run.offset_seconds))
        runs.set_run(c, run.id, state=RunState.REJECTED.value, note=note, finished_at=at)
        audits.write(c, at, "reject", name, {"note": note})


def held_run(app: App, c: Any, name: str) -> runs.Run:
    """A run by its name that waits for a person. Raises Misuse (OUT-321)."""
    run = named_run(app, c, name)
    if run.state is not RunState.HELD:
        raise Misuse("OUT-321", f"{name} is not held; it is {run.state.value}", help="outreach status")
    return run


def named_run(app: App, c: Any, name: str) -> runs.Run:
    """`n-2026-11-14` in the shop's mode. Raises Misuse (OUT-322)."""
    try:
        night = date.fromisoformat(name.removeprefix("n-"))
    except ValueError:
        raise Misuse("OUT-322", f'"{name}" is not a run; runs are called like n-2026-11-14') from None
    run = runs.get(c, night=night, mode=app.house.mode)
    if run is None:
        raise Misuse("OUT-322", f"there is no run n-{night} in {app.house.mode.value} mode", help="outreach status")
    return run


def one_customer(app: App, c: Any, word: str) -> Any:
    """The one customer a word means. Raises Misuse (OUT-501) for nobody, (OUT-503) for several."""
    found = customers_meant(app, c, word)
    if not found:
        help_text = "give a customer's key, an order number, an email or a phone number"
        raise Misuse("OUT-501", "no customer here is meant by that", help=help_text)
    if len(found) > 1:
        keys = ", ".join(row.key for row in found[:5]) + (", ..." if len(found) > 5 else "")
        raise Misuse("OUT-503", f"{len(found)} customers share that address: {keys}", help="name one of them by key")
    return found[0]


def _known(app: App, campaign: str) -> None:
    if campaign and campaign not in app.campaigns:
        known = ", ".join(app.campaigns)
        raise Misuse(
            "OUT-620",
            f'no campaign is called "{campaign}"',
            facts=(f"there are {known}",),
            help="outreach report    (lists them)",
        )
