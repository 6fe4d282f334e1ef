"""The running exporter: one worker that reads, commits and evaluates, and a page that is swapped when it is ready."""

from __future__ import annotations

import logging
import platform
import threading
from collections.abc import Callable, Sequence

import exporter
from exporter import catalogue, persistence
from exporter.configuration.schema import Configuration
from exporter.exposition import Renderer
from exporter.pipeline import Pipeline
from exporter.snapshot import Sample, Snapshot, snapshot_of
from exporter.state import State, StateError

_LOG = logging.getLogger(__name__)

# How long the worker rests when there was nothing to read, in seconds.
_REST = 0.5
# Figures this many intervals old are not shown any more: absent is better than frozen.
_STUCK = 5

Clock = Callable[[], int]


class App:
    """Works through pipelines until it is told to stop. ``clock`` gives microseconds since the epoch."""

    def __init__(self, configuration: Configuration, pipelines: Sequence[Pipeline], state: State, clock: Clock) -> None:
        self._configuration = configuration
        self._pipelines = pipelines
        self._state = state
        self._clock = clock
        self._renderer = Renderer()
        self._body: bytes | None = None
        self._own = snapshot_of(build_info())
        self._evaluated_at: int | None = None
        self._committed_at = clock()
        self._stop = threading.Event()

    def run(self) -> None:
        """Work until ``stop``; then commit once more."""
        while not self._stop.is_set():
            if not self.step():
                self._stop.wait(_REST)
        self.commit()

    def stop(self) -> None:
        self._stop.set()

    def step(self) -> bool:
        """Read a batch of every model, and commit and evaluate when it is time; return whether anything was read."""
        read = [pipeline.step(self._clock()) for pipeline in self._pipelines]
        now = self._clock()
        if now - self._committed_at >= self._configuration.storage.commit_interval:
            self.commit()
        due = self._evaluated_at is None or now - self._evaluated_at >= self._configuration.evaluation_interval
        if due and (self._evaluated_at is not None or not any(read)):
            self.evaluate()
        return any(read)

    def commit(self) -> None:
        """Save everything; what cannot be saved is kept and tried again at the next commit."""
        self._committed_at = self._clock()
        try:
            with self._state.transaction():
                for pipeline in self._pipelines:
                    persistence.save(pipeline, self._state)
        except StateError as error:
            _LOG.error("the state was not saved", extra={"fields": {"error": str(error)}})
            return
        for pipeline in self._pipelines:
            persistence.saved(pipeline)

    def evaluate(self) -> None:
        """Compute every figure and publish the page."""
        started = self._clock()
        snapshot = snapshot_of(
            sample for pipeline in self._pipelines for sample in pipeline.samples(pipeline.ledger.now)
        )
        self._body = self._renderer.render(snapshot)
        self._evaluated_at = self._clock()
        self._own = snapshot_of(
            [
                *build_info(),
                *self._evaluation(started, snapshot),
                *(s for p in self._pipelines for s in p.source_samples()),
            ]
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
        return self._evaluated_at is not None

    def _evaluation(self, started: int, snapshot: Snapshot) -> list[Sample]:
        finished = self._evaluated_at or started
        return [
            Sample(catalogue.LAST_EVALUATION, (), finished / 1e6),
            Sample(catalogue.EVALUATION_DURATION, (), max(finished - started, 0) / 1e6),
            Sample(catalogue.SERIES, (), snapshot.series),
        ]


def build_info() -> list[Sample]:
    return [Sample(catalogue.BUILD_INFO, (exporter.__version__, platform.python_version()), 1)]
