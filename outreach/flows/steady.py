"""How does a long loop spare the garbage collector its work? What startup built lives on; rows hold no cycles."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

#: A chunk's objects die by themselves when it is done; the usual 700 would look at them again and again.
_YOUNG = 50_000


@contextmanager
def steady() -> Iterator[None]:
    """While the block runs, collections leave out all that lives now, and are rare: a quarter of a night's work."""
    usual = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_YOUNG, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()
