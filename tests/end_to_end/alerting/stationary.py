"""Models whose world does not change: rows of one distribution, and a reference drawn from it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from tests.end_to_end.alerting.replay import Line

TASKS = ("binary", "multiclass", "regression")

_CLASSES: dict[str, list[int | str]] = {"binary": [0, 1], "multiclass": ["cold", "mild", "hot"]}
_REFERENCE_ROWS = 2000
_FAILS = 0.001


class World:
    """Draws rows of a task; ``seed`` decides all of them."""

    def __init__(self, task: str, seed: int) -> None:
        self.task = task
        self._random = np.random.default_rng(seed)
        self._requests = 0

    def write_reference(self, path: Path) -> None:
        with path.open("w") as file:
            for _ in range(_REFERENCE_ROWS):
                record = self._row()
                file.write(json.dumps({**record.pop("features"), **record}) + "\n")

    def logs(self, start: float, end: float, per_hour: float) -> tuple[list[Line], list[Line]]:
        """Return the lines of predictions and of labels; requests come at random, more by day than by night."""
        predictions, labels = [], []
        for time in self._times(start, end, per_hour):
            self._requests += 1
            row = self._row()
            truth = row.pop("label")
            named = {"timestamp": time, "request_id": f"{self.task}-{self._requests}"}
            failed = self._random.random() < _FAILS
            answer = {"status": 500, "features": row["features"]} if failed else {"status": 200, **row}
            latency = float(np.round(self._random.lognormal(3, 0.5), 2))
            predictions.append((time, _line({**named, "version": "1", "latency_ms": latency, **answer})))
            known = time + float(self._random.exponential(1800))
            if not failed and self._random.random() < 0.97:
                labels.append((known, _line({**named, "timestamp": known, "label": truth})))
        return predictions, sorted(labels)

    def _times(self, start: float, end: float, per_hour: float) -> Iterator[float]:
        most = 1.5 * per_hour / 3600
        time = start
        while (time := time + self._random.exponential(1 / most)) < end:
            if self._random.random() < (1 + 0.5 * np.sin(2 * np.pi * time / 86_400)) / 1.5:
                yield round(float(time), 3)

    def _row(self) -> dict[str, Any]:
        random = self._random
        size, age, wait = (
            float(np.round(each, 3)) for each in (random.normal(), random.gamma(2), random.lognormal(0, 0.7))
        )
        plan = str(random.choice(["free", "basic", "pro"], p=[0.5, 0.3, 0.2]))
        features = {"size": size, "age": None if random.random() < 0.02 else age, "wait": wait, "plan": plan}
        return {"features": features, **self._outcome(size, age)}

    def _outcome(self, size: float, age: float) -> dict[str, object]:
        random = self._random
        if self.task == "regression":
            return {"prediction": round(size + age, 3), "label": round(size + age + float(random.normal(0, 0.5)), 3)}
        classes = _CLASSES[self.task]
        chances = _chances(size, len(classes))
        answer: dict[str, object] = {"score": round(float(chances[1]), 4)} if self.task == "binary" else {}
        return {
            **answer,
            "prediction": classes[int(np.argmax(chances))],
            "label": classes[int(random.choice(len(classes), p=chances))],
        }


def _chances(size: float, classes: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    odds = np.exp(3 * size * np.linspace(-1, 1, classes))
    chances: np.ndarray[tuple[int], np.dtype[np.float64]] = odds / odds.sum()
    return chances


def _line(record: dict[str, object]) -> str:
    return json.dumps(record) + "\n"
