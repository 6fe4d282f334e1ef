"""The figures of a log from its files alone, with NumPy, SciPy and scikit-learn: nothing of Driftbell's is used.

``expected`` gives what ``evaluate`` must print, by metric name and labels.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pyarrow import parquet

from tests.exporter.oracle_rows import DAY, Row, Task, is_missing, records_of, text
from tests.exporter.oracle_statistics import categorical_drift, numeric_drift, quality

# Length, step, and how far behind a window ends.
WINDOWS = {
    "24h": (DAY, DAY // 48, 0),
    "24h_previous": (DAY, DAY // 48, DAY),
    "7d": (7 * DAY, DAY // 8, 0),
    "all": (None, 0, 0),
}
COUNT_WINDOWS = {"60rows": 60, "5000rows": 5000}
OUTCOMES = ("joined", "duplicate", "corrected", "unscored")
DELAYS = [60, 300, 900, 3600, 14_400, 43_200, 86_400, 259_200, 604_800, 1_209_600, 2_592_000]
LATENCIES = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
CONFIDENCES = [i / 20 for i in range(1, 21)]
LOW_CONFIDENCE = 0.7
BEGINNING = -(1 << 61)

Key = tuple[str, frozenset[tuple[str, str]]]
Figures = dict[Key, float]


class Oracle:
    """The log of one model in a folder."""

    def __init__(self, folder: Path, task: Task) -> None:
        self.task = task
        self.rows = [
            self._row(record) for record in records_of(folder / "predictions.jsonl.gz") if self._is_own(record)
        ]
        usable = [r for r in records_of(folder / "labels.jsonl.gz") if "request_id" in r and r["label"] is not None]
        self.lines = [(line["time"], line["request_id"], self.output(line["label"])) for line in usable]
        self.reference: dict[str, list[Any]] = parquet.read_table(folder / "reference.parquet").to_pydict()
        self.baselines: dict[str, dict[str, float]] = {}

    def expected(self, at: int | None, *, all_labels: bool) -> Figures:
        """Return what is to be said as of ``at`` (None: just after the newest row)."""
        rows = [row for row in self.rows if at is None or row.time < at]
        end = max(row.time for row in rows) + 1 if at is None else at
        found: Figures = {}
        self._join(rows, end, found, all_labels=all_labels)
        for version in sorted({row.version for row in rows}):
            self._count([row for row in rows if row.version == version], version, found)
        first = min(row.time for row in rows)
        for window, (length, step, behind) in WINDOWS.items():
            stop = end // step * step - behind if step else end
            start = stop - length if length else None
            inside = [row for row in rows if start is None or start <= row.time < stop]
            complete = start is None or first // step * step <= start
            self._pages(inside, window, found, complete=complete)
        self._forget_labels(rows, BEGINNING if all_labels else end)
        by_time = sorted(rows, key=lambda row: row.time)
        for window, size in COUNT_WINDOWS.items():
            # Which of two requests of one time is in a window is not said by their times.
            assert len(by_time) <= size or by_time[-size].time > by_time[-size - 1].time
            self._pages(by_time[-size:], window, found, complete=len(by_time) >= size)
        return found

    def _pages(self, rows: list[Row], window: str, found: Figures, *, complete: bool) -> None:
        for version in ("", *sorted({row.version for row in rows})):
            mine = [row for row in rows if version in ("", row.version)]
            Page(self, mine, version, window, found).fill(complete=complete)

    def _forget_labels(self, rows: list[Row], end: int) -> None:
        """Windows of a number of rows know the labels of the horizon alone, which moves on in steps."""
        step = max(self.task.horizon // 512, 1_000_000)
        for row in rows:
            if row.time < end // step * step - self.task.horizon:
                row.label = None

    def key(self, family: str, **labels: str) -> Key:
        named = {"model_name": self.task.name} | labels
        return family, frozenset((name, value) for name, value in named.items() if value)

    def _is_own(self, record: Mapping[str, Any]) -> bool:
        return record["status"] != "ok" and bool(record.get("model", self.task.name) == self.task.name)

    def _row(self, record: Mapping[str, Any]) -> Row:
        scores = self.task.scores(record) if self.task.scores else None
        return Row(
            record["time"],
            record["request_id"],
            record["version"],
            record["segment"],
            record.get("endpoint", ""),
            record["features"],
            record["status"],
            record["latency_ms"] / 1000,
            self.output(record["prediction"]),
            None if scores is None else tuple(scores),
        )

    def output(self, value: Any) -> Any:
        return value if value is None or self.task.task == "regression" else text(value)

    def _worth(self, label: Any) -> float:
        return float(self.task.classes.index(label)) if self.task.classes else float(label)

    def _join(self, rows: list[Row], end: int, found: Figures, *, all_labels: bool) -> None:
        by_id = {row.request_id: row for row in rows}
        elsewhere = {row.request_id for row in self.rows} - by_id.keys()
        for row in rows:
            row.lines, row.label = [], None
        orphans = 0
        for time, request_id, label in self.lines:
            if not all_labels and time > end:
                continue
            row_or_none = by_id.get(request_id)
            if row_or_none is not None and abs(time - row_or_none.time) <= self.task.horizon:
                row_or_none.lines.append((time, label))
            elif request_id not in elsewhere:
                # Nobody knows yet whether a prediction will come, unless the log has ended.
                orphans += all_labels or time < end - self.task.horizon
        for row in rows:
            if row.succeeded and row.lines:
                row.label = max(row.lines, key=lambda line: (line[0], self._worth(line[1])))[1]
        found[self.key("ml_labels_total", outcome="orphan")] = orphans

    def _count(self, rows: list[Row], version: str, found: Figures) -> None:
        """Fill in the counters of a version."""
        model = {"model_version": version}
        for endpoint, requests in Counter(row.endpoint for row in rows).items():
            found[self.key("ml_requests_total", **model, endpoint=endpoint)] = requests
        found[self.key("ml_failed_requests_total", **model)] = sum(not row.succeeded for row in rows)
        found[self.key("ml_errors_total", **model, error_type="client")] = sum(400 <= row.status < 500 for row in rows)
        found[self.key("ml_errors_total", **model, error_type="server")] = sum(row.status >= 500 for row in rows)
        self._histogram("ml_request_duration_seconds", model, LATENCIES, [row.latency for row in rows], found)
        good = [row for row in rows if row.succeeded]
        by_class = Counter(row.prediction for row in good)
        for name in self.task.classes:
            found[self.key("ml_predictions_total", **model, predicted_class=name)] = by_class[name]
        if not self.task.classes:
            found[self.key("ml_predictions_total", **model)] = len(good)
        if self.task.scores:
            sure = [self._confidence(row) for row in good]
            self._histogram("ml_prediction_confidence", model, CONFIDENCES, sure, found)
            low = sum(value < LOW_CONFIDENCE for value in sure)
            found[self.key("ml_low_confidence_predictions_total", **model)] = low
        outcomes = self._outcomes(rows)
        for outcome in OUTCOMES:
            found[self.key("ml_labels_total", **model, outcome=outcome)] = outcomes[outcome]
        delays = [max(time - row.time, 0) / 1e6 for row in good for time, _ in row.lines]
        self._histogram("ml_label_delay_seconds", model, DELAYS, delays, found)
        self.cells("ml_confusion_rows_total", good, model, found)

    def _confidence(self, row: Row) -> float:
        assert row.scores is not None
        if self.task.task == "binary":
            return row.scores[0] if row.prediction == self.task.positive else 1 - row.scores[0]
        return row.scores[self.task.classes.index(row.prediction)]

    def _outcomes(self, rows: list[Row]) -> Counter[str]:
        found: Counter[str] = Counter()
        for row in rows:
            if not row.succeeded:
                found["unscored"] += len(row.lines)
            elif row.lines:
                values = len({label for _, label in row.lines})
                found += Counter(joined=1, corrected=values - 1, duplicate=len(row.lines) - values)
        return found

    def _histogram(
        self, name: str, labels: dict[str, str], bounds: Sequence[float], values: list[float], found: Figures
    ) -> None:
        places = Counter(bisect_left(bounds, value) for value in values)
        for i, bound in enumerate([*bounds, math.inf]):
            le = "+Inf" if math.isinf(bound) else str(float(bound))
            found[self.key(f"{name}_bucket", **labels, le=le)] = sum(places[j] for j in range(i + 1))
        found[self.key(f"{name}_count", **labels)] = len(values)
        found[self.key(f"{name}_sum", **labels)] = math.fsum(values)

    def cells(self, metric: str, rows: Iterable[Row], labels: dict[str, str], found: Figures) -> None:
        cells = Counter((row.prediction, row.label) for row in rows if row.label is not None)
        for predicted in self.task.classes:
            for true in self.task.classes:
                key = self.key(metric, **labels, predicted_class=predicted, true_class=true)
                found[key] = cells[predicted, true]


@dataclass
class Page:
    """One window of one version."""

    oracle: Oracle
    rows: list[Row]
    version: str
    window: str
    found: Figures

    def fill(self, *, complete: bool) -> None:
        good = [row for row in self.rows if row.succeeded]
        self._traffic()
        for feature, kind in self.oracle.task.kinds.items():
            values = [row.features.get(feature) for row in good]
            self._data_quality(feature, kind, values)
            self._drift("data", feature, kind, values, self.oracle.reference[feature], complete=complete)
        self._output_drift(good, complete=complete)
        labelled = [row for row in good if row.label is not None]
        if good:
            self._set("ml_label_coverage_ratio", len(labelled) / len(good))
        self._quality(labelled, "", "")
        for segment in {row.segment for row in labelled if row.segment is not None}:
            self._quality([row for row in labelled if row.segment == segment], "segment", segment)
        labels = {"model_version": self.version, "window": self.window}
        self.oracle.cells("ml_confusion_window_rows", labelled, labels, self.found)

    def _set(self, family: str, value: float, **labels: str) -> None:
        if not math.isnan(value):
            self.found[self.oracle.key(family, model_version=self.version, window=self.window, **labels)] = value

    def _traffic(self) -> None:
        self._set("ml_window_requests", len(self.rows))
        if not self.rows:
            return
        self._set("ml_error_ratio", sum(row.status >= 500 for row in self.rows) / len(self.rows))
        latency = [row.latency for row in self.rows]
        for q in (0.5, 0.9, 0.95, 0.99, 0.999):
            self._set("ml_latency_seconds", float(np.quantile(latency, q)), q=str(q))
        self._set("ml_latency_seconds", max(latency), q="max")

    def _data_quality(self, feature: str, kind: str, values: list[Any]) -> None:
        self._set("ml_data_quality_rows", len(values), feature_name=feature)
        there = [value for value in values if not is_missing(value)]
        reference = self.oracle.reference[feature]
        if values:
            self._ratio("missing", feature, 1 - len(there) / len(values))
            self._ratio("invalid", feature, 0)
        if there and kind == "numeric":
            low, high = min(reference), max(reference)
            self._ratio("out_of_range", feature, sum(not low <= value <= high for value in there) / len(there))
        elif there:
            known = set(map(text, reference))
            self._ratio("unseen_category", feature, sum(text(value) not in known for value in there) / len(there))

    def _ratio(self, check: str, feature: str, value: float) -> None:
        self._set("ml_data_quality_ratio", value, check=check, feature_name=feature)

    def _output_drift(self, good: list[Row], *, complete: bool) -> None:
        task, reference = self.oracle.task, self.oracle.reference
        kind = "categorical" if task.classes else "numeric"
        predicted, true = [row.prediction for row in good], [row.label for row in good]
        self._drift("prediction", "", kind, predicted, reference["prediction"], complete=complete)
        self._drift("label", "", kind, true, reference["label"], complete=complete)
        if task.task == "binary":
            scores = [row.scores[0] for row in good if row.scores]
            self._drift("score", "", "numeric", scores, reference["score"], complete=complete)

    def _drift(
        self, of: str, feature: str, kind: str, values: list[Any], reference: list[Any], *, complete: bool
    ) -> None:
        there = [value for value in values if not is_missing(value)]
        labels = {"kind": of, "feature_name": feature, "reference": "training"}
        self._set("ml_drift_rows", len(there), **labels)
        if not complete or len(there) < self.oracle.task.min_rows:
            return
        scores = numeric_drift if kind == "numeric" else categorical_drift
        for method, score in scores(reference, there).items():
            self._set("ml_drift_score", score, **labels, method=method)

    def _quality(self, rows: list[Row], segment_by: str, segment: str) -> None:
        labels = {"segment_by": segment_by, "segment": segment}
        figures = quality(self.oracle.task, rows)
        for metric, value in figures.items():
            self._set("ml_quality", value, **labels, metric=metric)
            relative = sum(row.label != 0 for row in rows) if metric == "mape" else len(rows)
            self._set("ml_quality_rows", relative, **labels, metric=metric)
        for metric, value in self._baseline(segment_by, segment).items():
            self._set("ml_quality_baseline", value, **labels, metric=metric)

    def _baseline(self, segment_by: str, segment: str) -> dict[str, float]:
        """The same figures of the reference's own rows."""
        known = self.oracle.baselines
        if segment not in known:
            known[segment] = self._quality_of_reference(segment_by, segment)
        return known[segment]

    def _quality_of_reference(self, segment_by: str, segment: str) -> dict[str, float]:
        task, table = self.oracle.task, self.oracle.reference
        names = list(table)
        rows = []
        for values in zip(*table.values(), strict=True):
            record = dict(zip(names, values, strict=True))
            if segment_by and record["segment"] != segment:
                continue
            label, predicted = (self.oracle.output(record[part]) for part in ("label", "prediction"))
            scores = tuple(_reference_scores(task, record)) if task.scores else None
            rows.append(Row(0, "", "", segment, "", {}, 200, 0.0, predicted, scores, label))
        return quality(task, rows) if rows else {}


def _reference_scores(task: Task, record: Mapping[str, Any]) -> Iterable[float]:
    assert task.scores is not None
    if task.task == "binary":
        return [record["score"]]
    if "scores" in record:
        return task.scores(record)  # type: ignore[no-any-return]
    return [record[f"proba.{name}"] for name in task.classes]
