"""The connections that are open, and who has to leave when there are too many.

Each holds a file descriptor, and one with TLS a quarter of a megabyte. Whoever opens more and more of them is cut off
before anybody else is: first who does not take an answer, then the one that has waited longest without ever having been
answered. Connections come in heaps, so that happens a moment later: who has sent a request meanwhile is being served, and stays.
"""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Callable
from itertools import chain, islice
from typing import Protocol

# A scraper or two, probes, people; four times as many scrapes at once as anybody has tried.
_MOST = 256
# Of the descriptors that the process may have: for a moment there are twice as many guests, and one whose first byte of
# TLS is waited for has two. The others are for logs and the state.
_SHARE = 8
_FEWEST = 8
_MOMENT = 0.05


def _in_a_moment(act: Callable[[], None]) -> object:
    return asyncio.get_running_loop().call_later(_MOMENT, act)


class Guest(Protocol):
    """A connection."""

    @property
    def is_served(self) -> bool:
        """Whether it has a request that is being answered."""

    @property
    def is_stalled(self) -> bool:
        """Whether the client has taken nothing of its answer for some time."""

    def turn_away(self) -> None:
        """Close it at once, for lack of room."""


class Crowd:
    """At most ``most`` guests, and twice as many for a moment. To be used in one event loop.

    ``later`` has a function called in a moment.
    """

    def __init__(self, most: int, later: Callable[[Callable[[], None]], object] = _in_a_moment) -> None:
        self._most = most
        self._later = later
        self._is_leaving = False
        # In the order in which they came, and in which they were last answered.
        self._strangers: dict[Guest, None] = {}
        self._known: dict[Guest, None] = {}

    def __len__(self) -> int:
        return len(self._strangers) + len(self._known)

    def enter(self, guest: Guest) -> None:
        """Take in a newcomer; somebody may have to leave, the newcomer if all others are being served."""
        self._strangers[guest] = None
        if len(self) > 2 * self._most:
            self._turn_away(1)
        elif len(self) > self._most and not self._is_leaving:
            self._is_leaving = True
            self._later(self._shrink)

    def recognise(self, guest: Guest) -> None:
        """Take note that a guest has been answered."""
        self.leave(guest)
        self._known[guest] = None

    def _shrink(self) -> None:
        self._is_leaving = False
        self._turn_away(len(self) - self._most)

    def _turn_away(self, number: int) -> None:
        guests = (*self._strangers, *self._known)
        stalled = (guest for guest in guests if guest.is_stalled)
        idle = (guest for guest in guests if not guest.is_served)
        leaving = list(islice(dict.fromkeys(chain(stalled, idle)), max(number, 0)))
        if not leaving and len(self) > 2 * self._most:
            leaving = [next(reversed(self._strangers))]
        for guest in leaving:
            self.leave(guest)
            guest.turn_away()

    def leave(self, guest: Guest) -> None:
        """Forget a guest, if it is one."""
        self._strangers.pop(guest, None)
        self._known.pop(guest, None)


def room() -> int:
    """Return for how many guests this process has room.

    >>> room() >= 8
    True
    """
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _MOST if soft == resource.RLIM_INFINITY else max(min(_MOST, soft // _SHARE), _FEWEST)
