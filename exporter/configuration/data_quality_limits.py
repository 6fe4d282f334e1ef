"""From when on data are bad: by check and severity, how much more of it than in the reference."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationInfo, field_validator

from exporter.configuration.sections import Section
from exporter.configuration.severities import Shares, completed, stated
from exporter.configuration.values import written

_USUAL = {"warning": 0.05, "critical": 0.20}
DEFAULTS: Mapping[str, Mapping[str, float]] = {
    "missing": _USUAL,
    # A single value of the wrong type is a fault of some program; so many are one that matters.
    "invalid": {"warning": 0.01, "critical": 0.05},
    "out_of_range": _USUAL,
    "unseen_category": _USUAL,
}


class DataQualityLimits(Section):
    """By check and severity: the share by which failing values exceed the reference's own share before it matters."""

    missing: Shares | None = written({})
    """By default 0.05 (warning) and 0.2 (critical); null turns the check off."""
    invalid: Shares | None = written({})
    """By default 0.01 (warning) and 0.05 (critical)."""
    out_of_range: Shares | None = written({})
    """By default 0.05 (warning) and 0.2 (critical)."""
    unseen_category: Shares | None = written({})
    """By default 0.05 (warning) and 0.2 (critical)."""

    @field_validator(*DEFAULTS, mode="after")
    @classmethod
    def _severe_after_mild(cls, said: Shares | None, info: ValidationInfo) -> Shares | None:
        return completed(DEFAULTS[info.field_name or ""], said)


class DataQuality(Section):
    """When the share of missing, invalid or unknown values is too large."""

    limits: DataQualityLimits = written({})

    def limits_of(self, check: str) -> dict[str, float]:
        """Return by severity, from the mildest, by how much a share may exceed the reference's."""
        return stated(getattr(self.limits, check))
