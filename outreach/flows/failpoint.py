"""Where can this program be made to die, to show that nothing is lost by it? (faults.md)

OUTREACH_FAIL_AT=NAME[:kill|stop][:N] ends (SIGKILL) or halts (SIGSTOP) this process when it reaches that point for
the Nth time. The edge that read the environment arms it; unarmed, a point costs one comparison.
"""

import os
import signal
from dataclasses import dataclass

from outreach.core.errors import Misuse

POINTS = (
    "after_claim",
    "after_handed",
    "after_accept",
    "before_record",
    "after_record",
    "mid_sweep",
    "after_release_hint",
    "before_heard",
    "after_heard",
    "after_silenced",
    "after_files",
    "after_emptied",
)
_SIGNALS = {"kill": signal.SIGKILL, "stop": signal.SIGSTOP}


@dataclass(slots=True)
class _Armed:
    name: str = ""
    how: signal.Signals = signal.SIGKILL
    left: int = 0


#: One per process: a process dies once.
_armed = _Armed()


def arm(text: str) -> None:
    """Set the point by its text; empty: none. Raises Misuse (OUT-432) for a name there is not."""
    name, _, rest = text.partition(":")
    how, _, count = rest.partition(":")
    if text and (name not in POINTS or (how or "kill") not in _SIGNALS or not (count or "1").isdigit()):
        said = f"OUTREACH_FAIL_AT={text} is no point this program can fail at"
        raise Misuse("OUT-432", said, facts=(f"there are {', '.join(POINTS)}",), help="unset OUTREACH_FAIL_AT")
    _armed.name, _armed.how, _armed.left = name, _SIGNALS[how or "kill"], int(count or "1")


def reached(name: str) -> None:
    """This process is at a point where it may have to end."""
    if name == _armed.name:
        _armed.left -= 1
        if _armed.left == 0:
            os.kill(os.getpid(), _armed.how)
