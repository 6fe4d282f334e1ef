"""Models in every state, as samples: what a worker would have published, and what it would have answered."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from exporter import catalogue
from exporter.catalogue import Metric
from exporter.exposition.page import Page
from exporter.exposition.text import Renderer
from exporter.figures.spread import Spread, Spreads
from exporter.snapshot import Sample, snapshot_of
from exporter.web.status.survey import Moment

NOW = 1_800_000_000.0
WINDOW = "7d"
REFERENCE = "training"
LIMITS = {
    "error_ratio": {"info": 0.01, "warning": 0.02, "critical": 0.05, "emergency": 0.5},
    "latency_ratio": {"warning": 1.5, "critical": 2.0},
    "drifted_feature_share": {"info": 0.1, "warning": 0.3, "critical": 0.5},
    "label_coverage": {"warning": 0.5},
    "model_age": {"info": 7_776_000.0, "warning": 15_552_000.0},
}


def sample(metric: Metric, value: float, /, **labels: str) -> Sample:
    unknown = set(labels) - set(metric.labels)
    assert not unknown, f"{metric.name} has no {unknown}"
    return Sample(metric, tuple(labels.get(name, "") for name in metric.labels), value)


@dataclass
class Scene:
    """A model that is well, unless told otherwise; ``drift`` has multiples of the threshold by feature."""

    name: str
    drift: Mapping[str, float] = field(default_factory=dict)
    accuracy: float = 0.9
    error_ratio: float = 0.001
    latency: float = 0.04
    missing: Mapping[str, float] = field(default_factory=dict)
    state: str = catalogue.KNOWN
    coverage: float = 0.97
    remaining: float = 0.8
    is_up: bool = True
    sources_are_up: bool = True
    newest: float = NOW - 20
    rejected: Mapping[str, float] = field(default_factory=dict)
    owner: str = "risk-team"
    is_judged: bool = True
    extra: Sequence[Sample] = ()

    def samples(self) -> Iterator[Sample]:
        """What is on the page."""
        name = self.name
        yield sample(catalogue.MODEL_INFO, 1, model_name=name, task="binary", framework="xgboost", owner=self.owner)
        yield sample(catalogue.MODEL_TRAINED, NOW - 30 * 86_400, model_name=name)
        yield sample(catalogue.REFERENCE_ROWS, 50_000, model_name=name, reference=REFERENCE)
        for limit, values in LIMITS.items():
            for severity, value in values.items():
                yield sample(catalogue.LIMIT, value, model_name=name, limit=limit, severity=severity)
        yield from self._traffic()
        yield from self._drift()
        yield from self._quality()
        yield from self._objectives()
        yield from self.extra

    def own(self) -> Iterator[Sample]:
        """What the worker says of the sources."""
        name = self.name
        yield sample(catalogue.MODEL_UP, int(self.is_up), model_name=name)
        yield sample(catalogue.MODEL_FAILURES, 0 if self.is_up else 3, model_name=name)
        yield sample(catalogue.COUNTING_SINCE, NOW - 40 * 86_400, model_name=name)
        yield sample(catalogue.SERIES, 1200, model_name=name)
        yield sample(catalogue.SERIES_LIMIT, 10_000, model_name=name)
        for source in ("predictions", "labels"):
            about = {"model_name": name, "source": source}
            yield sample(catalogue.SOURCE_UP, int(self.sources_are_up), **about)
            yield sample(catalogue.SOURCE_FAILURES, 0 if self.sources_are_up else 12, **about)
            yield sample(catalogue.NEWEST_EVENT, self.newest, **about)
            yield sample(catalogue.SOURCE_LAST_SUCCESS, NOW - 2, **about)
            yield sample(catalogue.SOURCE_LAG, 0, **about)
            yield sample(catalogue.SOURCE_INFO, 1, **about, format="jsonl", delivery="continuous")
            yield sample(catalogue.ROWS, 123_456, **about)
            for reason, rows in self.rejected.items():
                yield sample(catalogue.REJECTED_ROWS, rows, **about, reason=reason)

    def spreads(self) -> Spreads:
        """What the worker answers."""
        return Spreads(WINDOW, tuple(self._spread(feature, multiple) for feature, multiple in self.drift.items()))

    def _spread(self, feature: str, multiple: float) -> Spread:
        before = (1000,) * 10
        tilt = min(multiple, 4.0) / 4
        now = tuple(round(100 * math.exp(tilt * (place - 4.5) / 3)) for place in range(10))
        cuts = tuple(round(0.5 + 1.75 * place, 2) for place in range(9))
        if feature.startswith("kind"):
            return Spread("data", feature, (), ("web", "app", "shop"), (*now[:3], now[9]), (500, 300, 190, 10))
        return Spread("data", feature, cuts, (), now, before)

    def _traffic(self) -> Iterator[Sample]:
        for window, requests in (("1h", 3600), (WINDOW, 604_800)):
            about = {"model_name": self.name, "window": window}
            yield sample(catalogue.WINDOW_REQUESTS, requests, **about)
            yield sample(catalogue.WINDOW_REQUESTS, requests, **about, model_version="3")
            yield sample(catalogue.ERROR_RATIO, self.error_ratio, **about)
            for q, factor in (("0.5", 0.4), ("0.95", 1.0), ("0.99", 1.6)):
                yield sample(catalogue.LATENCY, factor * self.latency, **about, q=q)

    def _drift(self) -> Iterator[Sample]:
        for feature, multiple in self.drift.items():
            about = {"model_name": self.name, "kind": "data", "feature_name": feature, "reference": REFERENCE}
            yield sample(catalogue.DRIFT_ROWS, 604_800, **about, window=WINDOW)
            share = self.missing.get(feature, 0.0)
            quality = {"model_name": self.name, "feature_name": feature, "window": WINDOW}
            yield sample(catalogue.DATA_QUALITY_ROWS, 604_800, **quality)
            yield sample(catalogue.DATA_QUALITY_RATIO, share, **quality, check="missing")
            if not self.is_judged:
                continue
            for method, threshold, factor in (("ks", 0.15, 1.0), ("psi", 0.2, 0.8)):
                score = multiple * factor * threshold
                yield sample(catalogue.DRIFT_SCORE, score, **about, window=WINDOW, method=method)
                for severity, ratio in (("info", 2 / 3), ("warning", 1.0), ("critical", 5 / 3)):
                    stated = {"window": WINDOW, "method": method, "severity": severity}
                    yield sample(catalogue.DRIFT_THRESHOLD, ratio * threshold, **about, **stated)
            for severity, limit in (("warning", 0.05), ("critical", 0.2)):
                about_check = {"check": "missing", "severity": severity}
                yield sample(catalogue.DATA_QUALITY_THRESHOLD, limit, **quality, **about_check)

    def _quality(self) -> Iterator[Sample]:
        if not self.is_judged:
            return
        for state in catalogue.QUALITY_STATES:
            yield sample(
                catalogue.QUALITY_STATE, int(state == self.state), model_name=self.name, state=state, window=WINDOW
            )
        yield sample(catalogue.LABEL_COVERAGE, self.coverage, model_name=self.name, window=WINDOW)
        if self.state != catalogue.KNOWN:
            return
        for metric, value in (("accuracy", self.accuracy), ("roc_auc", min(self.accuracy + 0.04, 1.0))):
            about = {"model_name": self.name, "metric": metric, "window": WINDOW}
            yield sample(catalogue.QUALITY, value, **about)
            yield sample(catalogue.QUALITY_LOWER, value - 0.01, **about)
            yield sample(catalogue.QUALITY_UPPER, value + 0.01, **about)
            yield sample(catalogue.QUALITY_BASELINE, 0.91, **about)
            yield sample(catalogue.QUALITY_ROWS, 58_000, **about)
            for severity, threshold in (("warning", 0.86), ("critical", 0.81), ("emergency", 0.6)):
                stated = {"severity": severity, "bound": "min"}
                yield sample(catalogue.QUALITY_THRESHOLD, threshold, **about, **stated)

    def _objectives(self) -> Iterator[Sample]:
        about = {"model_name": self.name, "slo": "latency"}
        yield sample(catalogue.SLO_OBJECTIVE, 0.99, **about)
        yield sample(catalogue.SLO_LATENCY_LIMIT, 0.1, **about)
        yield sample(catalogue.SLO_PERIOD, 2_592_000, **about)
        yield sample(catalogue.SLO_ERROR_BUDGET, self.remaining, **about)
        yield sample(catalogue.SLO_COMPLIANCE, 1 - 0.01 * (1 - self.remaining), **about, window="30d")
        yield sample(catalogue.SLO_EVENTS, 2_000_000, **about)
        yield sample(catalogue.SLO_GOOD_EVENTS, 2_000_000 * (1 - 0.01 * (1 - self.remaining)), **about)


def features(count: int, worst: float = 0.6) -> dict[str, float]:
    """Features whose drift falls from ``worst`` times the threshold to none."""
    return {f"feature_{place:03d}": worst * (count - place) / count for place in range(count)}


WELL = Scene(
    "credit-scoring",
    {"income": 0.62, "age": 0.31, "debt_ratio": 0.22, "kind_of_contract": 0.4, "postcode_risk": 0.08},
    remaining=0.83,
)
BROKEN = Scene(
    "fraud-detection",
    {"amount": 3.4, "country_risk": 2.2, "kind_of_device": 1.6, "hour": 0.9, "merchant_age": 0.4, "velocity_24h": 0.2},
    accuracy=0.74,
    error_ratio=0.031,
    missing={"country_risk": 0.27, "hour": 0.01},
    remaining=-0.4,
    rejected={"malformed": 17, "timestamp": 230},
    owner="payments",
)
WAITING = Scene("churn", {"tenure": 0.0, "plan_price": 0.0}, is_judged=False, owner="crm")
OVERDUE = Scene("demand-forecast", {"season": 0.5}, state=catalogue.OVERDUE, coverage=0.02, owner="supply")
ALL = (WELL, BROKEN, WAITING, OVERDUE)


def page_of(scenes: Iterable[Scene]) -> Page:
    return Renderer().page(snapshot_of(each for scene in scenes for each in scene.samples()))


def own_of(scenes: Iterable[Scene], *more: Sample) -> tuple[Sample, ...]:
    """What the worker says of everything; ``more`` take the place of what they are of."""
    exporter = {
        each.metric: each
        for each in (
            sample(catalogue.LAST_EVALUATION, NOW - 4),
            sample(catalogue.EVALUATION_DURATION, 0.38),
            sample(catalogue.LAST_COMMIT, NOW - 2),
            sample(catalogue.FAILED_COMMITS, 0),
            sample(catalogue.CONFIG_RELOAD_SUCCESSFUL, 1),
            sample(catalogue.CONFIG_RELOAD_TIME, NOW - 86_400),
            sample(catalogue.SERIES, 4800),
            sample(catalogue.SERIES_LIMIT, 100_000),
            *more,
        )
    }
    return (*exporter.values(), *(each for scene in scenes for each in scene.own()))


def moment_of(scenes: Sequence[Scene], *more: Sample) -> Moment:
    return Moment(page_of(scenes), own_of(scenes, *more), NOW)
