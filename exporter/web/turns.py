"""Work that takes a while, one piece at a time, and each client in its turn.

Checking a password takes a tenth of a second of a core, and so does a page for people: whoever asks for many could keep
everybody else out. Here such a client waits for itself only: the next piece of work is always another client's, if there is one.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Generic, TypeVar

T = TypeVar("T")


class BusyError(Exception):
    """Too much is waiting already."""


class Turns(Generic[T]):
    """Of a client's work at most ``each`` pieces wait, of all clients' ``most``. To be used in one event loop.

    ``name`` is what the thread is called.
    """

    def __init__(self, name: str, each: int = 4, most: int = 64) -> None:
        self._each, self._most = each, most
        self._waiting: OrderedDict[str, deque[tuple[Callable[[], T], asyncio.Future[T]]]] = OrderedDict()
        self._is_working = False
        # It starts with the first piece of work.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)

    async def take(self, client: str, work: Callable[[], T]) -> T:
        """Do a piece of work in a thread, when it is the client's turn, and return its result. Raises ``BusyError``."""
        waiting = self._waiting.get(client, ())
        if len(waiting) >= self._each or sum(map(len, self._waiting.values())) >= self._most:
            raise BusyError
        result: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(client, deque()).append((work, result))
        self._go_on()
        return await result

    def close(self) -> None:
        """Begin nothing more."""
        self._waiting.clear()
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _go_on(self) -> None:
        if self._is_working or not self._waiting:
            return
        client, waiting = self._waiting.popitem(last=False)
        work, result = waiting.popleft()
        if waiting:
            # To the end of the line.
            self._waiting[client] = waiting
        self._is_working = True
        task = asyncio.get_running_loop().run_in_executor(self._thread, work)
        task.add_done_callback(partial(self._hand_over, result))

    def _hand_over(self, result: asyncio.Future[T], task: asyncio.Future[T]) -> None:
        self._is_working = False
        if task.cancelled():
            result.cancel()
        elif not result.done():
            error = task.exception()
            if error is None:
                result.set_result(task.result())
            else:
                result.set_exception(error)
        self._go_on()
