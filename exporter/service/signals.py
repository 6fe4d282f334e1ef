"""Signals of a long-running process, heard wherever its main thread is.

Python runs a handler only when the main thread comes back from whatever it does in C, and sorting or reading a large
reference takes it a while. So the number of each signal also goes through a pipe to a thread that acts on it at once.
All handlers are set explicitly: the kernel does not deliver a signal that the first process of a container leaves to
its default.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Self

_LOG = logging.getLogger(__name__)

STOP = (signal.SIGTERM, signal.SIGINT)
RELOAD = signal.SIGHUP
# So long may the main thread take to notice that it is to stop while it has nothing to save, in seconds.
_PATIENCE = 4.0
# Signals that come within so many seconds of the first are the same wish: Ctrl-C goes to a process and to what
# started it, which passes on a signal of its own.
_TOGETHER = 1.0
_CHUNK = 512


class Signals:
    """Until ``work``, a stop signal is a ``KeyboardInterrupt`` in the main thread; from then on it calls ``stop``.

    Another stop signal, a second or more after the first, ends the process at once, with 128 and its number. SIGHUP
    calls ``reload``; one that comes before ``work`` is kept for it. To be used by the main thread, as a context.
    ``clock`` gives seconds.
    """

    def __init__(self, end: Callable[[int], object] = os._exit, clock: Callable[[], float] = time.monotonic) -> None:
        self._end = end
        self._clock = clock
        self._stop: Callable[[], None] | None = None
        self._reload: Callable[[], object] | None = None
        self._stopped_at: float | None = None
        self._deadline: threading.Timer | None = None
        self._reload_is_due = False
        # Between a signal and `work` two threads may want to hand on the same reload.
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._writer, False)
        self._former = {number: signal.signal(number, self._interrupt) for number in (*STOP, RELOAD)}
        self._former_pipe = signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        self._thread = threading.Thread(target=self._listen, name="signals", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        signal.set_wakeup_fd(self._former_pipe)
        for number, handler in self._former.items():
            signal.signal(number, handler)
        os.close(self._writer)
        self._thread.join()
        if self._deadline is not None:
            self._deadline.cancel()

    def work(self, stop: Callable[[], None], reload: Callable[[], object]) -> None:
        """From now on there is work to be saved."""
        with self._lock:
            self._stop, self._reload = stop, reload
            if self._reload_is_due:
                reload()

    def _interrupt(self, number: int, _: FrameType | None) -> None:
        if number in STOP and self._stop is None:
            raise KeyboardInterrupt

    def _listen(self) -> None:
        with os.fdopen(self._reader, "rb", buffering=0) as pipe:
            while numbers := pipe.read(_CHUNK):
                for number in numbers:
                    self._hear(number)

    def _hear(self, number: int) -> None:
        if number == RELOAD:
            with self._lock:
                self._reload_is_due = True
                if self._reload is not None:
                    self._reload()
        elif number in STOP:
            self._hear_stop(signal.Signals(number))

    def _hear_stop(self, number: signal.Signals) -> None:
        now = self._clock()
        if self._stopped_at is not None:
            if now - self._stopped_at >= _TOGETHER:
                _LOG.warning("ended at once", extra={"fields": {"signal": number.name}})
                self._end(128 + number)
            return
        self._stopped_at = now
        _LOG.info("stopping", extra={"fields": {"signal": number.name}})
        if self._stop is not None:
            self._stop()
        else:
            self._deadline = threading.Timer(_PATIENCE, self._end, (0,))
            self._deadline.daemon = True
            self._deadline.start()
