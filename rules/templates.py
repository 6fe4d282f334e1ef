"""Pieces of the templates that Prometheus fills in when an alert fires."""

from __future__ import annotations

from exporter.catalogue import Metric

NUMBER = '{{ printf "%.4g" $value }}'


def newest(metric: Metric | str, labels: tuple[str, ...], **fixed: str) -> str:
    """Return a template that shows the value of one series: with some of the alert's own labels, and others that are fixed.

    Two exporters may show it; any of them will do.
    """
    name = metric if isinstance(metric, str) else metric.name
    own = [f"{label}=%q" for label in labels]
    said = [f'{label}=\\"{value}\\"' for label, value in fixed.items()]
    selector = f"{name}{{{','.join([*own, *said])}}}"
    values = " ".join(f"$labels.{label}" for label in labels)
    return (
        f'{{{{ with printf "{selector}" {values} | query }}}}{{{{ . | first | value | printf "%.4g" }}}}{{{{ end }}}}'
    )


def limit(name: str, severity: str) -> str:
    """Return a template that shows a limit of ``ml_limit``."""
    return newest("ml_limit", ("job", "model_name"), limit=name, severity=severity)
