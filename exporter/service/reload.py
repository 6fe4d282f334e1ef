"""The configuration read anew while the exporter runs: prepared beside the worker, taken on by it or refused.

A reference can take minutes to profile, and until all of a new configuration is known to be good the old one is in
force: so the preparation has a thread of its own, and the worker looks between two steps whether it is done.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass

from exporter import catalogue
from exporter.configuration import ConfigurationError
from exporter.configuration.schema import Configuration
from exporter.reference.problem import ReferenceProblem
from exporter.reference.profile import Profile
from exporter.snapshot import Sample

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A configuration that was found to be good, with the profile of each model by name (None: no reference)."""

    configuration: Configuration
    profiles: Mapping[str, Profile | None]


class ReloadRefusedError(Exception):
    """A good configuration cannot be taken on just now; the message says why."""


Prepare = Callable[[], Prepared]
"""Reads the configuration and its references; raises whatever is wrong with them."""


class Reload:
    """Requests for another configuration, one at a time, and what came of the last one.

    Requests that come together are one. A request that comes while a configuration is being read is served after it:
    nobody knows whether what it is about has been read already. The start, at ``now`` (microseconds since the epoch),
    counts as a reload that succeeded.
    """

    def __init__(self, prepare: Prepare, now: int) -> None:
        self._prepare = prepare
        self._succeeded_at = now
        self.succeeded = True
        self._lock = threading.Lock()
        # What will come of the next reload, where it was asked for, and of the one under way.
        self._requested: Future[None] | None = None
        self._outcome: Future[None] | None = None
        self._refusal: ReloadRefusedError | None = None
        self._preparation: Future[Prepared] | None = None

    def request(self) -> Future[None]:
        """Ask for a reload, from any thread; return what will come of it: nothing, or ``ReloadRefusedError``."""
        with self._lock:
            if self._requested is None:
                self._requested = Future()
                # Several may wait for it, and none of them may cancel it.
                self._requested.set_running_or_notify_cancel()
            return self._requested

    @property
    def is_under_way(self) -> bool:
        return self._preparation is not None

    def start(self) -> bool:
        """Begin with what was asked for, if nothing is under way; return whether something was begun."""
        if self._preparation is not None:
            return False
        with self._lock:
            if self._requested is None:
                return False
            self._outcome, self._requested = self._requested, None
        self._preparation = Future()
        # A daemon: the end of the process does not wait for a reference.
        threading.Thread(target=self._run, args=(self._preparation,), name="reload", daemon=True).start()
        _LOG.info("reading the configuration again")
        return True

    def finished(self) -> Future[Prepared] | None:
        """Return what has been prepared, or how that failed, once; None while there is nothing."""
        preparation = self._preparation
        if preparation is None or not preparation.done():
            return None
        self._preparation = None
        return preparation

    def accept(self, now: int) -> None:
        """Take note that what was prepared is in force."""
        self.succeeded, self._succeeded_at = True, now
        self._refusal = None

    def refuse(self, error: BaseException) -> None:
        """Say why the configuration stays as it is."""
        self.succeeded = False
        is_expected = isinstance(error, ConfigurationError | ReferenceProblem | ReloadRefusedError)
        trace = None if is_expected else error
        for reason in str(error).splitlines() or [type(error).__name__]:
            _LOG.error(
                "the configuration was not reloaded: the old one is in force",
                extra={"fields": {"reason": reason}},
                exc_info=trace,
            )
        # What nobody expected may hold anything: it is for the log alone.
        self._refusal = ReloadRefusedError(str(error) if is_expected else "an unexpected error, which is in the log")

    def tell(self) -> None:
        """Tell whoever asked for the reload what came of it: once the page says so, too."""
        outcome, self._outcome = self._outcome, None
        if outcome is None:
            return
        if self._refusal is None:
            outcome.set_result(None)
        else:
            outcome.set_exception(self._refusal)

    def samples(self) -> Iterator[Sample]:
        yield Sample(catalogue.CONFIG_RELOAD_SUCCESSFUL, (), int(self.succeeded))
        yield Sample(catalogue.CONFIG_RELOAD_TIME, (), self._succeeded_at / 1e6)

    def _run(self, preparation: Future[Prepared]) -> None:
        try:
            preparation.set_result(self._prepare())
        except BaseException as error:  # noqa: BLE001 - handed over to the worker, which knows what to do with it
            preparation.set_exception(error)
