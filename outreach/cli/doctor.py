"""The command doctor: is everything in place for the chosen mode?"""

from typing import Annotated, Any

import typer

from outreach.cli.answer import Answer
from outreach.cli.desk import desk
from outreach.cli.screen import wrapped
from outreach.flows.app import App
from outreach.flows.epoch import confirm_restore
from outreach.flows.readiness import asked, checks, in_the_way

_SIGN = {"ok": "✓", "think": "!", "bad": "✗"}
_Confirm = Annotated[
    bool, typer.Option("--confirm-restore", help="This database is the right one: go on sending from it")
]


def doctor(ctx: typer.Context, confirm: _Confirm = False) -> Answer:
    """Check that everything needed is in place. Writes to no customer."""
    app = desk(ctx).open()
    if confirm:
        return _confirmed(app)
    found = [*checks(app), *asked(app)]
    lines = [f"{app.house.shop.name} · mode {app.house.mode.value}", ""]
    for check in found:
        lines += wrapped(f"  {_SIGN[check.state]} {check.name:<18} {check.said}", indent=" " * 23)
        if check.mend and check.state != "ok":
            lines += wrapped(f"{'':23}mend: {check.mend}", indent=" " * 29)
    bad = sum(check.state == "bad" for check in found)
    think = sum(check.state == "think" for check in found)
    things = f"{bad} thing{'' if bad == 1 else 's'} to do before mode: live" if bad else "Nothing stands in the way"
    lines += ["", f"{things}. {think} to think about."]
    data: dict[str, Any] = {
        "mode": app.house.mode,
        "ready_for_live": not bad,
        "checks": [{"name": c.name, "state": c.state, "said": c.said, "mend": c.mend or None} for c in found],
    }
    code = 1 if in_the_way(found, app.house.mode) else 0
    return Answer("outreach.doctor/1", data, lines, code, next=["outreach nightly --dry-run"])


def _confirmed(app: App) -> Answer:
    """A person answers for the database."""
    done = confirm_restore(app)
    lines = [f"{app.house.shop.name} · mode {app.house.mode.value}", ""]
    lines += wrapped("  This database is the one to send from, as you say. It got a new id.", indent="  ")
    if done.unknown:
        said = f"  {done.unknown:,} messages may have left before the backup was made; they are not sent again."
        lines += wrapped(said, indent="  ")
    data = {"mode": app.house.mode, "instance": done.instance, "unknown": done.unknown}
    return Answer("outreach.restore/1", data, lines, next=["outreach doctor", "outreach status"])
