"""Panels about the models themselves: their age, versions, references, and reasons to train them anew."""

from __future__ import annotations

from dashboards.figures import recorded
from dashboards.panels.colour import REFERENCE
from dashboards.panels.panel import Panel, Query
from dashboards.panels.table import Column, Sorting, table
from dashboards.panels.table import label as of_label
from dashboards.panels.time_series import TimeSeries, limit_line
from dashboards.variables import SETTINGS, SOME
from exporter import catalogue
from rules.groups import model, retraining
from rules.promql import combined, select


def of_models() -> tuple[Panel, ...]:
    return (_ages(), _versions(), _reasons(), _references())


def _ages() -> Panel:
    trained = combined("max", (), select(SETTINGS, catalogue.MODEL_TRAINED, SOME))
    oldest = combined("max", (), select(SETTINGS, catalogue.LIMIT, SOME, limit="model_age", severity="warning"))
    return TimeSeries(
        number=41,
        same_colours=True,
        title="Days since training",
        description="By model, with the strictest warning limit: beyond it the model should be trained anew, or its limit raised.",
        queries=(
            Query(f"(time() - ({trained} > 0)) / 86400", "{{model_name}}"),
            Query(f"min({oldest}) / 86400", "limit"),
        ),
        width=5,
        unit="none",
        minimum=0,
        overrides=(limit_line("^limit$", REFERENCE),),
        alerts=("MLModelStale",),
    )


def _versions() -> Panel:
    return TimeSeries(
        number=42,
        same_colours=True,
        title="Versions that answer",
        description="Versions of each model that answered within an hour: two for long is a roll-out that nobody finished.",
        queries=(Query(recorded(model.LIVE_VERSIONS, SOME), "{{model_name}}"),),
        width=5,
        unit="none",
        decimals=0,
        minimum=0,
        alerts=("MLSeveralVersions",),
    )


def _reasons() -> Panel:
    named = "|".join(retraining.CAUSES)
    firing = f'ALERTS{{alertstate="firing",job="$job",{SOME},alertname=~"{named}",severity!="info"}}'
    causes = combined("count", (), combined("group", ("alertname",), firing))
    return TimeSeries(
        number=43,
        same_colours=True,
        title="Reasons to retrain",
        description="Alerts that agree that a model no longer fits the world. Two are enough for the alert, unless broken data"
        " explain them or the model is a day young.",
        queries=(Query(causes, "{{model_name}}"), Query("vector(2)", "enough")),
        width=5,
        unit="none",
        decimals=0,
        minimum=0,
        overrides=(limit_line("^enough$", REFERENCE),),
        alerts=("MLRetrainingDue",),
    )


def _references() -> Panel:
    return table(
        (
            of_label("model_name", "Model"),
            of_label("reference", "Reference"),
            of_label("hash", "Hash", width=120),
            Column(
                "Rows", combined("max", ("reference",), select(SETTINGS, catalogue.REFERENCE_ROWS, SOME)), "locale", 0
            ),
            Column(
                "Instances",
                combined("count", ("reference", "hash"), select(SETTINGS, catalogue.REFERENCE_INFO, SOME)),
                decimals=0,
            ),
        ),
        number=44,
        title="References",
        description="What the models are compared with. Exporters of one model that differ in a hash judge by different yardsticks.",
        width=9,
        height=8,
        sorting=(Sorting("Model", descending=False),),
        empty="No reference",
        alerts=("MLReferenceMissing", "MLReferencesDiffer"),
    )
