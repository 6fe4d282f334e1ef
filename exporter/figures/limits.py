"""The configured limits of what has no thresholds of its own."""

from __future__ import annotations

from collections.abc import Iterator

from exporter import catalogue
from exporter.configuration.alerts import AGES
from exporter.counting.layout import Layout
from exporter.snapshot import Sample


def information(layout: Layout) -> Iterator[Sample]:
    model = layout.model
    for limit in catalogue.LIMITS:
        for severity, value in model.alerts.limits_of(limit.name).items():
            shown = value / 1e6 if limit.name in AGES else value
            yield Sample(catalogue.LIMIT, (model.name, limit.name, severity), shown)
