"""Where things lead: one level down with what is chosen, or to the page that says what to do."""

from __future__ import annotations

from dashboards.panels.panel import Link
from rules.settings import DEFAULT

_KEPT = ("datasource", "job", "across")


def board(title: str, uid: str, *kept: str, **chosen: str) -> Link:
    """Return a link to a dashboard, to which the time, ``kept`` variables and ``chosen`` values are handed.

    >>> board("Drift", "driftbell-drift", "window", model_name=label("model_name")).url
    '/d/driftbell-drift?${__url_time_range}&${datasource:queryparam}&${job:queryparam}&${across:queryparam}&${window:queryparam}&var-model_name=${__field.labels.model_name}'
    """
    variables = [f"${{{name}:queryparam}}" for name in (*_KEPT, *kept)]
    values = [f"var-{name}={value}" for name, value in chosen.items()]
    return Link(title, f"/d/{uid}?{'&'.join(['${__url_time_range}', *variables, *values])}")


def label(name: str) -> str:
    """Return a label of the series that was clicked."""
    return f"${{__field.labels.{name}}}"


def cell(title: str) -> str:
    """Return another cell of the row that was clicked, by its column."""
    return f'${{__data.fields["{title}"]}}'


def runbook(alert: str) -> Link:
    return Link(f"Runbook: {alert}", f"{DEFAULT.runbooks}/{alert}.md", new=True)
