"""Does a night go out when there is no Redis to speak of, by the worker as people start it?"""

import pytest

from tests.faults.scene import tell
from tests.faults.stand import Stand


@pytest.mark.parametrize("redis", ["", "redis://127.0.0.1:1/0"], ids=["embedded", "dead"])
def test_all_is_sent_without_redis(stand: Stand, redis: str) -> None:
    if redis:
        tell(stand.scene.project, {"OUTREACH_REDIS_URL": redis})
    end = stand.crew.run("work", order={"until_empty": True})
    assert end.well, stand.crew.log.read_text()[-2000:]
    verdict = stand.verdict()
    assert verdict.good, str(verdict)
    assert verdict.states == {"accepted": verdict.messages}
