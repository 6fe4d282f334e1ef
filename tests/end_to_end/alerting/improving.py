"""A model of numbers whose inputs move to where it errs less: everything drifts, and nothing is wrong."""

from __future__ import annotations

from typing import Any

from tests.end_to_end.alerting.stationary import World


class ImprovingWorld(World):
    """Rows as in the stationary world, until they have ``moved``.

    Then inputs vary less, about other values, and labels with them; errors fall by a fifth.
    """

    def __init__(self, seed: int) -> None:
        super().__init__("regression", seed)
        self.moved = False

    def _row(self) -> dict[str, Any]:
        row = super()._row()
        if not self.moved:
            return row
        features, error = row["features"], row["label"] - row["prediction"]
        features["size"] = round(2 + 0.3 * features["size"], 3)
        features["age"] = None if features["age"] is None else round(0.3 * features["age"], 3)
        features["wait"] = round(2 * features["wait"], 3)
        prediction = round(features["size"] + (features["age"] or 0.0), 3)
        return {"features": features, "prediction": prediction, "label": round(prediction + 0.8 * error, 3)}
