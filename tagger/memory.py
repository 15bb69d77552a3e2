"""Keep what arrays give back, so that the next ones need no new pages.

A batch of text makes some fifty arrays of a few megabytes and frees them. glibc returns freed blocks of that size to
the kernel, which then maps and clears every page anew for the next batch: 5,900 page faults for half a megabyte of
text, and a third of the time. It learns to keep them once a larger block was freed (mallopt(3), M_MMAP_THRESHOLD: the
threshold is dynamic, and follows the largest block freed up to 32 MiB; M_TRIM_THRESHOLD is twice that).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

__all__ = ["keep_freed_memory"]

# Just below the largest block that the threshold follows.
_BLOCK = 31 << 20


@lru_cache(maxsize=1)
def keep_freed_memory() -> None:
    """Let go of a large block, once in a process. Its pages are never touched, so that it takes no memory.

    Where the C library is another one this does nothing.
    """
    np.empty(_BLOCK, dtype=np.uint8)
