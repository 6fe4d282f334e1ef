"""Free memory goes back to the system.

The allocator keeps what a batch or an evaluation needed for a moment, cut up by what stays: after a backlog of wide
records that was as much again as everything in use.
"""

from __future__ import annotations

import ctypes
from functools import cache

# mallopt's names for them; see mallopt(3).
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
# Such blocks are pages, whole or in half; what a batch needs is smaller, and would be slower if it were mapped.
_LARGE = 2 << 20
# The heap may have so much free memory at its end: it is given back when there is time, not in the middle of a batch.
_FREE = 64 << 20


def map_large_blocks() -> None:
    """Have large blocks mapped one by one for good, so that each goes back to the system when it is freed.

    By itself the C library maps them only until the first one is freed, and then keeps a page's worth in each thread that
    ever sent one. Only glibc knows how, elsewhere nothing happens.
    """
    if hasattr(library := _library(), "mallopt"):
        # Set one threshold, and the other is fixed, too: at a size that suits no batch.
        library.mallopt(_MMAP_THRESHOLD, _LARGE)
        library.mallopt(_TRIM_THRESHOLD, _FREE)


def give_back() -> None:
    """Ask the C library to return free memory; only glibc knows how, elsewhere nothing happens."""
    if hasattr(library := _library(), "malloc_trim"):
        library.malloc_trim(0)


@cache
def _library() -> object:
    try:
        return ctypes.CDLL(None)
    except OSError:  # a libc that cannot be opened by name: a static one
        return None
