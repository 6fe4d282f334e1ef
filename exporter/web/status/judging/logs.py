"""Can the logs be read, and do they go on?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from exporter import catalogue
from exporter.web.status.figures import Figures, length_of
from exporter.web.status.level import Finding, Level
from exporter.web.status.wording import cut, many, seconds

_PLACE = "sources"
_OLDEST_EVENT = 900.0
_FEWEST_MISSED = 20
_OLDEST_EVENT_OF_ANY = 3 * 86_400.0


class Log(NamedTuple):
    """What is known of a source. Times are seconds, None before there is one; counts are since the figures began."""

    source: str
    is_up: bool
    newest: float | None
    lag: float | None
    last_success: float | None
    failures: float
    period: float | None
    format: str
    rows: float | None
    late: float
    ignored: float
    rejected: dict[str, float]


def logs_of(figures: Figures) -> list[Log]:
    return [_log(figures, source) for source in ("predictions", "labels") if _is_there(figures, source)]


def _is_there(figures: Figures, source: str) -> bool:
    return figures.value(catalogue.SOURCE_UP, source=source) is not None


def _log(figures: Figures, source: str) -> Log:
    value = figures.value
    info = next((labels for labels, _ in figures.where(catalogue.SOURCE_INFO, source=source)), {})
    rejected = {labels["reason"]: rows for labels, rows in figures.where(catalogue.REJECTED_ROWS, source=source)}
    return Log(
        source,
        bool(value(catalogue.SOURCE_UP, source=source)),
        value(catalogue.NEWEST_EVENT, source=source),
        value(catalogue.SOURCE_LAG, source=source),
        value(catalogue.SOURCE_LAST_SUCCESS, source=source),
        value(catalogue.SOURCE_FAILURES, source=source) or 0.0,
        value(catalogue.SOURCE_PERIOD, source=source),
        info.get("format", ""),
        value(catalogue.ROWS, source=source),
        value(catalogue.LATE_ROWS, source=source) or 0.0,
        value(catalogue.IGNORED_ROWS, source=source) or 0.0,
        {reason: rows for reason, rows in rejected.items() if rows},
    )


def findings(figures: Figures, now: float) -> Iterator[Finding]:
    logs = logs_of(figures)
    for log in logs:
        if not log.is_up:
            yield _down(log, now)
    for log in logs:
        # Labels come when they come: whether they are due is a question of quality.
        if log.newest is None or log.source != "predictions":
            continue
        if log.period is not None:
            patience = 2 * log.period
        elif not log.lag:
            patience = _patience(figures)
        else:
            # A backlog that is read has old records; that they come is what counts.
            continue
        if now - log.newest > patience:
            detail = (
                f"The newest record of the {log.source} is {seconds(now - log.newest)} old; after {seconds(patience)} that"
                " is too long. Either the model answers nobody, or its log does not reach the exporter."
            )
            yield Finding(Level.CRITICAL, "No new records", detail, "MLIngestStalled", _PLACE, cut(log.source))


def _down(log: Log, now: float) -> Finding:
    last = (
        f"It was last read {seconds(max(now - log.last_success, 0.0))} ago."
        if log.last_success is not None
        else "It has not been read since the start."
    )
    failed = f" {many(log.failures, 'attempt')} failed; the exporter's log says why." if log.failures else ""
    return Finding(Level.WARNING, f"The {log.source} cannot be read", last + failed, "MLSourceDown", _PLACE, log.source)


def _patience(figures: Figures) -> float:
    """Return how old the newest record may be: the older, the fewer requests there usually are.

    Rules know this hour of last week; here the longest window says what is usual.
    """
    rates = [
        requests / length
        for window in figures.windows
        if (requests := figures.value(catalogue.WINDOW_REQUESTS, window=window)) and (length := length_of(window))
    ]
    usual = rates[-1] if rates else 1.0
    return min(max(_FEWEST_MISSED / usual, _OLDEST_EVENT), _OLDEST_EVENT_OF_ANY)
