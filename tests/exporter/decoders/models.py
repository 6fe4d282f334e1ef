"""What tests of decoders share: a model from a few lines of configuration, and one line of its log."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from exporter.configuration.loading import parse
from exporter.configuration.schema import Model
from exporter.counting.layout import Layout
from exporter.decoders.json_lines import JsonLines
from exporter.decoders.label import LabelGatherer
from exporter.decoders.prediction import PredictionGatherer
from exporter.reference.profile import CategoricalColumn, Column, Profile
from exporter.rows.record import Decoded, Labels, Predictions

__all__ = ["Log", "model_of", "profile_of"]

NOW = 1_714_572_000_000_000
SEED = 7
TIME = "2024-05-01T14:00:00Z"
MOMENT = NOW


def model_of(**settings: Any) -> Model:
    stated = {"task": "binary", "predictions": "p.jsonl", "labels": "l.jsonl", **settings}
    text = json.dumps({"models": {"m": stated}})
    return parse(text, file="d.yml", folder=Path("/")).configuration.models["m"]


def column(*categories: str, domain: str = "text") -> CategoricalColumn:
    counts = np.ones(len(categories), np.int64)
    return CategoricalColumn(categories, counts, len(categories), 0, frozenset({domain}))


def profile_of(**features: Column) -> Profile:
    return Profile("hash", 1, "binary", ("0", "1"), "1", features, None, None, None)


class Log:
    """Decoders of both logs of a model."""

    def __init__(self, profile: Profile | None = None, **settings: Any) -> None:
        self.model = model_of(**settings)
        self.layout = Layout(self.model, profile)
        self._predictions = JsonLines[Predictions](PredictionGatherer(self.layout, SEED))

    def lines(self, *lines: bytes) -> Decoded[Predictions]:
        return self._predictions.decode(lines, NOW)

    def records(self, *records: Mapping[str, Any]) -> Decoded[Predictions]:
        return self.lines(*(line(record) for record in records))

    def labels(self, *records: Any) -> Decoded[Labels]:
        assert self.model.labels is not None
        decoder = JsonLines[Labels](LabelGatherer(self.layout, self.model.labels, SEED))
        return decoder.decode([raw if isinstance(raw, bytes) else json.dumps(raw).encode() for raw in records], NOW)

    def names(self, codes: Any, feature: int = 0) -> list[str | int]:
        """Return the texts of a categorical feature's codes, MISSING and INVALID as they are."""
        dictionary = self.layout.categorical[feature].dictionary
        return [dictionary.text(code) if code >= 0 else code for code in codes[:, feature].tolist()]


def line(record: Mapping[str, Any]) -> bytes:
    return json.dumps({"timestamp": TIME, "request_id": "a", **record}).encode()
