"""The running exporter: one worker that reads, commits and evaluates, and a page that is swapped when it is ready."""

from __future__ import annotations

import logging
import platform
import threading
from collections.abc import Callable, Sequence

import exporter
from exporter import catalogue, persistence
from exporter.catalogue import Kind
from exporter.configuration.schema import Configuration
from exporter.exposition import Renderer
from exporter.pipeline import Pipeline
from exporter.snapshot import Sample, Snapshot, snapshot_of
from exporter.state import State, StateError

_LOG = logging.getLogger(__name__)

# How long the worker rests when there was nothing to read, and when there was hardly anything, in seconds.
# Without the second, a busy log would be read a few lines at a time, at a high price for each.
_REST = 0.5
_BREATH = 0.1
# A step that took less than this (microseconds) had hardly anything to read.
_BRISK = 10_000
# Figures this many intervals old are not shown any more: absent is better than frozen.
_STUCK = 5

Clock = Callable[[], int]


class App:
    """Works through pipelines until it is told to stop. ``clock`` gives microseconds since the epoch.

    A counter is published once it has been committed, so that it never falls, whatever ends the process.
    """

    def __init__(self, configuration: Configuration, state: State, clock: Clock) -> None:
        self._configuration = configuration
        self._pipelines: list[Pipeline] = []
        self._state = state
        self._clock = clock
        self._renderer = Renderer()
        self._body: bytes | None = None
        self._evaluation: Sequence[Sample] = ()
        self._source_counters: Sequence[Sample] = ()
        self._own = snapshot_of(build_info())
        self._started_at = self._committed_at = clock()
        self._evaluated_at: int | None = None
        self._stop = threading.Event()

    def add(self, pipeline: Pipeline) -> None:
        """Take on a model, where the state left it. Raises ``StateError``."""
        persistence.restore(pipeline, self._state)
        self._pipelines.append(pipeline)
        self._note_counters()
        self._report()

    def run(self) -> bool:
        """Work until ``stop``; then commit once more and return whether that went well."""
        while not self._stop.is_set():
            started = self._clock()
            if not self.step():
                self._stop.wait(_REST)
            elif self._elapsed_since(started) < _BRISK:
                self._stop.wait(_BREATH)
        return self.commit()

    def stop(self) -> None:
        self._stop.set()

    def close(self) -> None:
        """Let go of the logs."""
        for pipeline in self._pipelines:
            pipeline.close()

    def step(self) -> bool:
        """Read a batch of every model, and commit and evaluate when it is time; return whether anything was read."""
        # Every model has its turn, whatever an earlier one has brought.
        read = [pipeline.step(self._clock()) for pipeline in self._pipelines]
        if self._evaluation_is_due(caught_up=not any(read)):
            self.commit()
            self.evaluate()
        elif self._elapsed_since(self._committed_at) >= self._configuration.storage.commit_interval:
            self.commit()
        self._report()
        return any(read)

    def commit(self) -> bool:
        """Save everything and return whether that worked; what cannot be saved is tried again the next time."""
        self._committed_at = self._clock()
        # Also after a failure, which is in the log: better figures that may not survive than none.
        self._note_counters()
        try:
            with self._state.transaction():
                for pipeline in self._pipelines:
                    persistence.save(pipeline, self._state)
        except StateError as error:
            _LOG.error("the state was not saved", extra={"fields": {"error": str(error)}})
            return False
        for pipeline in self._pipelines:
            persistence.saved(pipeline)
        return True

    def evaluate(self) -> None:
        """Compute every figure and publish the page."""
        started = self._clock()
        samples = (sample for pipeline in self._pipelines for sample in pipeline.samples(pipeline.ledger.now))
        snapshot = snapshot_of(samples)
        self._body = self._renderer.render(snapshot)
        self._evaluated_at = self._clock()
        self._evaluation = (
            Sample(catalogue.LAST_EVALUATION, (), self._evaluated_at / 1e6),
            Sample(catalogue.EVALUATION_DURATION, (), max(self._evaluated_at - started, 0) / 1e6),
            Sample(catalogue.SERIES, (), snapshot.series),
        )

    def body(self) -> bytes | None:
        """The models' part of the page; None before there is one, and when the worker is stuck."""
        if self._evaluated_at is None:
            return None
        age = self._clock() - self._evaluated_at
        return self._body if age < _STUCK * self._configuration.evaluation_interval else None

    def own(self) -> Snapshot:
        """What the exporter says of itself."""
        return self._own

    @property
    def is_ready(self) -> bool:
        """Whether there are figures to scrape."""
        return self.body() is not None

    def _evaluation_is_due(self, *, caught_up: bool) -> bool:
        """The first one waits for the backlog, but not for ever: a log may grow as fast as it is read."""
        interval = self._configuration.evaluation_interval
        if self._evaluated_at is None:
            return caught_up or self._elapsed_since(self._started_at) >= interval
        return self._elapsed_since(self._evaluated_at) >= interval

    def _elapsed_since(self, moment: int) -> int:
        # A clock that was set back must not stop the work until it has caught up with itself.
        return abs(self._clock() - moment)

    def _note_counters(self) -> None:
        self._source_counters = [sample for sample in self._source_samples() if sample.metric.kind is Kind.COUNTER]

    def _report(self) -> None:
        gauges = (sample for sample in self._source_samples() if sample.metric.kind is not Kind.COUNTER)
        self._own = snapshot_of([*build_info(), *self._evaluation, *self._source_counters, *gauges])

    def _source_samples(self) -> list[Sample]:
        return [sample for pipeline in self._pipelines for sample in pipeline.source_samples()]


def build_info() -> list[Sample]:
    return [Sample(catalogue.BUILD_INFO, (exporter.__version__, platform.python_version()), 1)]
