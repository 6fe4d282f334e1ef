"""The configured limits of a case, among others that no alert of it may take for them."""

from __future__ import annotations

from collections.abc import Mapping

from exporter import catalogue
from exporter.catalogue import SEVERITIES
from rules.testing.inputs import Series, constant, series

_HUGE = 1e9


def limits(name: str, by_severity: Mapping[str, float], last: int) -> tuple[Series, ...]:
    """Return the series of one limit, and of another that is huge at every severity."""
    other = "model_age" if name != "model_age" else "latency_ratio"
    values = [(name, severity, value) for severity, value in by_severity.items()]
    return tuple(
        series(catalogue.LIMIT, constant(value, last), limit=limit, severity=severity)
        for limit, severity, value in (*values, *((other, severity, _HUGE) for severity in SEVERITIES))
    )
