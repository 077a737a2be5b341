"""Do hints reach whoever listens, and does nothing else ever depend on them? With a real Redis."""

import os
import queue as thread_queue
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
import redis
from dramatiq import Worker
from dramatiq.broker import Broker
from dramatiq.middleware import AgeLimit

from outreach.core.errors import Misuse
from outreach.worker import queue
from outreach.worker.address import namespace, redis_url, teller
from tests.services import own_redis

NAME = namespace(b"a secret", "outbox")


@contextmanager
def listening(broker: Broker) -> "Iterator[tuple[Any, thread_queue.Queue[list[int]]]]":
    """The actor, and where the ids of hints arrive."""
    heard: thread_queue.Queue[list[int]] = thread_queue.Queue()
    actor = queue.declare(broker, lambda ids: heard.put(list(ids)))
    worker = Worker(broker, worker_threads=2, worker_timeout=50)
    worker.start()
    try:
        yield actor, heard
    finally:
        worker.stop(2_000)


def test_hints_travel_in_batches_of_five_hundred(redis_url: str):
    with listening(queue.connect(redis_url, NAME)) as (_, heard):
        assert queue.hints(redis_url, NAME)(range(1, 1_202))
        sizes = [len(heard.get(timeout=20)) for _ in range(3)]
    assert sorted(sizes) == [201, 500, 500]


def test_in_one_process_they_need_no_redis():
    with listening(queue.connect(None, NAME)) as (actor, heard):
        assert queue.telling(actor)([1, 2, 3])
        assert heard.get(timeout=20) == [1, 2, 3]


def test_another_shop_and_another_mode_hear_nothing(redis_url: str):
    others = [namespace(b"another secret", "outbox"), namespace(b"a secret", "live")]
    with listening(queue.connect(redis_url, NAME)) as (_, heard):
        for name in others:
            assert queue.hints(redis_url, name)([666])
        assert queue.hints(redis_url, NAME)([1])
        assert heard.get(timeout=20) == [1]
    assert heard.empty()


def test_nothing_is_tried_again_kept_or_limited_but_by_age(redis_url: str):
    for url in (redis_url, None):
        broker = queue.connect(url, NAME)
        assert [type(one) for one in broker.middleware] == [AgeLimit]
        assert broker.middleware[0].max_age == 60_000


def test_a_hint_that_fails_is_not_tried_again(redis_url: str):
    broker, heard = queue.connect(redis_url, NAME), thread_queue.Queue[int]()

    def fails(ids: Sequence[int]) -> None:
        heard.put(ids[0])
        raise RuntimeError

    queue.declare(broker, fails)
    worker = Worker(broker, worker_threads=1, worker_timeout=50)
    worker.start()
    try:
        tell = queue.hints(redis_url, NAME)
        assert tell([1])
        assert tell([2])
        assert [heard.get(timeout=20), heard.get(timeout=20)] == [1, 2]
    finally:
        worker.stop(2_000)
    assert heard.empty()


def test_when_redis_is_dead_the_teller_is_not_held_up(redis_url: str):
    server = own_redis()
    tell = queue.hints(server.url, NAME)
    assert tell([1])
    server.stop()
    assert not tell([2])


def test_when_redis_is_frozen_the_teller_goes_on():
    server = own_redis()
    tell = queue.hints(server.url, NAME)
    assert tell([1])
    assert server.pid is not None
    os.kill(server.pid, signal.SIGSTOP)
    try:
        assert not tell([2])
    finally:
        server.stop()


def test_without_a_redis_nobody_is_told():
    assert not teller(None, NAME)([1])


def test_a_listener_survives_an_emptied_redis(redis_url: str):
    with listening(queue.connect(redis_url, NAME)) as (_, heard):
        tell = queue.hints(redis_url, NAME)
        assert tell([1])
        assert heard.get(timeout=20) == [1]
        with redis.Redis.from_url(redis_url) as client:
            client.flushall()
        assert tell([2])
        assert heard.get(timeout=20) == [2]


def test_the_address_is_looked_at_before_it_is_used():
    assert redis_url({}) is None
    assert redis_url({"OUTREACH_REDIS_URL": "redis://127.0.0.1:1/0"}) == "redis://127.0.0.1:1/0"
    with pytest.raises(Misuse) as refused:
        redis_url({"OUTREACH_REDIS_URL": "http://secret@elsewhere"})
    assert refused.value.code == "OUT-613"
    assert "secret" not in str(refused.value) + str(refused.value.facts)
