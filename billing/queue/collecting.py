"""Python's search for cycles, put off while a batch is under way.

A batch keeps some thousand objects at once, none of them garbage. Each new one brings the next search nearer, and each
search walks through all of them: a quarter of what an event cost.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def put_off() -> Iterator[None]:
    """No search in this process until the block ends."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
