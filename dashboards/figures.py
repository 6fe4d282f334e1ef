"""Expressions that several dashboards show, and the words for what they say."""

from __future__ import annotations

from collections.abc import Mapping

from dashboards.panels.colour import CRITICAL, EMERGENCY, GOOD, NOTICE, UNKNOWN, WARNING, Steps, Word
from dashboards.variables import SETTINGS
from exporter import catalogue
from exporter.catalogue import Metric
from rules.groups import health
from rules.promql import MODEL, combined, per_limit, select, total

HEALTH: Mapping[float, Word] = {
    health.UNKNOWN: Word("No figures", CRITICAL),
    health.FINE: Word("Fine", GOOD),
    health.LEVELS["info"]: Word("Notice", NOTICE),
    health.LEVELS["warning"]: Word("Warning", WARNING),
    health.LEVELS["critical"]: Word("Critical", CRITICAL),
    health.LEVELS["emergency"]: Word("Emergency", EMERGENCY),
}
_UNKNOWN_RANK = 2.5
"""Between a warning and what is critical, in a table that is sorted by health."""
RANKED: Mapping[float, Word] = {
    **{level: word for level, word in HEALTH.items() if level != health.UNKNOWN},
    _UNKNOWN_RANK: HEALTH[health.UNKNOWN],
}
LABELS: Mapping[float, Word] = {
    0: Word("Waiting", UNKNOWN),
    1: Word("Known", GOOD),
    2: Word("Overdue", WARNING),
}
P_VALUES = {(0.0, 0.0005): Word("< 0.001", "text")}
"""With three decimals the smallest would be 0."""
NONE_IS_GOOD = Steps(GOOD, ((1, CRITICAL),))
OF_LIMIT = Steps(GOOD, ((1, WARNING),))
"""Of what is told as a multiple of its limit or threshold: 1 is at it."""
BUDGET = Steps(CRITICAL, ((0, WARNING), (0.25, GOOD)))
"""Overdrawn, low, all right: as the alerts on budgets say."""


def recorded(name: str, models: str, **labels: str) -> str:
    """Return a selector of a recording rule's series."""
    return select(SETTINGS, name, models, **labels)


def ranked(level: str) -> str:
    """Return the health of models so that those of which nothing is known do not come last."""
    return f"({level} >= {health.FINE}) or 0 * {level} + {_UNKNOWN_RANK}"


def requests(models: str, window: str = "$__rate_interval", labels: tuple[str, ...] = ()) -> str:
    return total(SETTINGS, labels, f"rate({select(SETTINGS, catalogue.REQUESTS, models)}[{window}])")


def server_errors(models: str, window: str = "$__rate_interval") -> str:
    """Return the share of requests that end in a server error."""
    errors = select(SETTINGS, catalogue.ERRORS, models, error_type="server")
    return f"{total(SETTINGS, (), f'rate({errors}[{window}])')} / ({requests(models, window)} > 0)"


def quantile(metric: Metric, q: float, models: str, window: str = "$__rate_interval") -> str:
    """Return a quantile of a histogram, of all versions together; nothing where there was nothing to count."""
    buckets = select(SETTINGS, metric, models, suffix="_bucket")
    # Of no observations it would be NaN, which is drawn as a series and not as "No data".
    return f"histogram_quantile({q}, {total(SETTINGS, ['le'], f'rate({buckets}[{window}])')}) >= 0"


def of_limit(value: str, limit: str, severity: str = "warning") -> str:
    """Return a figure of each model as a multiple of its limit."""
    return f"({value}) / on ({', '.join(MODEL)}) group_left () ({per_limit(SETTINGS, limit, severity)} > 0)"


def limit(name: str, models: str, *matchers: str) -> str:
    """Return a limit of a model, by severity."""
    return combined("max", ["severity"], select(SETTINGS, "ml_limit", models, *matchers, limit=name))


def or_none(count: str, models: str) -> str:
    """Return a count of each model, 0 where there is nothing to count."""
    return f"({count}) or on ({', '.join(MODEL)}) 0 * {combined('group', (), select(SETTINGS, catalogue.MODEL_INFO, models))}"


def above(score: str, threshold: str, *ignoring: str) -> str:
    """Return a score as a multiple of its threshold."""
    return f"{score} / ignoring ({', '.join(ignoring)}) ({threshold} > 0)"
