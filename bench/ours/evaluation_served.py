"""Drift as `serve` evaluates it: every fifteen seconds for half an hour, of 100 features in windows of 1h and 24h.

The rows are there before the work begins, which moves time on through them, minute by minute and pane by pane. Divide by
evaluations, windows and features for the cost of one.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from bench import memory_data
from bench.ours.model import NOW, SEED
from exporter.capture.profiles import profile_of
from exporter.configuration.loading import load
from exporter.configuration.schema import Model
from exporter.configuration.windows import Window
from exporter.exposition.press import Press
from exporter.figures import drift
from exporter.ledger.window_state import state_of
from exporter.ledger.window_view import views
from exporter.pipeline import Pipeline
from exporter.snapshot import Sample, Section

FEATURES, WINDOWS, EVALUATIONS = memory_data.NUMERIC + memory_data.CATEGORICAL, 2, 120
_EVERY, _NO_LIMIT = 15_000_000, 1_000_000
# The last half hour of the log: the hour is whole throughout, the day from midnight on, when it moves.
_END = (memory_data.BEGINNING + memory_data.ROWS) * 1_000_000
_BEGINNING = _END - EVALUATIONS * _EVERY


def prepare(_: Path, edges: str) -> Work:
    return Work(memory_data.data(), int(edges))


class Work:
    """Evaluates that half hour; ``renew`` goes back to where it begins."""

    def __init__(self, folder: Path, edges: int) -> None:
        self._model = _model(folder, edges)
        self._profile = profile_of(self._model, folder / "profiles")

    def renew(self) -> None:
        self._pipeline = Pipeline(self._model, self._profile, SEED, finish=True)
        self._pipeline.begin_at(0)
        while (delivery := self._pipeline.predictions.poll(NOW)) is not None:
            self._pipeline.take_predictions(delivery, NOW)
            newest = self._pipeline.predictions.health.newest
            assert newest is not None  # there was a row
            self._pipeline.advance(min(newest, _BEGINNING), 0)
        # Packed, as the commit before an evaluation leaves them.
        assert self._pipeline.ledger.panes.nbytes
        self._press = Press()
        self._evaluate(_BEGINNING)

    def __call__(self) -> float:
        series = [self._evaluate(_BEGINNING + number * _EVERY) for number in range(1, EVALUATIONS + 1)]
        # The rows and three scores of each feature, or more: the day is whole from midnight on, and computed then.
        assert series[-1] >= 4 * FEATURES * WINDOWS
        return float(sum(series))

    def _evaluate(self, now: int) -> int:
        """Return how many series the page of a moment has."""
        self._pipeline.advance(now, 0)
        self._press.begin(_NO_LIMIT)
        self._press.take(self._model, [self._section(window, now) for window in self._model.windows])
        self._press.page()
        return self._press.usages()[0].series

    def _section(self, window: Window, now: int) -> Section:
        state = state_of(self._pipeline.ledger, window, now)
        return Section(window.name, state, partial(self._figures, window, now))

    def _figures(self, window: Window, now: int) -> Iterator[Sample]:
        # There is one version, and its figures are the same.
        return drift.window_figures(views(self._pipeline.ledger, window, now)[0])


def _model(folder: Path, edges: int) -> Model:
    """Return the model of the memory benchmark with so many edges."""
    model = next(iter(load(folder / "driftbell.yml").configuration.models.values()))
    limits = model.limits.model_copy(update={"edges": edges})
    return model.model_copy(update={"limits": limits}).named(model.name)
