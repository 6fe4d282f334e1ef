"""Which series a model can best do without: the order in which groups of them are left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from exporter import catalogue
from exporter.configuration.schema import Model
from exporter.snapshot import Sample

# Left out first to last; "of versions" goes version by version, the one with the fewest recent requests first.
(
    BINS_AND_CELLS_OF_VERSIONS,
    BINS_OF_THE_REFERENCE,
    SEGMENTS_OF_VERSIONS,
    SEGMENTS,
    WINDOWS_OF_VERSIONS,
    COUNTERS_OF_VERSIONS,
    CELLS,
    DATA_QUALITY,
    DRIFT_OF_FEATURES,
    WINDOWS,
    TRAFFIC_OF_VERSIONS,
    INFORMATION,
) = range(12)

_BINS_AND_CELLS = {catalogue.FEATURE_BIN_ROWS, catalogue.CONFUSION_ROWS, catalogue.CONFUSION_WINDOW_ROWS}
_DATA_QUALITY = {catalogue.DATA_QUALITY_RATIO, catalogue.DATA_QUALITY_THRESHOLD, catalogue.DATA_QUALITY_ROWS}
_TRAFFIC = {
    catalogue.REQUESTS,
    catalogue.FAILED_REQUESTS,
    catalogue.ERRORS,
    catalogue.REQUEST_DURATION,
    catalogue.SLO_EVENTS,
    catalogue.SLO_GOOD_EVENTS,
}

Group = tuple[int, int, str]


class Importance:
    """Ranks the samples of one model; ``samples`` are all that it has."""

    def __init__(self, model: Model, samples: Sequence[Sample]) -> None:
        self._recent = _recent_requests(model, samples)

    def group(self, sample: Sample) -> Group:
        """Return the group that a sample is left out with; the smallest groups go first."""
        labels = dict(zip(sample.metric.labels, sample.labels, strict=True))
        version = labels.get("model_version", "")
        return _stage(sample, labels), self._recent.get(version, 0) if version else 0, version


def _stage(sample: Sample, labels: Mapping[str, str]) -> int:
    metric, of_version = sample.metric, bool(labels.get("model_version"))
    if metric is catalogue.FEATURE_BIN_REFERENCE:
        return BINS_OF_THE_REFERENCE
    if metric in _BINS_AND_CELLS:
        return BINS_AND_CELLS_OF_VERSIONS if of_version else CELLS
    if labels.get("segment"):
        return SEGMENTS_OF_VERSIONS if of_version else SEGMENTS
    if "window" in labels:
        return WINDOWS_OF_VERSIONS if of_version else _stage_of_window(sample, labels)
    if metric in _TRAFFIC:
        return TRAFFIC_OF_VERSIONS
    return COUNTERS_OF_VERSIONS if of_version else INFORMATION


def _stage_of_window(sample: Sample, labels: Mapping[str, str]) -> int:
    if sample.metric is catalogue.SLO_COMPLIANCE:
        return INFORMATION  # few, and what people are called for
    if sample.metric in _DATA_QUALITY:
        return DATA_QUALITY
    return DRIFT_OF_FEATURES if labels.get("feature_name") else WINDOWS


def _recent_requests(model: Model, samples: Sequence[Sample]) -> dict[str, int]:
    """Return the requests of each version in the longest window that has a length."""
    lengths = [window for window in model.windows if window.length is not None]
    name = max(lengths, key=lambda window: window.length or 0).name if lengths else model.windows[0].name
    found = (sample for sample in samples if sample.metric is catalogue.WINDOW_REQUESTS and sample.labels[2] == name)
    return {sample.labels[1]: int(sample.value) for sample in found if not isinstance(sample.value, tuple)}
