"""What happened meanwhile: drawn over every panel that shows time."""

from __future__ import annotations

from dataclasses import dataclass

from dashboards.panels.colour import NOTICE, WARNING
from dashboards.variables import SETTINGS
from exporter import catalogue
from rules.groups.model import CHANGE
from rules.promql import select


@dataclass(frozen=True, slots=True)
class Annotation:
    """``title`` may name labels, as ``{{label}}``. ``at_value``: the value is the moment, in milliseconds."""

    name: str
    expression: str
    title: str
    colour: str
    tags: tuple[str, ...] = ()
    at_value: bool = False


def events(models: str) -> tuple[Annotation, ...]:
    """Return what is drawn on a dashboard; ``models`` is the matcher of the models that it shows."""
    change = f'{CHANGE}{{job="$job",{models}}}'
    return (
        Annotation(
            "Firing alerts",
            f'ALERTS{{alertstate="firing",job="$job",{models}}}',
            "{{alertname}}",
            WARNING,
            ("severity", "feature_name", "metric", "slo"),
        ),
        # What changed is said for a day; here its beginning is wanted.
        Annotation("Changes", f"{change} unless {change} offset 5m", "{{change}}", NOTICE, ("model_name",)),
        Annotation(
            "Trained",
            f"{select(SETTINGS, catalogue.MODEL_TRAINED, models)} * 1000",
            "{{model_name}} was trained",
            "semi-dark-green",
            ("model_name",),
            at_value=True,
        ),
    )
