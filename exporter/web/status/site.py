"""The pages for people: which there are, when they are made, and what goes out with them."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
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
        self._free_at = 0.0

    def has(self, path: str) -> bool:
        """Whether there is such a page. A path names a model only if it is one of those that there are."""
        return path == _OVERVIEW or self._model_at(path) is not None

    async def answer(self, visit: Visit) -> Response:
        """Return a page that there is."""
        model = self._model_at(visit.path)
        spreads = await self._spreads(model) if model is not None else None
        try:
            return await self._turns.take(visit.client, partial(self._made, visit, model, spreads))
        except BusyError:
            return _BUSY
        except Exception:  # noqa: BLE001 - logged
            _LOG.exception("a status page could not be made")
            return _FAILED

    def close(self) -> None:
        """Begin nothing more."""
        self._turns.close()

    def _model_at(self, path: str) -> str | None:
        if not path.startswith(_MODELS):
            return None
        return {_MODELS + name: name for name in self._sources.models()}.get(path)

    async def _spreads(self, model: str) -> Spreads | None:
        question = self._sources.ask(model)
        try:
            async with asyncio.timeout(_PATIENCE):
                return await asyncio.wrap_future(question)
        except TimeoutError:
            return None
        except Exception:  # noqa: BLE001 - logged
            # The rest of the page is there without them.
            _LOG.exception("distributions could not be looked up")
            return None

    def _made(self, visit: Visit, model: str | None, spreads: Spreads | None) -> Response:
        """Make a page; runs in the thread."""
        time.sleep(max(self._free_at - time.monotonic(), 0.0))
        started = time.monotonic()
        # Who nobody looks at needs none of the code.
        from exporter.web.status.answer import answer_to

        response = answer_to(self._sources, visit, model, spreads)
        took = time.monotonic() - started
        self._free_at = time.monotonic() + min(_PAUSE * took, _LONGEST_PAUSE)
        return response
