"""How does a long loop spare the garbage collector what startup built? Templates and tables live to the end anyway."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def steady() -> Iterator[None]:
    """Leave everything that lives now out of collections while the block runs: a quarter of a night's decisions."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
