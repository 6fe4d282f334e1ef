"""All rules, file by file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rules.groups import (
    data_quality,
    drift,
    exporters,
    health,
    logs,
    model,
    objectives,
    quality,
    resources,
    retraining,
    servers,
    traffic,
)
from rules.rule import Alert, Group, Record
from rules.settings import DEFAULT, Settings

Bundle = Mapping[str, Sequence[Group]]
"""Groups by the name of their file, without its suffix."""


def bundle(settings: Settings = DEFAULT) -> Bundle:
    return {
        "driftbell-models": (
            model.group(settings),
            traffic.group(settings),
            quality.group(settings),
            drift.group(settings),
            data_quality.group(settings),
            # After all whose alerts it looks at.
            retraining.group(settings),
            health.group(settings),
        ),
        "driftbell-slo": objectives.groups(settings),
        "driftbell-pipeline": (exporters.group(settings), logs.group(settings), servers.group(settings)),
        "driftbell-resources": (resources.group(settings),),
    }


def groups(rules: Bundle) -> Iterator[Group]:
    for each in rules.values():
        yield from each


def alerts(rules: Bundle) -> Iterator[Alert]:
    for group in groups(rules):
        yield from group.alerts


def records(rules: Bundle) -> Iterator[Record]:
    for group in groups(rules):
        yield from group.records
