"""Where do hints go, and who may be told without loading a queue for it?"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module

from outreach.core.errors import Misuse

ADDRESS = "OUTREACH_REDIS_URL"
Tell = Callable[[Sequence[int]], bool]


def redis_url(environment: Mapping[str, str]) -> str | None:
    """OUTREACH_REDIS_URL, or None: hints then stay within one process. Raises Misuse (OUT-613), never quoting it."""
    url = environment.get(ADDRESS, "")
    if url and not url.startswith(("redis://", "rediss://", "unix://")):
        raise Misuse("OUT-613", f"{ADDRESS} is not the address of a Redis", help="use redis://HOST:6379/0")
    return url or None


def namespace(secret: bytes, mode: str) -> str:
    """Keys of our own: shops, and modes of one shop, may share a Redis."""
    return f"outreach:{hashlib.sha256(b'queue|' + secret).hexdigest()[:12]}:{mode}"


def teller(url: str | None, name: str) -> Tell:
    """How to say that ids are due. Without a Redis there is nobody to tell, and a night pays for no queue's library."""
    if url is None:
        return lambda _: False
    tell: Tell = import_module("outreach.worker.queue").hints(url, name)
    return tell
