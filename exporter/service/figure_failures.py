"""Figures that could not be computed: left out, counted and logged, with all other figures where they were."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from exporter import catalogue
from exporter.exposition.text import Renderer
from exporter.snapshot import Sample, snapshot_of

_LOG = logging.getLogger(__name__)

# An error comes back with each evaluation: it is in the log at most so often, in microseconds.
_LOG_INTERVAL = 3_600_000_000


class FigureFailures:
    """Whatever goes wrong in a group of figures is an error of ours; it costs that group, and nothing else."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._told: dict[tuple[str, str], int] = {}

    def attempts(self, model: str, now: int) -> Attempts:
        """Return the attempts of one evaluation of a model; ``now`` is the wall clock in microseconds."""
        return Attempts(lambda group, error: self._note(model, group, error, now))

    def sound(self, samples: Iterable[Sample], now: int) -> list[Sample]:
        """Return those samples that can be written: for when a page cannot be, since each is written by itself."""
        kept: dict[tuple[str, tuple[str, ...]], Sample] = {}
        for sample in samples:
            try:
                Renderer().page(snapshot_of([sample]))
                is_new = kept.setdefault((sample.metric.name, sample.labels), sample) is sample
                problem: Exception | None = None if is_new else ValueError(f"the series {sample.labels} is there twice")
            except Exception as error:  # noqa: BLE001 - as above
                problem = error
            if problem is not None:
                self._note(_model_of(sample), sample.metric.name, problem, now)
        return list(kept.values())

    def samples(self, models: Iterable[str]) -> Iterator[Sample]:
        for model in models:
            yield Sample(catalogue.FIGURE_FAILURES, (model,), self._counts[model])

    def _note(self, model: str, group: str, error: Exception, now: int) -> None:
        self._counts[model] += 1
        told = self._told.get((model, group))
        if told is None or abs(now - told) >= _LOG_INTERVAL:
            self._told[model, group] = now
            fields: Mapping[str, str] = {"model": model, "figures": group, "error": repr(error)}
            _LOG.error("figures are left out", extra={"fields": fields}, exc_info=error)


class Attempts:
    """Computes groups of figures; ``failed`` says whether one of them raised an error, each of which is noted."""

    def __init__(self, note: Callable[[str, Exception], None]) -> None:
        self._note = note
        self.failed = False

    def __call__(self, group: str, figures: Callable[[], Iterable[Sample]]) -> Sequence[Sample]:
        """Return all samples of a group, or none when it fails."""
        try:
            return list(figures())
        except Exception as error:  # noqa: BLE001 - whatever it is, it is logged
            self._note(group, error)
            self.failed = True
            return ()


def _model_of(sample: Sample) -> str:
    labels = dict(zip(sample.metric.labels, sample.labels, strict=False))
    return str(labels.get("model_name", ""))
