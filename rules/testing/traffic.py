"""What makes the alerts on latency and on the amount of traffic fire."""

from __future__ import annotations

from exporter import catalogue
from rules.groups.traffic import NORMAL_30M, REQUESTS_30M
from rules.testing.errors import continuous, source
from rules.testing.inputs import GONE, RESET, Series, constant, count, level, series
from rules.testing.limits import limits
from rules.testing.specification import Case, Fires, Specification

_LAST = 75
_START, _END = 40, 60


def specifications() -> tuple[Specification, ...]:
    return (
        Specification("MLHighLatencyP95", _latency(), _LAST),
        Specification("MLTrafficDrop", _drop(), _LAST, given=(NORMAL_30M,)),
        Specification("MLTrafficSpike", _spike(), _SPIKE_LAST, step=_SPIKE_STEP, given=(REQUESTS_30M,), said_at=440),
        Specification("MLNoTraffic", _none(), _LAST, given=(NORMAL_30M,)),
    )


# Latency: a request is in the bucket above an edge, so that the 95th percentile is 95 % of the way through the bucket.
_EDGES = (0.1, 0.2, 0.4, 0.8)
_BUCKETS = (*(f"{edge:g}" for edge in _EDGES), "+Inf")
_FAST, _SLOW, _SLOWER = 1, 2, 3


def _requests(per_minute: float, within: int, around: int = _FAST) -> tuple[Series, ...]:
    """Return requests whose latency is in one bucket between start and end, in another around that."""
    phases = ((_START, around), (_END - _START, within), (_LAST + 1 - _END, around))
    buckets = (
        series(
            catalogue.REQUEST_DURATION,
            count(*((samples, per_minute if place <= number else 0) for samples, place in phases)),
            suffix="_bucket",
            le=edge,
        )
        for number, edge in enumerate(_BUCKETS)
    )
    return (*buckets, series(catalogue.REQUESTS, count((_LAST + 1, per_minute))))


def _objective(name: str, seconds: float, share: float) -> tuple[Series, ...]:
    return (
        series(catalogue.SLO_LATENCY_LIMIT, constant(seconds, _LAST), slo=name),
        series(catalogue.SLO_OBJECTIVE, constant(share, _LAST), slo=name),
    )


def _latency() -> tuple[Case, ...]:
    most = limits("latency_ratio", {"warning": 1.5, "critical": 2.0, "emergency": 50}, _LAST)
    reversed_most = limits("latency_ratio", {"warning": 9, "critical": 2}, _LAST)
    lax = _objective("half", 0.01, 0.9)
    # Of two strict objectives the tighter one; a lax one says nothing about a 95th percentile.
    objectives = (*_objective("fast", 0.2, 0.95), *_objective("ever", 5, 0.999), *lax)
    now = continuous(_LAST)
    base = (*now, *most, *objectives)
    slow = _requests(60, _SLOWER)

    def due(*severities: str) -> tuple[Fires, ...]:
        # A tenth of the requests of ten minutes are in the slow bucket as soon as those of one minute are.
        return tuple(Fires(severity, _START, (_END + 7, _END + 10), value="3.9") for severity in severities)

    return (
        Case("breach", (*base, *slow), due("warning", "critical")),
        Case("healthy", (*base, *_requests(60, _FAST))),
        Case("between", (*base, *_requests(60, _SLOW, _SLOW)), (Fires("warning", (1, 2)),)),
        Case("too_few", (*base, *_requests(8, _SLOWER))),
        Case("enough", (*base, *_requests(12, _SLOWER)), due("warning", "critical")),
        Case("lax_objective", (*now, *most, *lax, *slow)),
        # Of the same name as another model's that is lax.
        Case("strict_objective", (*now, *most, *_objective("half", 5, 0.99), *slow)),
        Case("no_objective", (*now, *most, *slow)),
        Case("no_data", base),
        Case("catches_up", (*continuous(_LAST, behind=10), *most, *objectives, *slow)),
        Case("batch", (source("batch", _LAST), *most, *objectives, *slow)),
        Case("reversed", (*now, *reversed_most, *objectives, *slow), due("critical")),
        Case("restarted", (*base, *_restarted()), (Fires("warning", (1, 2)), Fires("critical", (1, 2)))),
    )


def _restarted() -> tuple[Series, ...]:
    """Return slow requests to an exporter that starts again."""
    phases = ((30, 60.0), RESET, (_LAST - 29, 60.0))
    buckets = (
        series(
            catalogue.REQUEST_DURATION,
            count(*phases) if number >= _SLOWER else constant(0, _LAST),
            suffix="_bucket",
            le=edge,
        )
        for number, edge in enumerate(_BUCKETS)
    )
    return (*buckets, series(catalogue.REQUESTS, count(*phases)))


# Volume: what is usual is given, so that it can jump while the requests go on, one a second, as they are.
_PER_MINUTE = 60
# Until when there are rates of half an hour.
_HISTORY = 31


def _going(per_minute: float = _PER_MINUTE) -> Series:
    return series(catalogue.REQUESTS, count((_LAST + 1, per_minute)))


def _usual(times: float, at_all_times: float = 1) -> Series:
    """Return what was usual: so many times as much as now, for a while. Until half an hour of requests is there, which
    is what it is compared with, there is none."""
    phases = ((_START, at_all_times), (_END, times), (_LAST + 1, at_all_times))
    return series(NORMAL_30M, _later(_HISTORY, *phases))


def _later(start: int, *phases: tuple[int, float]) -> str:
    """Return the samples of a gauge that begins at a minute; of each phase until when, and the value."""
    ends = (start, *(end for end, _ in phases))
    return level((start, GONE), *((end - begin, value) for begin, (end, value) in zip(ends, phases, strict=False)))


def _drop() -> tuple[Case, ...]:
    # Only the least of all severities could be taken for another's where the greater is meant, and the other way round.
    least = limits("traffic_ratio", {"info": 0.9, "warning": 0.5, "critical": 0.25}, _LAST)
    reversed_least = limits("traffic_ratio", {"warning": 0.1, "critical": 0.5}, _LAST)
    base = (*continuous(_LAST), *least)
    tiny = 1 / 128

    def due(*severities: str, value: str = "0.125") -> tuple[Fires, ...]:
        return tuple(Fires(severity, _START, _END, value=value) for severity in severities)

    slow = (_going(_PER_MINUTE * tiny), _usual(8 * tiny, tiny))
    short = series(NORMAL_30M, _later(_HISTORY, (40, 1), (49, 8), (_LAST + 1, 1)))
    few = (_going(0.625), _usual(0.05, 0.05))
    return (
        Case("breach", (*base, _going(), _usual(8)), due("warning", "critical")),
        Case("between", (*base, _going(), _usual(3)), due("warning")),
        Case("healthy", (*base, _going(), _usual(1.5))),
        Case("reversed", (*continuous(_LAST), *reversed_least, _going(), _usual(3)), due("critical")),
        # 100 requests in half an hour are 0.0556 a second.
        Case("usual_enough", (*base, *slow), due("warning", "critical")),
        Case("hardly_any", (*base, *few)),
        Case("no_history", (*base, _going())),
        Case("no_data", (*base, _usual(8))),
        Case("catches_up", (*continuous(_LAST, behind=10), *least, _going(), _usual(8))),
        Case("batch", (source("batch", _LAST), *least, _going(), _usual(8))),
        Case("too_short", (*base, _going(), short), (Fires("warning", 40, 49), Fires("critical", 40, 49))),
    )


def _none() -> tuple[Case, ...]:
    now = continuous(_LAST)
    # Half an hour after the tenth minute nothing is left of the requests before it.
    stopped = (series(catalogue.REQUESTS, count((10, 60), (50, 0), (_LAST - 59, 60))), _usual(1))
    idle = series(catalogue.REQUESTS, constant(9, _LAST))
    due = Fires("critical", (37, 40), 60, value="0")
    return (
        Case("breach", (*now, *stopped), (due,)),
        Case("vanished", (*now, _usual(2, 2)), (Fires("critical", _HISTORY, value="2"),)),
        Case("healthy", (*now, _going(), _usual(1))),
        Case("hardly_any", (*now, _going(1 / 16), _usual(8))),
        Case("not_usual", (*now, idle, _usual(0.05, 0.05))),
        Case("usual_enough", (*now, idle, _usual(0.06, 0.06)), (Fires("critical", _HISTORY),)),
        Case("no_history", (*now, idle)),
        Case("catches_up", (*continuous(_LAST, behind=10), *stopped)),
        Case("batch", (source("batch", _LAST), *stopped)),
    )


# Minutes; evaluations are five apart. A model has an average once it has been there for six hours.
_SPIKE_LAST, _SPIKE_STEP = 480, 5
_SPIKE_START, _SPIKE_END = 420, 450


def _spike() -> tuple[Case, ...]:
    last = _SPIKE_LAST
    now = continuous(last)

    def spike(times: float, usual: float = 60, since: int = 0) -> tuple[Series, ...]:
        """Return requests: so many a minute, for a while so many times as much; and the rate that is usual."""
        phases = ((_SPIKE_START, usual), (_SPIKE_END - _SPIKE_START, times * usual), (last + 1 - _SPIKE_END, usual))
        known = level((since, GONE), (last + 1 - since, usual / 60))
        return (series(catalogue.REQUESTS, count(*phases)), series(REQUESTS_30M, known))

    # Five minutes after the start all are of the spike; at its end four of five still are.
    due = Fires("info", 425, 455, value="10")
    return (
        Case("breach", (*now, *spike(10)), (due,)),
        Case("healthy", (*now, *spike(1))),
        Case("just_above", (*now, *spike(4.5)), (Fires("info", 425, 450),)),
        Case("just_below", (*now, *spike(3.5))),
        Case("at_the_limit", (*now, *spike(4))),
        # A hundred in five minutes.
        Case("enough", (*now, *spike(5, 4)), (Fires("info", 425, 450),)),
        Case("few", (*now, *spike(5, 3.25))),
        Case(
            "few_twice",
            (*now, *spike(5, 3.25), series(catalogue.REQUESTS, count((421, 3), (60, 17)), instance="b:9108")),
        ),
        Case("new", (*now, *spike(10, since=200))),
        # Nothing at all until then: no average is no measure.
        Case("first", (*now, *_first())),
        Case("no_data", now),
        Case("catches_up", (*continuous(last, behind=100), *spike(10))),
        Case("batch", (source("batch", last), *spike(10))),
    )


def _first() -> tuple[Series, ...]:
    requests = count((_SPIKE_START, 0), (_SPIKE_LAST + 1 - _SPIKE_START, 600))
    return (series(catalogue.REQUESTS, requests), series(REQUESTS_30M, constant(0, _SPIKE_LAST)))
