"""From the log file to the page with orjson, pandas, SciPy and prometheus_client: a drift script as people write it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import orjson
import pandas as pd
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from scipy import stats

_BATCH = 10_000
_NUMERIC = [f"num_{i}" for i in range(12)]
_CATEGORICAL = [f"cat_{i}" for i in range(4)]


def prepare(folder: Path) -> Callable[[], None]:
    reference = _frame((folder / "reference.jsonl").read_bytes().splitlines())

    def work() -> None:
        lines = (folder / "predictions.jsonl").read_bytes().splitlines()
        frames = [_frame(lines[start : start + _BATCH]) for start in range(0, len(lines), _BATCH)]
        window = pd.concat(frames, ignore_index=True)
        registry = CollectorRegistry()
        drift = Gauge("drift_score", "Distance from the reference.", ["feature", "method"], registry=registry)
        for name in _NUMERIC:
            drift.labels(name, "ks").set(stats.ks_2samp(reference[name], window[name]).statistic)
            drift.labels(name, "psi").set(_psi(*_deciles(reference[name], window[name])))
        for name in _CATEGORICAL:
            counts = pd.concat([reference[name].value_counts(), window[name].value_counts()], axis=1).fillna(0)
            drift.labels(name, "chi2").set(stats.chi2_contingency(counts.T).statistic)
            drift.labels(name, "psi").set(_psi(*(counts / counts.sum()).to_numpy().T))
        generate_latest(registry)

    return work


def _frame(lines: list[bytes]) -> pd.DataFrame:
    records = [orjson.loads(line) for line in lines]
    frame = pd.DataFrame([record["features"] for record in records])
    frame["timestamp"] = pd.to_datetime([record["timestamp"] for record in records], format="ISO8601")
    for name in ("status", "latency_ms", "score", "prediction"):
        frame[name] = [record[name] for record in records]
    return frame


def _deciles(reference: pd.Series, window: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    limits = np.unique(np.quantile(reference, np.linspace(0, 1, 11)))
    limits[0], limits[-1] = -np.inf, np.inf
    shares = [np.histogram(values, limits)[0] / len(values) for values in (reference, window)]
    return shares[0], shares[1]


def _psi(reference: np.ndarray, window: np.ndarray) -> float:
    reference, window = np.maximum(reference, 1e-4), np.maximum(window, 1e-4)
    return float(np.sum((window - reference) * np.log(window / reference)))
