"""How does a worker hear that something is due? By hints: ids in a queue that may be emptied at any time.

The database is the truth and the workers ask it every second or so; a hint only saves them the wait and shares the
work out. So a hint is never tried again, never kept, never waited for, and losing all of them loses nothing
(state.md, "dramatiq as a hint").
"""

from collections.abc import Callable, Sequence
from typing import Any

import dramatiq
import redis
from dramatiq.broker import Broker
from dramatiq.brokers.redis import RedisBroker
from dramatiq.brokers.stub import StubBroker
from dramatiq.errors import BrokerError
from dramatiq.middleware import AgeLimit, Middleware
from redis.backoff import ExponentialBackoff
from redis.retry import Retry

#: The most ids one hint carries.
BATCH = 500
#: After this many milliseconds a hint is stale: the workers have asked the database many times since.
_AGE = 60_000
_QUEUE = "send"


def connect(url: str | None, name: str, *, patient: bool = True) -> Broker:
    """The broker on Redis with our own client, or in this process. Connects when first used.

    `patient` for one who waits for hints; one who gives them waits for nobody.
    """
    middleware: list[Middleware] = [AgeLimit(max_age=_AGE)]
    if url is None:
        return StubBroker(middleware=middleware, fail_fast_default=False)
    on_redis: Any = RedisBroker  # has no types
    made: Broker = on_redis(
        client=_client(url, patient=patient),
        middleware=middleware,
        namespace=name,
        heartbeat_timeout=10_000,
        maintenance_chance=1_000_000,
        dead_message_ttl=_AGE,
    )
    return made


def _client(url: str, *, patient: bool) -> Any:
    """dramatiq's own client loses hints on a stall, redis-py's defaults give up after one try (dependencies.md)."""
    wait, tries = (15, 3) if patient else (2, 0)
    return redis.Redis.from_url(
        url,
        socket_timeout=wait,
        socket_connect_timeout=min(wait, 5),
        socket_keepalive=True,
        health_check_interval=30,
        retry=Retry(ExponentialBackoff(cap=2, base=0.1), tries),
    )


def declare(broker: Broker, take: Callable[[Sequence[int]], None]) -> Any:
    """The one actor: it hands the ids over and is done."""
    dramatiq.set_broker(broker)

    @dramatiq.actor(broker=broker, queue_name=_QUEUE)
    def send(ids: list[int]) -> None:
        take(ids)

    return send


def telling(actor: Any) -> Callable[[Sequence[int]], bool]:
    """How to say that ids are due, after the commit. False when nobody could be told, which is no failure."""

    def tell(ids: Sequence[int]) -> bool:
        try:
            for some in _batches(ids):
                actor.send(some)
        except (redis.RedisError, BrokerError, OSError):
            return False
        return True

    return tell


def hints(url: str, name: str) -> Callable[[Sequence[int]], bool]:
    """The same for one who only gives hints."""
    return telling(declare(connect(url, name, patient=False), _nobody))


def _nobody(_ids: Sequence[int]) -> None:
    """Who only gives hints takes none."""


def _batches(ids: Sequence[int]) -> list[list[int]]:
    return [list(ids[start : start + BATCH]) for start in range(0, len(ids), BATCH)]
