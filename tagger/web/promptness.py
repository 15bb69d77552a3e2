"""A process that answers keys at once, whatever its other threads do."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["prompt"]

# A thread that writes a label file of 25,000 rows made answers take 290 ms at the 95th percentile: they wait some
# dozens of times for it, by Python's own interval 5 ms each, and whenever all objects are looked through for garbage.
# By these 40 ms.
_SWITCH = 0.0005
_THRESHOLDS = (50_000, 50, 1000)


@contextmanager
def prompt() -> Iterator[None]:
    """Have threads wait less for each other, and what there is by now never looked through for garbage, for a while."""
    interval, thresholds = sys.getswitchinterval(), gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
    sys.setswitchinterval(_SWITCH)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)
        gc.set_threshold(*thresholds)
        gc.unfreeze()
