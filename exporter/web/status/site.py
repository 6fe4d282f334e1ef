"""The pages for people: which there are, when they are made, and what goes out with them."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import CancelledError, Future
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from exporter.exposition.page import Page
from exporter.snapshot import Sample
from exporter.web.response import Response
from exporter.web.site import Visit
from exporter.web.turns import BusyError, Turns

if TYPE_CHECKING:
    from exporter.figures.spread import Spreads

_LOG = logging.getLogger(__name__)

_OVERVIEW = "/"
_MODELS = "/models/"
_BUSY = Response(503, b"Too many pages are waiting to be made.\n", headers=((b"retry-after", b"2"),))
_GONE = Response(404, b"Not found.\n")
_FAILED = Response(500, b"The page could not be made; the exporter's log says why.\n")
# So long is the worker waited for. It may be in the middle of an evaluation.
_PATIENCE = 2.0
# After a page that took a while nothing is made for twice as long: scrapes and the worker need the interpreter, too.
_PAUSE = 2.0
_LONGEST_PAUSE = 1.0


class Sources(NamedTuple):
    """Where a page's content comes from; each may be called by any thread at any time.

    ``models`` are the names in force, ``page`` the published page, ``own`` the samples of the exporter itself, ``ask``
    has the worker look up a model's distributions, ``clock`` gives seconds since the epoch.
    """

    version: str
    models: Callable[[], Sequence[str]]
    page: Callable[[], Page | None]
    own: Callable[[], Iterable[Sample]]
    ask: Callable[[str], Future[Spreads]]
    clock: Callable[[], float] = time.time


class StatusSite:
    """Makes a page when it is asked for, in a thread of its own, one at a time, and keeps nothing of it."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._turns: Turns[Response] = Turns("status pages")
        self._has_closed = threading.Event()
        self._free_at = 0.0
        self._unanswered: Future[Spreads] | None = None

    def has(self, path: str) -> bool:
        """Whether there is such a page. A path names a model only if it is one of those that there are."""
        return path == _OVERVIEW or self._model_at(path) is not None

    async def answer(self, visit: Visit) -> Response:
        """Return a page that there is."""
        model = self._model_at(visit.path)
        if model is None and visit.path != _OVERVIEW:
            # A reload took it away a moment ago.
            return _GONE
        try:
            return await self._turns.take(visit.client, partial(self._made, visit, model))
        except BusyError:
            return _BUSY
        except Exception:  # noqa: BLE001 - logged
            _LOG.exception("a status page could not be made")
            return _FAILED

    def close(self) -> None:
        """Begin nothing more, and wait for nobody."""
        self._turns.close()
        self._has_closed.set()
        question = self._unanswered
        if question is not None:
            question.cancel()

    def _model_at(self, path: str) -> str | None:
        if not path.startswith(_MODELS):
            return None
        return {_MODELS + name: name for name in self._sources.models()}.get(path)

    def _made(self, visit: Visit, model: str | None) -> Response:
        """Make a page; runs in the thread."""
        self._has_closed.wait(max(self._free_at - time.monotonic(), 0.0))
        started = time.monotonic()
        spreads = self._spreads(model) if model is not None else None
        # Who nobody looks at needs none of the code.
        from exporter.web.status.answer import answer_to

        response = answer_to(self._sources, visit, model, spreads)
        took = time.monotonic() - started
        self._free_at = time.monotonic() + min(_PAUSE * took, _LONGEST_PAUSE)
        return response

    def _spreads(self, model: str) -> Spreads | None:
        """Ask the worker and wait a while; runs in the thread.

        It is asked when it is a page's turn, not when a page is asked for: its time is spent for no more people than are served.
        """
        if self._unanswered is not None:
            # The worker has not come to the question of the page before. Nobody waits for that again.
            return None
        self._unanswered = question = self._sources.ask(model)
        question.add_done_callback(self._forget)
        try:
            return question.result(_PATIENCE)
        except (TimeoutError, CancelledError):
            return None
        except Exception:  # noqa: BLE001 - logged
            # The rest of the page is there without them.
            _LOG.exception("distributions could not be looked up")
            return None

    def _forget(self, _: Future[Spreads]) -> None:
        self._unanswered = None
