"""Expressions as text: selectors that always carry the job, aggregations that always keep it, comparisons with a limit."""

from __future__ import annotations

import re
from collections.abc import Iterable

import promql_parser

from exporter.catalogue import Metric
from rules.settings import Settings

_PLAIN = re.compile(r"[\w-]+", re.ASCII)

MODEL = ("job", "model_name")
"""What tells one model from another: two environments may have models of one name, in two jobs."""


def select(settings: Settings, metric: Metric | str, *matchers: str, suffix: str = "", **labels: str) -> str:
    """Return a selector of an exporter's series; ``matchers`` are whole ones, such as ``'window!="all"'``.

    >>> select(Settings(), "ml_drift_score", 'window!="all"', kind="data")
    'ml_drift_score{job="driftbell",window!="all",kind="data"}'
    """
    name = metric if isinstance(metric, str) else metric.name
    equal = [f'{label}="{value}"' for label, value in {"job": settings.job, **labels}.items()]
    return f"{name}{suffix}{{{','.join([equal[0], *matchers, *equal[1:]])}}}"


def foreign(metric: str, job: str, *matchers: str) -> str:
    """Return a selector of another exporter's series, whose ``job`` may be a regular expression.

    >>> foreign("node_memory_MemTotal_bytes", "node|node-exporter")
    'node_memory_MemTotal_bytes{job=~"node|node-exporter"}'
    >>> foreign("node_memory_MemTotal_bytes", "node")
    'node_memory_MemTotal_bytes{job="node"}'
    """
    operator = "=" if _PLAIN.fullmatch(job) else "=~"
    all_of_them = [f'job{operator}"{job}"', *matchers]
    return f"{metric}{{{','.join(all_of_them)}}}"


def combined(operation: str, labels: Iterable[str], expression: str) -> str:
    """Return an aggregation that keeps the job, the model and some other labels.

    >>> combined("max", ["window"], "x")
    'max by (job, model_name, window) (x)'
    """
    return f"{operation} by ({', '.join([*MODEL, *labels])}) ({expression})"


def total(settings: Settings, labels: Iterable[str], expression: str) -> str:
    """Return a counter's increase or rate over all of a model's exporters.

    Replicas have read the same rows: the one that has read most says how many there were. Shards are added up.
    """
    labels = tuple(labels)
    if settings.across == "sum":
        return combined("sum", labels, expression)
    return combined(settings.across, labels, f"sum by ({', '.join(['instance', *MODEL, *labels])}) ({expression})")


def per_limit(settings: Settings, limit: str, severity: str) -> str:
    """Return a limit of ``ml_limit``, one series a model."""
    return combined("max", (), select(settings, "ml_limit", limit=limit, severity=severity))


def joined(left: str, operator: str, right: str, *, on: Iterable[str] = MODEL, many: bool = False) -> str:
    """Return a comparison or a set operation by some labels; with ``many`` several series on the left may meet one on the right.

    >>> joined("a", ">", "b", on=["x"], many=True)
    '(a) > on (x) group_left () (b)'
    """
    group = " group_left ()" if many else ""
    return f"({left}) {operator} on ({', '.join(on)}){group} ({right})"


def pretty(expression: str) -> str:
    """Return an expression in the canonical form, over as many lines as it needs."""
    return str(promql_parser.parse(expression).prettify())
