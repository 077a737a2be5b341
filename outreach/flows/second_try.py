"""How does a person send messages once more that a provider refused, or whose fate nobody knows?

Refused ones surely did not reach anybody. Of those in doubt nobody can say, so each is named by a person, one by one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from outreach.core.errors import Misuse
from outreach.core.terms import MessageState, Mode
from outreach.flows.app import App
from outreach.flows.levers import named_run
from outreach.store import audits, second_try
from outreach.store.engine import now, writing


@dataclass(frozen=True, slots=True)
class Queued:
    """How many wait again, and how many of the others would come too late."""

    queued: int
    too_late: int


def once_more(app: App, run: str, *, unknown: Sequence[int] = ()) -> Queued:
    """Queue a run's refused messages again; or, with `unknown`, exactly these of unknown fate.

    What a wish, a hold, a pause or later facts forbid is still asked when they are claimed. Raises Misuse: OUT-322 no
    such run, OUT-332 a message that is not of unknown fate.
    """
    with writing(app.engine) as c:
        found, at = named_run(app, c, run), now(c)
        if unknown:
            state, ended = MessageState.UNKNOWN, second_try.unknown(c, found.id, unknown, at)
            _all_there(unknown, [row.id for row in ended], run)
        else:
            state, ended = MessageState.REJECTED, second_try.rejected(c, found.id, at)
        clock = app.house.mode is not Mode.OUTBOX
        good = [row for row in ended if not (clock and row.useless)]
        queued = second_try.back(c, good, state, at=at)
        about = {"state": state.value, "messages": [row.id for row in good]}
        if queued:
            audits.write(c, at, "retry", run, about)
    return Queued(queued, len(ended) - len(good))


def _all_there(asked: Sequence[int], found: Sequence[int], run: str) -> None:
    if lacking := sorted(set(asked) - set(found)):
        names = ", ".join(f"m-{i}" for i in lacking)
        said = f"of unknown fate in {run} there is no {names}"
        raise Misuse("OUT-332", said, facts=("nothing was queued",), help="outreach status --json    (lists them)")
