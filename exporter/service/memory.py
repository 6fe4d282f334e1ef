"""Free memory goes back to the system.

The allocator keeps what a batch or an evaluation needed for a moment, cut up by what stays: after a backlog of wide
records that was as much again as everything in use.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache


def give_back() -> None:
    """Ask the C library to return free memory; only glibc knows how, elsewhere nothing happens."""
    if (trim := _trim()) is not None:
        trim(0)


@cache
def _trim() -> Callable[[int], int] | None:
    try:
        trim: Callable[[int], int] | None = getattr(ctypes.CDLL(None), "malloc_trim", None)
    except OSError:  # a libc that cannot be opened by name: a static one
        return None
    return trim
