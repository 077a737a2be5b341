"""Does a healthcheck hear of a real night, and of no other, and do the workers hear what is due?"""

import queue

import redis

from outreach.cli.release import tell_workers
from tests.cli.screens import Type
from tests.flows.stage import NIGHT, Stage
from tests.observe.test_pings import Healthcheck, check  # noqa: F401 - a fixture


def watch(stage: Stage, check: Healthcheck) -> None:  # noqa: F811
    config = stage.project / "config" / "outreach.yaml"
    text = config.read_text(encoding="utf-8")
    assert text.count('ping_url: ""') == 2
    config.write_text(text.replace('{ping_url: ""', f'{{ping_url: "{check.url}"'), encoding="utf-8")


def test_a_real_night_is_heard_of_with_its_sums(here: Type, sqlite_stage: Stage, check: Healthcheck):  # noqa: F811
    watch(sqlite_stage, check)
    said = here("nightly", "--json")
    assert check.heard.get(timeout=20) == ("/ping/uuid/start", "")
    path, body = check.heard.get(timeout=20)
    assert path == f"/ping/uuid/{said.code}"
    assert f"found: {said.document['found']}" in body.splitlines()
    assert "@" not in body


def test_nights_that_are_dry_or_played_are_nobodys_concern(here: Type, sqlite_stage: Stage, check: Healthcheck):  # noqa: F811
    watch(sqlite_stage, check)
    here("nightly", "--dry-run")
    here("nightly", "--night", NIGHT)
    try:
        heard = check.heard.get_nowait()
    except queue.Empty:
        heard = None
    assert heard is None


def test_the_workers_are_told_what_is_due(sqlite_stage: Stage, redis_url: str):
    stage = sqlite_stage
    stage.night()
    waiting = len(stage.messages(state="ready"))
    released, heard = tell_workers(stage.app)
    assert (released.hinted, heard) == (waiting, False)  # nobody to tell
    with (stage.project / ".env").open("a", encoding="utf-8") as env:
        env.write(f"OUTREACH_REDIS_URL={redis_url}\n")
    released, heard = tell_workers(stage.app)
    assert (released.hinted, heard) == (waiting, True)
    with redis.Redis.from_url(redis_url) as client:
        assert client.keys("outreach:*")
