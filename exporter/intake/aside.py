"""A source asked in a thread of its own, so that one whose file system hangs keeps nobody else waiting."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

from exporter.sources import Batch, Cursor, Source

Payload = TypeVar("Payload")
_Answer = Batch[Payload] | None

# So long the worker waits for an answer, in seconds; many sources can hang at once, and each costs that once.
PATIENCE = 0.5


class UnansweredError(Exception):
    """The source was asked and has not answered yet. That is neither a failure nor an end."""


class Aside(Generic[Payload]):
    """Polls ``source`` as the worker would, but waits for it ``patience`` seconds only.

    Until the answer has come each further poll raises ``UnansweredError`` at once; then it is handed out. There is one
    call at a time, in a daemon thread: one that never comes back costs a thread, and does not keep the process from
    ending.
    """

    def __init__(self, source: Source[Payload], patience: float = PATIENCE) -> None:
        self._source = source
        self._patience = patience
        self._call: Future[_Answer[Payload]] | None = None

    @property
    def name(self) -> str:
        return self._source.name

    def poll(self, cursor: Cursor) -> Batch[Payload] | None:
        """Return or raise what the source does, or raise ``UnansweredError``.

        The cursor must stay as it is for as long as there is no answer, which is then about this cursor.
        """
        wait = 0.0 if self._call is not None else self._patience
        call = self._call = self._call or _called(self._source.poll, cursor)
        try:
            answer = call.result(wait)
        except TimeoutError as error:
            if not call.done():
                raise UnansweredError from error
            # The source's own: such errors come from networked file systems.
            self._call = None
            raise
        except BaseException:
            self._call = None
            raise
        self._call = None
        return answer

    def close(self) -> None:
        """Close the source, once it has answered."""
        if self._call is None:
            self._source.close()
        else:
            self._call.add_done_callback(lambda _: self._source.close())


def _called(poll: Callable[[Cursor], _Answer[Payload]], cursor: Cursor) -> Future[_Answer[Payload]]:
    call: Future[_Answer[Payload]] = Future()

    def run() -> None:
        try:
            call.set_result(poll(cursor))
        except BaseException as error:  # noqa: BLE001 - raised again where the answer is awaited
            call.set_exception(error)

    threading.Thread(target=run, name="source", daemon=True).start()
    return call
