"""The line in which those wait who ask again before they have been answered.

No scraper does that. Whoever does could keep a server busy with one packet of a thousand requests: here all who do share
a part of its time, and who asks for the first time waits for one of them at most.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

# Two hundred answers a second: a fifth of a core, with pages of a megabyte.
_SECONDS = 0.005


def _in_a_while(act: Callable[[], None]) -> object:
    return asyncio.get_running_loop().call_later(_SECONDS, act)


class Queue:
    """Calls whoever enters, one at a time and in order. To be used in one event loop; ``later`` calls in a while."""

    def __init__(self, later: Callable[[Callable[[], None]], object] = _in_a_while) -> None:
        self._later = later
        self._waiting: deque[Callable[[], None]] = deque()

    def enter(self, act: Callable[[], None]) -> None:
        """Have ``act`` called when it is its turn, and not before this returns."""
        self._waiting.append(act)
        if len(self._waiting) == 1:
            self._later(self._call)

    def _call(self) -> None:
        act = self._waiting[0]
        try:
            act()
        finally:
            self._waiting.popleft()
            if self._waiting:
                self._later(self._call)
