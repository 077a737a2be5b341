"""How does a healthcheck hear of a night, and the workers of what it queued?"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from outreach.cli.answer import Answer
from outreach.cli.main import Terminated
from outreach.cli.release import tell_workers
from outreach.core.errors import Problem
from outreach.core.terms import Mode
from outreach.flows.app import App
from outreach.observe.pings import Pinged


@dataclass
class Night:
    """A night somebody watches over."""

    _pinged: Pinged

    def ended(self, answer: Answer) -> Answer:
        """How it ended: its exit code, and its sums in words."""
        found = answer.data
        self._pinged.code = answer.exit_code
        self._pinged.summary = "\n".join(f"{key}: {found[key]}" for key in _SAID if key in found)
        return answer


_SAID = ("run", "mode", "found", "left_alone", "queued")


@contextmanager
def watched(app: App, *, real: bool) -> Iterator[Night]:
    """Ping `monitor.ping_url` at the start and the end of a real night; afterwards the workers hear of it. A night
    that is played or dry is nobody's concern."""
    with Pinged(app.house.monitor.ping_url if real else "", code_of=_code_of) as pinged:
        yield Night(pinged)
    if real and app.house.mode is not Mode.OUTBOX:
        with suppress(Problem):  # the night is done; whoever sweeps next says what is wrong
            tell_workers(app)


def _code_of(error: BaseException) -> int:
    """The exit code a command that ends like this will have."""
    if isinstance(error, Problem):
        return error.exit_code
    if isinstance(error, KeyboardInterrupt):
        return 130
    return 143 if isinstance(error, Terminated) else 70
