"""The command doctor: is everything in place for the chosen mode?"""

import typer

from outreach.cli.answer import Answer
from outreach.cli.desk import desk
from outreach.cli.screen import wrapped
from outreach.core.terms import Mode
from outreach.flows.readiness import checks

_SIGN = {"ok": "✓", "think": "!", "bad": "✗"}


def doctor(ctx: typer.Context) -> Answer:
    """Check that everything needed is in place. Writes to no customer."""
    app = desk(ctx).open()
    found = checks(app)
    lines = [f"{app.house.shop.name} · mode {app.house.mode.value}", ""]
    for check in found:
        lines += wrapped(f"  {_SIGN[check.state]} {check.name:<18} {check.said}", indent=" " * 23)
        if check.mend and check.state != "ok":
            lines += wrapped(f"{'':23}mend: {check.mend}", indent=" " * 29)
    bad = sum(check.state == "bad" for check in found)
    think = sum(check.state == "think" for check in found)
    things = f"{bad} thing{'' if bad == 1 else 's'} to do before mode: live" if bad else "Nothing stands in the way"
    lines += ["", f"{things}. {think} to think about."]
    stops = bad and app.house.mode is not Mode.OUTBOX
    data = {
        "mode": app.house.mode,
        "ready_for_live": not bad,
        "checks": [{"name": c.name, "state": c.state, "said": c.said, "mend": c.mend or None} for c in found],
    }
    return Answer("outreach.doctor/1", data, lines, 1 if stops else 0, next=["outreach nightly --dry-run"])
