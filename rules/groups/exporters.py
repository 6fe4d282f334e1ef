"""Exporters: are they there, do they work, can they save, do they have room?"""

from __future__ import annotations

from exporter import catalogue
from rules.groups.watch import OF_NO_MODEL, watch
from rules.promql import combined, select, total
from rules.rule import Alert, Group
from rules.settings import Settings

# An evaluation is due every few seconds; a page that is older is the page of an exporter that hangs.
OLDEST_PAGE = 300
_OLDEST_COMMIT = 900


def group(settings: Settings) -> Group:
    return Group("driftbell-exporters", (*_exporter(settings), *_models(settings), *_limits(settings)))


def _exporter(settings: Settings) -> tuple[Alert, ...]:
    up = f'up{{job="{settings.job}"}}'
    evaluated = f"max by (job, instance) ({select(settings, catalogue.LAST_EVALUATION)})"
    committed = f"max by (job, instance) ({select(settings, catalogue.LAST_COMMIT)})"
    failed = f"max by (job, instance) (increase({select(settings, catalogue.FAILED_COMMITS)}[15m]))"
    reload = f"min by (job, instance) ({select(settings, catalogue.CONFIG_RELOAD_SUCCESSFUL)})"
    return (
        watch(
            "MLExporterDown",
            "critical",
            f"{up} == 0",
            "5m",
            "An exporter cannot be scraped, so nothing is known of its models.",
            "{{ $labels.instance }} has not answered for five minutes: no figure, and no alert, of its models can be trusted.",
            symptom=True,
            **OF_NO_MODEL,
        ),
        watch(
            "MLExporterAbsent",
            "critical",
            f"absent({up})",
            "10m",
            "Prometheus knows of no exporter at all.",
            f"No target of job {settings.job} is there: the scrape configuration or the service discovery has lost it.",
            symptom=True,
            **OF_NO_MODEL,
        ),
        watch(
            "MLExporterNotWorking",
            "critical",
            f"time() - {evaluated} > {OLDEST_PAGE}",
            "5m",
            "An exporter answers, and its figures stand still.",
            "{{ $labels.instance }} computed its figures {{ $value | humanizeDuration }} ago.",
            symptom=True,
            **OF_NO_MODEL,
        ),
        watch(
            "MLStateNotSaved",
            "warning",
            f"{failed} > 0 or time() - {committed} > {_OLDEST_COMMIT}",
            "10m",
            "An exporter cannot save its state.",
            "{{ $labels.instance }} has not saved what it has counted. It goes on counting; after a restart it reads again"
            " what it has not saved, if the logs are still there.",
            **OF_NO_MODEL,
        ),
        watch(
            "MLConfigReloadFailed",
            "warning",
            f"{reload} == 0",
            "5m",
            "An exporter refused its new configuration.",
            "{{ $labels.instance }} goes on with the configuration before; its log says what is wrong with the new one.",
            **OF_NO_MODEL,
        ),
    )


def _models(settings: Settings) -> tuple[Alert, ...]:
    up = combined("min", (), select(settings, catalogue.MODEL_UP))
    failures = total(settings, (), f"increase({select(settings, catalogue.FIGURE_FAILURES)}[15m])")
    return (
        watch(
            "MLModelSetAside",
            "critical",
            f"{up} == 0",
            "10m",
            "An exporter does without a model, since it fails again and again.",
            "{{ $labels.model_name }} is set aside and started again in vain: none of its figures is there. The exporter's log has the error.",
            symptom=True,
            # What the configuration says about it, its owner among that, is not on the page either.
            of_model=False,
        ),
        watch(
            "MLFiguresLeftOut",
            "warning",
            f"{failures} > 0",
            "15m",
            "Some figures of a model cannot be computed.",
            "{{ $labels.model_name }}: a group of figures fails at each evaluation and is left out. The exporter's log has the error.",
        ),
    )


def _limits(settings: Settings) -> tuple[Alert, ...]:
    series = combined("max", (), select(settings, catalogue.SERIES, 'model_name!=""'))
    limit = combined("max", (), select(settings, catalogue.SERIES_LIMIT, 'model_name!=""'))
    dropped = combined("max", (), select(settings, catalogue.DROPPED_SERIES, 'model_name!=""'))
    overflow = total(settings, ("dimension",), f"increase({select(settings, catalogue.OVERFLOWING_VALUES)}[1h])")
    evicted = total(settings, (), f"increase({select(settings, catalogue.EVICTED_PREDICTIONS)}[1h])")
    return (
        watch(
            "MLSeriesLimit",
            "warning",
            f"({dropped} > 0) or ({series} / {limit} > 0.9)",
            "15m",
            "A model has nearly, or more than, as many series as it may have.",
            "{{ $labels.model_name }} is at its limit of series: the least important are left out."
            " Fewer segments, windows or methods; or raise `limits.series`.",
        ),
        watch(
            "MLValuesOverflowing",
            "info",
            f"{overflow} > 0",
            "1h",
            "More distinct values than have a name of their own.",
            "{{ $labels.model_name }}: values of {{ $labels.dimension }} are counted as __other__.",
        ),
        watch(
            "MLPredictionsEvicted",
            "warning",
            f"{evicted} > 0",
            "15m",
            "Predictions are given up before their labels can come.",
            "{{ $labels.model_name }} keeps more predictions than `limits.memory` has room for: the oldest will never be judged.",
        ),
    )
