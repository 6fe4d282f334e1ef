"""How many files a source may hold open: descriptors are the process's, and everything that reads shares them.

A process that has none left answers no scrape, and asyncio tells of each client that it could not let in. So sources
have a quarter of what there is, together; the HTTP server takes half of it at most.
"""

from __future__ import annotations

import resource
from weakref import WeakSet

_SHARE = 4
# With fewer a log could not be told from its copy.
_FEWEST = 2
# More than this nobody needs, and some ways to start a process take time for each descriptor that there could be.
_ENOUGH = 65_536


class Readers:
    """Those who hold files open, for as long as there are any."""

    def __init__(self) -> None:
        self._readers: WeakSet[object] = WeakSet()

    def add(self, reader: object) -> None:
        self._readers.add(reader)

    def room(self, most: int) -> int:
        """Return how many files each of them may hold open, at most ``most``."""
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft == resource.RLIM_INFINITY:
            return most
        return max(min(most, soft // _SHARE // max(len(self._readers), 1)), _FEWEST)


READERS = Readers()


def raise_limit() -> int:
    """Let the process have as many descriptors as it may ask for, within reason; return how many that are.

    The limit that most shells and services begin with, 1,024, is for the sake of programs of the past, which could not
    wait for descriptors beyond it.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _ENOUGH if hard == resource.RLIM_INFINITY else min(hard, _ENOUGH)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return soft
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted
