"""What makes the alerts on server errors fire: a share of all requests, of the moment or, of batches, of a window."""

from __future__ import annotations

from exporter import catalogue
from rules.testing.inputs import GONE, RESET, Series, constant, count, during, series
from rules.testing.limits import limits
from rules.testing.specification import Case, Fires, Span, Specification

_LAST = 75
_START, _END = 10, 40
# Powers of two: a share that is exactly at its limit stays so through sums and quotients.
_MOST = {"info": 1 / 64, "warning": 1 / 32, "critical": 1 / 8, "emergency": 1 / 2}
# The steepest first.
_REVERSED = {"info": 1 / 2, "warning": 1 / 8, "critical": 1 / 32, "emergency": 1 / 64}
_PER_MINUTE = 64
_RUNGS = {"MLHighErrorRate": ("info", "warning", "critical"), "MLOutage": ("emergency",)}


def specifications() -> tuple[Specification, ...]:
    return tuple(
        Specification(name, (*_by_rate(severities), *_by_window(severities)), _LAST)
        for name, severities in _RUNGS.items()
    )


def traffic(requests: str, errors: str, kind: str = "server", **labels: str) -> tuple[Series, ...]:
    return (
        series(catalogue.REQUESTS, requests, **labels),
        series(catalogue.ERRORS, errors, error_type=kind, **labels),
    )


def source(delivery: str, last: int, name: str = "predictions") -> Series:
    return series(catalogue.SOURCE_INFO, constant(1, last), source=name, delivery=delivery, format="jsonl")


def delayed(name: str, per_minute: float, last: int) -> Series:
    return series(catalogue.DELAYED_ROWS, count((last + 1, per_minute)), source=name)


def continuous(last: int, behind: float = 0) -> tuple[Series, ...]:
    """Return what a model whose log is read as it grows shows besides, and what its labels may show; ``behind`` are rows
    a minute that are read late."""
    return (
        source("continuous", last),
        source("batch", last, "labels"),
        delayed("predictions", behind, last),
        delayed("labels", 5, last),
    )


def _base(most: dict[str, float] = _MOST, behind: float = 0) -> tuple[Series, ...]:
    return (*continuous(_LAST, behind), *limits("error_ratio", most, _LAST))


def _rate(errors: float, of: float = _PER_MINUTE, kind: str = "server", **labels: str) -> tuple[Series, ...]:
    found = count((_START, 0), (_END - _START, errors), (_LAST + 1 - _END, 0))
    return traffic(count((_LAST + 1, of)), found, kind, **labels)


def _steady(share: float) -> tuple[Series, ...]:
    return traffic(count((_LAST + 1, _PER_MINUTE)), count((_LAST + 1, _PER_MINUTE * share)))


def _above(share: float, severities: tuple[str, ...], start: int | Span, end: int | Span | None) -> tuple[Fires, ...]:
    return tuple(Fires(severity, start, end) for severity in severities if _MOST[severity] < share)


def _all_fail(severities: tuple[str, ...]) -> tuple[Fires, ...]:
    """Due where every request fails: of five minutes the first is a fifth, and of an outage half is not enough."""
    return tuple(
        Fires(severity, _START + 2, (_END + 1, _END + 2), value="1")
        if severity == "emergency"
        else Fires(severity, _START, (_END + 3, _END + 4), value="1")
        for severity in severities
    )


def _by_rate(severities: tuple[str, ...]) -> tuple[Case, ...]:
    breach, due = _rate(_PER_MINUTE), _all_fail(severities)
    base = _base()
    versions = (
        *traffic(
            count((20, 64), (_LAST - 19, GONE)), count((_START, 0), (10, 64), (_LAST - 19, GONE)), model_version="1"
        ),
        *traffic(count((20, GONE), (_LAST - 19, 64)), count((20, GONE), (20, 64), (_LAST - 39, 0)), model_version="2"),
    )
    restarted = traffic(
        count((25, 64), RESET, (_LAST - 24, 64)), count((_START, 0), (15, 64), RESET, (15, 64), (_LAST - 39, 0))
    )
    return (
        Case("breach", (*base, *breach), due),
        Case("healthy", (*base, *_rate(0))),
        Case("between", (*base, *_rate(4)), _above(1 / 16, severities, (_START, _START + 3), (_END, _END + 5))),
        Case("at_critical", (*base, *_steady(1 / 8)), _above(1 / 8, severities, (0, 2), None)),
        Case("at_emergency", (*base, *_steady(1 / 2)), _above(1 / 2, severities, (0, 2), None)),
        Case("at_warning", (*base, *_steady(1 / 32)), _above(1 / 32, severities, (0, 2), None)),
        Case("at_info", (*base, *_steady(1 / 64)), _above(1 / 64, severities, (0, 2), None)),
        Case("too_short", (*base, *traffic(count((76, 64)), count((10, 0), (1, 32), (65, 0)))), _blip(severities)),
        Case("of_clients", (*base, *traffic(count((76, 64)), count((76, 64)), "client"))),
        Case("mostly_of_clients", (*base, *_rate(0.5), *_rate(32, 0, "client")[1:])),
        Case("too_few_errors", (*base, *_rate(0.375, 0.375))),
        Case("too_few_twice", (*base, *_rate(0.375, 0.375), *_rate(0.375, 0.375, instance="b:9108"))),
        Case("too_few_among_clients", (*base, *_rate(0.4375, 0.5625), *_rate(0.125, 0, "client")[1:])),
        Case(
            "just_enough", (*base, *_rate(0.5, 0.5)), _above(1, severities, (_START + 7, _START + 10), (_END, _END + 4))
        ),
        Case("a_new_version", (*base, *versions), _above(1, severities, (_START, _START + 2), (_END, _END + 5))),
        Case("restarted", (*base, *restarted), _above(1, severities, (_START, _START + 2), (_END, _END + 5))),
        Case("catches_up", (*_base(behind=10), *breach)),
        # Some always come late: fewer than a tenth, or, of whatever few, not even five in ten minutes.
        Case("stragglers", (*_base(behind=6), *breach), due),
        Case(
            "few_stragglers",
            (*_base(behind=0.25), *_rate(0.5, 0.5)),
            _above(1, severities, (_START + 7, _START + 10), (_END, _END + 4)),
        ),
        Case("few_catch_up", (*_base(behind=0.625), *_rate(0.5, 0.5))),
        Case("no_data", base),
        Case("reversed", (*_base(_REVERSED), *_steady(1 / 16)), _reversed(severities)),
    )


def _blip(severities: tuple[str, ...]) -> tuple[Fires, ...]:
    """Due where half the requests of one minute fail: a tenth of five minutes, no eighth, and never for long enough."""
    return tuple(Fires(severity, 10, (13, 16)) for severity in severities if _MOST[severity] < 1 / 10)


def _reversed(severities: tuple[str, ...]) -> tuple[Fires, ...]:
    return tuple(Fires(severity, (0, 2)) for severity in severities if _REVERSED[severity] < 1 / 16)


def _window(share: float, requests: float = 100, window: str = "1d", **labels: str) -> tuple[Series, ...]:
    return (
        series(catalogue.ERROR_RATIO, during(_START, _END, share, 0, _LAST), window=window, **labels),
        series(catalogue.WINDOW_REQUESTS, constant(requests, _LAST), window=window, **labels),
    )


def _by_window(severities: tuple[str, ...]) -> tuple[Case, ...]:
    batch = (source("batch", _LAST), *limits("error_ratio", _MOST, _LAST))
    fine = _window(0)
    return (
        Case("batch", (*batch, *_window(0.75)), _above(0.75, severities, _START, _END)),
        Case("batch_between", (*batch, *_window(1 / 8)), _above(1 / 8, severities, _START, _END)),
        Case("batch_at_emergency", (*batch, *_window(1 / 2)), _above(1 / 2, severities, _START, _END)),
        Case("batch_at_info", (*batch, *_window(1 / 64, 640))),
        Case("batch_at_warning", (*batch, *_window(1 / 32, 640)), _above(1 / 32, severities, _START, _END)),
        Case("batch_just_enough", (*batch, *_window(0.625, 8)), _above(0.625, severities, _START, _END)),
        Case("batch_too_few", (*batch, *_window(0.9, 5))),
        # The worst of two windows.
        Case("batch_windows", (*batch, *fine, *_window(0.75, window="1h")), _above(0.75, severities, _START, _END)),
        Case(
            "batch_twice",
            (*batch, *_window(0.75), *_window(0.75, instance="b:9108")),
            _above(0.75, severities, _START, _END),
        ),
        Case("batch_of_old", (*batch, *fine, *_window(0.9, window="all"), *_window(0.9, window="1000rows"))),
        Case("batch_before", (*batch, *fine, *_window(0.9, window="1d_previous"))),
        Case("batch_version", (*batch, *fine, *_window(0.9, model_version="2"))),
        Case("batch_counters", (*batch, *fine, *_rate(_PER_MINUTE))),
        Case("continuous_window", (*_base(), *_rate(0), *_window(0.9))),
    )
