"""All specifications."""

from __future__ import annotations

from functools import cache

from rules.testing import (
    confidence,
    data_quality,
    drift,
    errors,
    exporters,
    labels,
    logs,
    model,
    objectives,
    quality,
    resources,
    retraining,
    servers,
    traffic,
)
from rules.testing.specification import Specification

_SUBJECTS = (
    model,
    errors,
    traffic,
    quality,
    labels,
    confidence,
    drift,
    data_quality,
    retraining,
    objectives,
    exporters,
    logs,
    servers,
    resources,
)


@cache
def specifications() -> tuple[Specification, ...]:
    return tuple(each for subject in _SUBJECTS for each in subject.specifications())
