"""Who asked to be left alone, over all? And is there an older list somewhere else?"""

from typing import Any

from outreach.flows.app import App
from outreach.store import audits, wishes
from outreach.store.engine import now, reading, writing


def newest(app: App, *, limit: int = 50) -> tuple[int, list[Any]]:
    """(addresses under a wish, the newest of them)."""
    with reading(app.engine) as c:
        return wishes.count(c), wishes.every(c, limit=limit)


def declare_none(app: App) -> None:
    """The shop says that nobody asked before: doctor wants to know either way."""
    with writing(app.engine) as c:
        audits.write(c, now(c), "optout.none", "older list", {})
        audits.declare(c, "optout_list", f"declared not to exist by {audits.actor()}")
