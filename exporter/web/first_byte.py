"""What a client says first, which tells TLS from everything else."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable

Heard = Callable[[bytes | None], None]


class FirstByte:
    """Waits until a client says something, and leaves it where it is.

    ``heard`` is called once: with the byte, with b"" when there will be none, or with None at ``deadline`` (of the loop's
    clock); never after ``close``. A thousand of these may come at once, so each is two callbacks and no task.
    """

    def __init__(self, transport: asyncio.Transport, deadline: float, heard: Heard) -> None:
        self._heard = heard
        self._loop = asyncio.get_running_loop()
        # The transport does not let anybody wait for its socket; it does not mind a second descriptor of it.
        self._descriptor = os.dup(transport.get_extra_info("socket").fileno())
        self._is_open = True
        self._loop.add_reader(self._descriptor, self._look)
        self._timer = self._loop.call_at(deadline, self._end, None)

    def close(self) -> None:
        """Wait no longer. Safe to repeat."""
        if self._is_open:
            self._is_open = False
            self._loop.remove_reader(self._descriptor)
            self._timer.cancel()
            os.close(self._descriptor)

    def _look(self) -> None:
        peeked = socket.socket(fileno=self._descriptor)
        try:
            first = peeked.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return
        except ConnectionError:
            first = b""
        finally:
            peeked.detach()
        self._end(first)

    def _end(self, first: bytes | None) -> None:
        self.close()
        self._heard(first)
