"""Where does a fault in the program itself go? Its trace into .outreach/faults, its kind and the path into the log.

A trace may quote a row, so it is never printed.
"""

import os
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from outreach.observe.logs import logger

Hook = Callable[[type[BaseException], BaseException, TracebackType | None], None]


def kept(project: Path) -> Hook:
    """What `sys.excepthook` may be set to."""

    def keep(kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
        folder = project / ".outreach" / "faults"
        path = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}.txt"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
            where = path.name
        except OSError:
            where = "could not be saved"
        logger("faults").critical("a fault in outreach itself", kind=kind.__name__, trace=where)

    return keep
