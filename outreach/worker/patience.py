"""How long is a database waited for that does not answer when the worker starts?"""

import time
from collections.abc import Callable
from typing import TypeVar

from outreach.core.errors import Busy

T = TypeVar("T")
#: In seconds; then the worker ends with 75, and whoever started it tries again.
PATIENCE = 60.0


def opened(open_it: Callable[[], T], *, patience: float) -> T:
    """What is opened, waiting for a database that does not answer. Raises Busy (exit 75) when that takes too long."""
    wait, end = 0.25, time.monotonic() + patience
    while True:
        try:
            return open_it()
        except Busy:
            if time.monotonic() + wait > end:
                raise
        time.sleep(wait)
        wait = min(wait * 2, 5.0)
