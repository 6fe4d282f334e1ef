"""What a dashboard can be asked for: which Prometheus, which job, which model, and what of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from exporter import catalogue
from exporter.catalogue import Metric
from rules.promql import select
from rules.settings import Settings


class _Chosen(Settings):
    """What the rules are generated with is chosen in the dashboards."""

    @property
    def across(self) -> str:
        return "$across"


SETTINGS = _Chosen(job="$job")
"""With which the rules' expressions become those of the dashboards."""
ONE = 'model_name="$model_name"'
SOME = 'model_name=~"$model_name"'


@dataclass(frozen=True, slots=True)
class Variable:
    """``query`` asks Prometheus for the values; none: the variable chooses Prometheus itself. ``several`` may be chosen at once.

    ``choices`` are values by what they are called, of a variable that asks nothing; the first is chosen at first.
    """

    name: str
    label: str
    query: str = ""
    several: bool = False
    choices: Mapping[str, str] = field(default_factory=dict)


def values_of(label: str, metric: Metric | str, *matchers: str, of_model: bool = True) -> str:
    """Return the query for the values that a label of a metric has.

    >>> values_of("window", "ml_drift_score", 'kind="data"')
    'label_values(ml_drift_score{job="$job",model_name="$model_name",kind="data"}, window)'
    """
    model = (ONE,) if of_model else ()
    return f"label_values({select(SETTINGS, metric, *model, *matchers)}, {label})"


DATASOURCE = Variable("datasource", "Data source")
ACROSS = Variable("across", "Exporters read", choices={"the same logs": "max", "a part each": "sum"})
"""Replicas have counted the same records, shards have not."""
JOB = Variable("job", "Job", f"label_values({catalogue.BUILD_INFO.name}, job)")
_MODELS = values_of("model_name", catalogue.MODEL_INFO, of_model=False)
MODEL = Variable("model_name", "Model", _MODELS)
MODELS = Variable("model_name", "Model", _MODELS, several=True)


def of_one_model(*more: Variable) -> tuple[Variable, ...]:
    return (DATASOURCE, JOB, ACROSS, MODEL, *more)
