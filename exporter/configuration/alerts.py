"""Limits of what has no thresholds of its own: they become ``ml_limit``, and the rules read them there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationInfo, field_validator

from exporter.catalogue import LIMITS, Direction
from exporter.configuration.sections import Section
from exporter.configuration.severities import Ages, Multiples, Shares, completed, stated
from exporter.configuration.values import written
from exporter.durations import UNITS

_DAY = UNITS["d"]
# By severity; ages are microseconds.
DEFAULTS: Mapping[str, Mapping[str, float]] = {
    "error_ratio": {"info": 0.01, "warning": 0.02, "critical": 0.05, "emergency": 0.5},
    "latency_ratio": {"warning": 1.5, "critical": 2.0},
    "traffic_ratio": {"warning": 0.5, "critical": 0.1},
    "label_coverage": {"warning": 0.5},
    "drifted_feature_share": {"info": 0.1, "warning": 0.3, "critical": 0.5},
    "low_confidence_share": {"info": 0.2},
    "model_age": {"info": 90 * _DAY, "warning": 180 * _DAY},
}
# Those that are durations.
AGES = frozenset({"model_age"})
_FALLING = {limit.name for limit in LIMITS if limit.direction is Direction.HIGH_IS_GOOD}


class Alerts(Section):
    """Limits by severity for alerts on what has no thresholds of its own. They are series (`ml_limit`), so changing one
    takes no new rules; null turns one off."""

    error_ratio: Shares | None = written({})
    """Share of requests that end in a server error; by default 0.01 (info), 0.02 (warning), 0.05 (critical), 0.5 (emergency)."""
    latency_ratio: Multiples | None = written({})
    """Latency as a multiple of its objective; by default 1.5 (warning), 2 (critical)."""
    traffic_ratio: Shares | None = written({})
    """Requests as a share of what is usual, below which there are too few; by default 0.5 (warning), 0.1 (critical)."""
    label_coverage: Shares | None = written({})
    """Share of predictions with a label, below which there are too few; by default 0.5 (warning)."""
    drifted_feature_share: Shares | None = written({})
    """Share of features over their thresholds; by default 0.1 (info), 0.3 (warning), 0.5 (critical)."""
    low_confidence_share: Shares | None = written({})
    """Share of predictions below `low_confidence`; by default 0.2 (info)."""
    model_age: Ages | None = written({})
    """Time since `info.trained_at`; by default 90d (info), 180d (warning)."""

    def limits_of(self, name: str) -> dict[str, Any]:
        """Return a limit by severity, from the mildest; ages are microseconds."""
        return stated(getattr(self, name))

    @field_validator(*DEFAULTS, mode="after")
    @classmethod
    def _severe_after_mild(cls, said: Section | None, info: ValidationInfo) -> Section | None:
        name = info.field_name or ""
        return completed(DEFAULTS[name], said, falling=name in _FALLING)
