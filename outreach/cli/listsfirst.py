"""What did providers hear from customers that we did not? Their own lists are read before a night decides."""

from outreach.cli.screen import Screen
from outreach.flows import walls
from outreach.flows.app import App


def lists_first(app: App, screen: Screen) -> str | None:
    """Read them, and say so. Returns why one could not be read, or None: marketing waits then."""
    pulled = walls.pull(app)
    for one in pulled:
        facts = {"provider": one.provider, "new": one.new, "problem": one.problem or "none"}
        if one.problem:
            screen.tell(f"  ✗ {one.provider}'s own opt-outs could not be read: {one.problem}", "nightly lists", **facts)
        else:
            screen.tell(f"  ✓ {one.provider}'s own opt-outs read first  {one.new:,} new", "nightly lists", **facts)
        if one.set_aside:
            said = f"  ! {one.set_aside:,} of them could not be understood   outreach replies"
            screen.tell(said, "nightly set aside", provider=one.provider, count=one.set_aside)
    unread = [
        f"{one.provider}'s own list of opt-outs could not be read ({one.problem})" for one in pulled if one.problem
    ]
    return "; ".join(unread) or None
