"""Does a night go out through real worker processes, once each, with and without Redis, and through every death?"""

import asyncio
import os
import signal
import time
from collections import Counter
from pathlib import Path

import pytest
import redis
import sqlalchemy as sa

from outreach.store.schema import attempts
from outreach.store.workers import workers
from outreach.worker.sender import Sender, Stopping
from tests.flows.stage import NIGHT, Stage
from tests.services import own_redis
from tests.worker.running import Starter, gone

DEAD = "redis://127.0.0.1:1/0"  # nobody listens there


def queued(stage: Stage) -> int:
    """One night; how many messages wait."""
    stage.night()
    waiting = len(stage.messages(state="ready"))
    assert waiting > 20
    return waiting


def went_once(stage: Stage, waiting: int) -> None:
    """Every message was accepted, at its first attempt, and lies in the outbox once."""
    states = Counter(row.state for row in stage.messages())
    assert states["accepted"] == waiting, states
    assert not {"ready", "claimed", "handed", "in_doubt"} & set(states)
    tried = stage.rows(sa.select(attempts.c.attempt, attempts.c.outcome))
    assert Counter(tuple(row) for row in tried) == {(1, "accepted"): waiting}
    folder = stage.project / ".outreach" / "outbox" / NIGHT.isoformat()
    assert len([p for p in folder.iterdir() if p.suffix in (".eml", ".txt")]) == waiting


@pytest.mark.parametrize("redis_is", ["there", "dead", "not named"])
def test_a_night_goes_out(stage: Stage, start: Starter, redis_url: str, redis_is: str):
    waiting = queued(stage)
    named = {"there": {"OUTREACH_REDIS_URL": redis_url}, "dead": {"OUTREACH_REDIS_URL": DEAD}, "not named": {}}
    code, said = start(stage.project, "--until-empty", "--processes", 2, **named[redis_is]).done()
    assert code == 0
    assert said["states"] == {"accepted": waiting}
    went_once(stage, waiting)
    assert stage.rows(sa.select(workers)) == []  # both said goodbye


def test_redis_dies_and_is_emptied_on_the_way(stage: Stage, start: Starter):
    waiting, server = queued(stage), own_redis()
    with redis.Redis.from_url(server.url) as client:
        worker = start(stage.project, "--processes", 2, OUTREACH_REDIS_URL=server.url)
        worker.until("started")
        client.flushall()
    worker.until("handed over")
    server.stop()
    stage.night(NIGHT.replace(day=15))
    more = len(stage.messages(night=NIGHT.replace(day=15)))
    done = worker.until("handed over")
    while sum(line.get("accepted", 0) for line in done) < waiting + more:
        done = worker.until("handed over", times=len(done) + 1)
    worker.signal(signal.SIGTERM)
    assert worker.done()[0] == 143
    assert {row.state for row in stage.messages()} == {"accepted"}
    assert {row.attempt for row in stage.messages()} == {1}


def test_only_the_channels_asked_for(sqlite_stage: Stage, start: Starter):
    stage = sqlite_stage
    queued(stage)
    texts = len(stage.messages(channel="text"))
    assert texts
    code, said = start(stage.project, "--until-empty", "--channels", "text").done()
    assert (code, said["states"]) == (0, {"accepted": texts})
    assert {row.state for row in stage.messages(channel="email")} == {"ready"}


def test_a_dead_process_is_replaced_and_its_row_tells(sqlite_stage: Stage, start: Starter):
    stage = sqlite_stage
    worker = start(stage.project)
    worker.until("started")
    first = worker.children()[0]
    while not stage.rows(sa.select(workers.c.owner)):  # it says that it is there soon after it started
        time.sleep(0.05)
    os.kill(first, signal.SIGKILL)
    worker.until("a process died and is started again")
    worker.until("started", times=2)
    assert worker.children()[1] != first
    waiting = queued(stage)
    worker.until("handed over")
    worker.signal(signal.SIGTERM)
    assert worker.done()[0] == 143
    went_once(stage, waiting)
    left = stage.rows(sa.select(workers.c.owner))
    assert [int(row.owner.split(":")[1]) for row in left] == [first]  # it had no time to say goodbye


def test_when_the_overseer_is_killed_its_processes_end(sqlite_stage: Stage, start: Starter):
    worker = start(sqlite_stage.project, "--processes", 2)
    worker.until("started", times=2)
    worker.signal(signal.SIGKILL)
    assert all(gone(pid, within=20) for pid in worker.children())


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_stopped_it_ends_with_the_code_of_the_signal(sqlite_stage: Stage, start: Starter, number, code):
    worker = start(sqlite_stage.project)
    worker.until("started")
    worker.signal(number)
    ended, said = worker.done()
    assert (ended, said["outcome"], said["exit_code"]) == (code, "stopped", code)
    assert all(gone(pid) for pid in worker.children())


@pytest.mark.parametrize(
    ("words", "environment", "code"),
    [
        (["--channels", "fax"], {}, "OUT-600"),
        (["--processes", "0"], {}, "OUT-600"),
        ([], {"OUTREACH_REDIS_URL": "http://127.0.0.1"}, "OUT-613"),
        ([], {"OUTREACH_PEPPER": "short"}, "OUT-604"),
    ],
)
def test_misuse_is_said_before_anything_is_handed_over(sqlite_stage: Stage, start: Starter, words, environment, code):
    queued(sqlite_stage)
    ended, said = start(sqlite_stage.project, *words, **environment).done()
    assert (ended, said["problems"][0]["code"]) == (2, code)
    assert {row.state for row in sqlite_stage.messages()} == {"ready"}


def test_live_is_refused_until_doctor_passes(sqlite_stage: Stage, start: Starter):
    config = sqlite_stage.project / "config" / "outreach.yaml"
    config.write_text(config.read_text().replace("mode: outbox", "mode: live"))
    ended, said = start(sqlite_stage.project).done()
    assert (ended, said["problems"][0]["code"]) == (2, "OUT-311")


def test_two_workers_and_a_release_at_once_hand_over_once(stage: Stage, start: Starter, redis_url: str):
    waiting = queued(stage)
    one, two = (start(stage.project, "--until-empty", OUTREACH_REDIS_URL=redis_url) for _ in range(2))
    stage.hand_over()
    states = Counter[str]()
    for worker in (one, two):
        code, said = worker.done()
        assert code == 0
        states.update(said["states"])
    assert states["accepted"] <= waiting
    went_once(stage, waiting)


def test_a_fault_leaves_its_trace_in_a_file_and_only_its_kind_in_the_log(sqlite_stage: Stage, start: Starter):
    stage = sqlite_stage
    queued(stage)
    stage.change(sa.text("UPDATE outbox SET facts = '{'"))  # what no program of ours writes
    worker = start(stage.project, "--until-empty")
    code, said = worker.done()
    assert (code, said["problems"][0]["code"]) == (70, "OUT-420")
    faults: list[Path] = list((stage.project / ".outreach" / "faults").iterdir())
    assert faults
    assert "Traceback" in faults[0].read_text()
    assert "Traceback" not in worker.text


def test_a_database_that_is_away_as_it_starts_is_waited_for(sqlite_stage: Stage):
    """Between the first look into it and the first sign of life: a restart of PostgreSQL takes a second."""
    waiting, app = queued(sqlite_stage), sqlite_stage.app
    away = iter(range(3))

    @sa.event.listens_for(app.engine, "begin")
    def refuses(_: sa.Connection) -> None:
        if next(away, None) is not None:
            raise sa.exc.OperationalError("BEGIN", {}, Exception("it starts up"))

    async def send() -> Sender:
        sender = Sender(app, Stopping(), until_empty=True)
        assert await sender.run() is None
        return sender

    sender = asyncio.run(send())
    assert next(away, None) is None
    assert sum(sender.states.values()) == waiting
