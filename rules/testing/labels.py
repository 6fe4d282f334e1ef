"""What makes the alerts on labels fire: they are overdue, too few, or later than they were."""

from __future__ import annotations

from exporter import catalogue
from rules.testing.inputs import GONE, RESET, Series, constant, count, during, series
from rules.testing.limits import limits
from rules.testing.specification import Case, Fires, Specification

_LAST = 180
_DAY = {"window": "1d"}


def specifications() -> tuple[Specification, ...]:
    return (
        Specification("MLQualityUnknown", _unknown(), _LAST),
        Specification("MLLabelCoverageLow", _coverage(), _LAST),
        Specification("MLLabelDelayHigh", _delay(), _HOURS * 60, sample=60, step=60),
    )


_STATES = catalogue.QUALITY_STATES


def _state(now: str, start: int, end: int, **labels: str) -> tuple[Series, ...]:
    """Return the states of a window: one for a while, known around it."""
    return tuple(
        series(
            catalogue.QUALITY_STATE,
            during(start, end, float(state == now), float(state == catalogue.KNOWN), _LAST),
            state=state,
            **{**_DAY, **labels},
        )
        for state in _STATES
    )


def _unknown() -> tuple[Case, ...]:
    due = (Fires("warning", 10, 100, _DAY, value="1"),)
    return (
        Case("breach", _state(catalogue.OVERDUE, 10, 100), due),
        Case("waiting", _state(catalogue.WAITING, 10, 100)),
        Case("healthy", _state(catalogue.KNOWN, 10, 100)),
        Case("too_short", _state(catalogue.OVERDUE, 10, 69), (Fires("warning", 10, 69, _DAY),)),
        Case(
            "of_a_version", (*_state(catalogue.KNOWN, 10, 100), *_state(catalogue.OVERDUE, 10, 100, model_version="2"))
        ),
        Case(
            "vanishes",
            (series(catalogue.QUALITY_STATE, during(10, 100, 1, GONE, _LAST), state="overdue", **_DAY),),
            due,
        ),
    )


def _coverage() -> tuple[Case, ...]:
    start, end = 10, 100
    base = limits("label_coverage", {"warning": 0.5, "critical": 0.95}, _LAST)
    due = (Fires("warning", start, end, _DAY, value="0.25"),)

    def window(share: float, requests: float = 30, now: str = catalogue.KNOWN, **labels: str) -> tuple[Series, ...]:
        where = {**_DAY, **labels}
        return (
            series(catalogue.LABEL_COVERAGE, during(start, end, share, 0.9, _LAST), **where),
            series(catalogue.WINDOW_REQUESTS, constant(requests, _LAST), **where),
            *_state(now, 0, _LAST + 1, **labels),
        )

    return (
        Case("breach", (*base, *window(0.25)), due),
        Case("just_below", (*base, *window(0.45)), due),
        Case("at_the_limit", (*base, *window(0.5))),
        Case("healthy", (*base, *window(0.9))),
        Case("waiting", (*base, *window(0.25, now=catalogue.WAITING))),
        Case("one_waits", (*base, *window(0.25), *window(0.25, now=catalogue.WAITING, instance="b:9108"))),
        Case("overdue", (*base, *window(0.25, now=catalogue.OVERDUE)), due),
        Case("too_few", (*base, *window(0.25, requests=29))),
        Case("too_few_of_two", (*base, *window(0.25, requests=5), *window(0.9, window="7d"))),
        Case("waiting_of_two", (*base, *window(0.25, now=catalogue.WAITING), *window(0.9, window="7d"))),
        Case(
            "two_windows",
            (*base, *window(0.25), *window(0.25, window="7d")),
            (*due, Fires("warning", start, end, {"window": "7d"})),
        ),
        Case("of_a_version", (*base, *window(0.9), *window(0.25, model_version="2"))),
        Case(
            "version_without_rows",
            (
                *base,
                *window(0.25, requests=5),
                series(catalogue.WINDOW_REQUESTS, constant(500, _LAST), model_version="2", **_DAY),
            ),
        ),
        Case(
            "version_that_waits",
            (*base, *window(0.25), *_state(catalogue.WAITING, 0, _LAST + 1, model_version="2")),
            due,
        ),
        Case("no_data", (*base, *window(0.25)[1:])),
        Case("no_limit", window(0.25)),
    )


# Delays, in hours, since they are compared over a day and a week.
_HOURS = 200
_SLOW_FROM = 168
_Bucket = tuple[int, int]


def _delays(early: _Bucket, late: _Bucket, *restart: str) -> tuple[Series, ...]:
    """Return ten labels an hour with delays in one bucket, later in another."""
    late_for = _HOURS + 1 - _SLOW_FROM

    def samples(edge: float) -> str:
        return count(
            (_SLOW_FROM, 10 if early[1] <= edge else 0),
            (4, 10 if late[1] <= edge else 0),
            *restart,
            (late_for - 4, 10 if late[1] <= edge else 0),
        )

    edges = sorted({*early, *late})
    buckets = ((f"{edge}", samples(edge)) for edge in edges)
    return tuple(
        series(catalogue.LABEL_DELAY, each, suffix="_bucket", le=edge)
        for edge, each in (*buckets, ("+Inf", samples(float("inf"))))
    )


def _delay() -> tuple[Case, ...]:
    # After three hours more than a tenth of a day's labels are slow, and after 17 more than a tenth of a week's.
    def due(value: str = "") -> tuple[Fires, ...]:
        return (Fires("info", (170 * 60, 171 * 60), (183 * 60, 185 * 60), value=value),)

    usual, slow = (600, 7200), (28_800, 57_600)
    return (
        # Of a day's 24 labels' worth 10 are slow: 28,800 * (1 + (0.9 - 14/24) / (10/24)).
        Case("breach", _delays(usual, slow), due("5.069e+04")),
        Case("healthy", _delays(usual, usual)),
        Case("not_twice", _delays(usual, (7200, 14_400))),
        Case("just_more_than_twice", _delays(usual, (13_000, 26_000)), due()),
        # A 90th percentile over the week of 2,940 s, and one of 3,660 s.
        Case("minutes", _delays((600, 3200), slow)),
        Case("just_over_an_hour", _delays((600, 4000), slow), due()),
        Case("restarted", _delays(usual, slow, RESET), due()),
        Case("no_data", ()),
    )
