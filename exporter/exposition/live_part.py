"""The part of a page that is true only at the moment of the scrape, for as long as a scrape can wait for it."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future

from exporter.exposition.page import NOTHING, Page

_LOG = logging.getLogger(__name__)


class LivePart:
    """Calls ``ask`` in a thread, one at a time; scrapes that come meanwhile share the answer.

    The thread is a daemon and not one of a pool, so that a call that never returns costs one thread and
    does not keep the process from ending.
    """

    def __init__(self, ask: Callable[[], Page]) -> None:
        self._ask = ask
        self._call: Future[Page] | None = None
        self._is_missing = False

    async def within(self, seconds: float) -> Page:
        """Return the live part, or an empty page when it fails or takes longer: the models' figures are worth more."""
        try:
            async with asyncio.timeout(seconds):
                page = await asyncio.wrap_future(self._under_way())
        except Exception:  # noqa: BLE001 - logged by _miss, whatever it is
            self._miss()
            return NOTHING
        if self._is_missing:
            self._is_missing = False
            _LOG.info("the live part of the page is there again")
        return page

    def _under_way(self) -> Future[Page]:
        if self._call is None or self._call.done():
            self._call = Future()
            # From here on a scrape that gives up does not cancel the call, which others may be waiting for.
            self._call.set_running_or_notify_cancel()
            threading.Thread(target=self._run, args=(self._call,), name="live part", daemon=True).start()
        return self._call

    def _run(self, call: Future[Page]) -> None:
        try:
            page = self._ask()
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            call.set_exception(error)
        else:
            call.set_result(page)

    def _miss(self) -> None:
        """Log the exception being handled, once for all scrapes in a row that it hits."""
        if not self._is_missing:
            self._is_missing = True
            _LOG.exception("scrapes go without the live part of the page")
