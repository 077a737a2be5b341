"""What does one stage of a night cost? Each runs in a process of its own: `python -m tests.bench._stages STAGE ...`.

Prints one JSON document: what `_clock.Measured` holds.
"""

import contextlib
import json
import sys
from collections.abc import Callable
from pathlib import Path

from tests.bench import _deciding, _finding, _leaving
from tests.bench._clock import Measured

STAGES: dict[str, Callable[[Path, str], Measured]] = {
    "import": _finding.take_in,
    "parse": _finding.parse,
    "scan": _finding.scan,
    "history": _finding.history,
    "find": _finding.find,
    "decide": _deciding.weigh,
    "plan": _deciding.plan_all,
    "render": _leaving.render_all,
    "record": _leaving.record,
    "files": _leaving.files,
    "night": _leaving.night,
}

if __name__ == "__main__":
    with contextlib.redirect_stdout(sys.stderr):
        result = STAGES[sys.argv[1]](Path(sys.argv[2]), sys.argv[3])
    print(json.dumps(result.plain()))
