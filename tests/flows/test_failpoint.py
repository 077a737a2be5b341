"""Does a process end where it was told to, and only there?"""

import subprocess
import sys

import pytest

from outreach.core.errors import Misuse
from outreach.flows import failpoint
from tests.flows.stage import ROOT

TRIES = (
    "from outreach.flows import failpoint as f; f.arm({!r}); [f.reached('after_claim') for _ in range(3)]; print('x')"
)


@pytest.mark.parametrize(
    ("text", "code"),
    [("after_claim", -9), ("after_claim:kill:3", -9), ("after_claim:kill:4", 0), ("after_handed", 0), ("", 0)],
)
def test_it_ends_at_its_point(text: str, code: int) -> None:
    done = subprocess.run([sys.executable, "-c", TRIES.format(text)], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == code, done.stderr


@pytest.mark.parametrize("text", ["after_lunch", "after_claim:explode", "after_claim:kill:often"])
def test_a_point_there_is_not(text: str) -> None:
    with pytest.raises(Misuse) as refused:
        failpoint.arm(text)
    assert refused.value.code == "OUT-432"
