"""What makes the alerts on exporters fire: gone, stuck, unable to save, out of room."""

from __future__ import annotations

from exporter import catalogue
from rules.testing.inputs import GONE, Series, clock, constant, count, during, level, series
from rules.testing.specification import Case, Fires, Specification

_LAST = 90
_HOURS_LAST = 240
_SECOND = "b:9108"


def specifications() -> tuple[Specification, ...]:
    return (
        Specification("MLExporterDown", _down(), 60, key="instance"),
        # There is one job: each case needs a server of its own.
        Specification("MLExporterAbsent", _absent(), 60, key="", alone=True),
        Specification("MLExporterNotWorking", _stuck(), 60, key="instance", said_at=31),
        Specification("MLStateNotSaved", _not_saved(), _LAST, key="instance", said_at=39),
        Specification("MLConfigReloadFailed", _refused(), 60, key="instance"),
        Specification("MLModelSetAside", _set_aside(), 60),
        Specification("MLFiguresLeftOut", _left_out(), _LAST, said_at=35),
        Specification("MLSeriesLimit", _series_limit(), _LAST),
        Specification("MLValuesOverflowing", _overflowing(), _HOURS_LAST, said_at=125),
        Specification("MLPredictionsEvicted", _evicted(), _LAST + 60, said_at=70),
    )


def _down() -> tuple[Case, ...]:
    due = Fires("critical", 5, 40, value="0")
    return (
        Case("breach:1", (series("up", during(5, 40, 0, 1, 60)),), (due,)),
        Case("healthy:1", (series("up", constant(1, 60)),)),
        Case("too_short:1", (series("up", during(5, 9, 0, 1, 60)),), (Fires("critical", 5, 9),)),
        Case("retired:1", (series("up", level((20, 1), (41, GONE))),)),
    )


def _absent() -> tuple[Case, ...]:
    def up(samples: str, **labels: str) -> Series:
        return series("up", samples, instance="a:9108", **labels)

    gone = during(10, 50, GONE, 1, 60)
    due = Fires("critical", 10, 50, value="1")
    return (
        Case("breach", (up(gone),), (due,)),
        Case("healthy", (up(constant(1, 60)),)),
        Case("down", (up(constant(0, 60)),)),
        Case("another_job", (up(gone), up(constant(1, 60), job="elsewhere")), (due,)),
        Case("too_short", (up(during(10, 19, GONE, 1, 60)),), (Fires("critical", 10, 19),)),
    )


def _stuck() -> tuple[Case, ...]:
    def evaluated(samples: str) -> tuple[Series, ...]:
        return (series(catalogue.LAST_EVALUATION, samples),)

    # Last at minute 19; more than five minutes ago from minute 25 on.
    due = Fires("critical", 25, 50, value="720")
    return (
        Case("breach:1", evaluated(clock((20, True), (30, False), (11, True))), (due,)),
        Case("healthy:1", evaluated(clock((61, True)))),
        Case("slow:1", evaluated(clock((20, True), (5, False), (36, True)))),
        Case("too_short:1", evaluated(clock((20, True), (9, False), (32, True))), (Fires("critical", 25, 29),)),
        Case("stopped:1", evaluated(f"{clock((20, True))} {level((2, 1140), (39, GONE))}")),
    )


def _not_saved() -> tuple[Case, ...]:
    def state(committed: str, failed: str) -> tuple[Series, ...]:
        return (series(catalogue.LAST_COMMIT, committed), series(catalogue.FAILED_COMMITS, failed))

    well, none = clock((_LAST + 1, True)), count((_LAST + 1, 0))
    stands = clock((10, True), (40, False), (_LAST - 49, True))
    # Last at minute 9; more than a quarter of an hour ago from minute 25 on.
    due = Fires("warning", 25, 50, value="1800")
    failing = count((10, 0), (20, 1), (_LAST - 29, 0))
    return (
        Case("breach:1", state(stands, none), (due,)),
        Case("fails:1", state(well, failing), (Fires("warning", 10, (43, 44)),)),
        Case("healthy:1", state(well, none)),
        Case("restarted:1", state(well, level((20, 3), (_LAST - 19, 0)))),
        Case(
            "too_short:1", state(clock((10, True), (20, False), (_LAST - 29, True)), none), (Fires("warning", 25, 30),)
        ),
        Case("no_data:1", ()),
    )


def _refused() -> tuple[Case, ...]:
    def reload(samples: str) -> tuple[Series, ...]:
        return (series(catalogue.CONFIG_RELOAD_SUCCESSFUL, samples),)

    return (
        Case("breach:1", reload(during(5, 40, 0, 1, 60)), (Fires("warning", 5, 40, value="0"),)),
        Case("healthy:1", reload(constant(1, 60))),
        Case("too_short:1", reload(during(5, 9, 0, 1, 60)), (Fires("warning", 5, 9),)),
    )


def _set_aside() -> tuple[Case, ...]:
    def working(samples: str, **labels: str) -> tuple[Series, ...]:
        return (series(catalogue.MODEL_UP, samples, **labels),)

    down = during(5, 40, 0, 1, 60)
    due = Fires("critical", 5, 40, value="0")
    return (
        Case("breach", working(down), (due,)),
        Case("one_of_two", (*working(constant(1, 60), instance=_SECOND), *working(down)), (due,)),
        Case("healthy", working(constant(1, 60))),
        Case("too_short", working(during(5, 14, 0, 1, 60)), (Fires("critical", 5, 14),)),
        Case("no_data", ()),
    )


def _left_out() -> tuple[Case, ...]:
    def failures(samples: str) -> tuple[Series, ...]:
        return (series(catalogue.FIGURE_FAILURES, samples),)

    return (
        Case(
            "breach", failures(count((10, 0), (40, 1), (_LAST - 49, 0))), (Fires("warning", 10, (63, 65), value="15"),)
        ),
        Case("once", failures(count((10, 0), (1, 1), (_LAST - 10, 0))), (Fires("warning", 10, (24, 26)),)),
        Case("healthy", failures(count((_LAST + 1, 0)))),
        Case("restarted", failures(level((20, 3), (_LAST - 19, 0)))),
        Case("no_data", ()),
    )


def _series_limit() -> tuple[Case, ...]:
    def room(shown: str, dropped: str, **labels: str) -> tuple[Series, ...]:
        return (
            series(catalogue.SERIES, shown, **labels),
            series(catalogue.SERIES_LIMIT, constant(1000, _LAST), **labels),
            series(catalogue.DROPPED_SERIES, dropped, **labels),
        )

    none, few = constant(0, _LAST), constant(100, _LAST)
    due = Fires("warning", 5, 40, value="0.95")
    return (
        Case("breach", room(during(5, 40, 950, 500, _LAST), none), (due,)),
        Case("dropped", room(few, during(5, 40, 1, 0, _LAST)), (due,)),
        Case("healthy", room(few, none)),
        Case("at_the_limit", room(during(5, 40, 900, 500, _LAST), none)),
        Case("one_of_two", (*room(few, none, instance=_SECOND), *room(during(5, 40, 950, 500, _LAST), none)), (due,)),
        Case("too_short", room(during(5, 19, 950, 500, _LAST), none), (Fires("warning", 5, 19),)),
        Case("no_data", ()),
    )


def _overflowing() -> tuple[Case, ...]:
    def values(samples: str, dimension: str = "endpoint") -> Series:
        return series(catalogue.OVERFLOWING_VALUES, samples, dimension=dimension)

    last = _HOURS_LAST
    grows = count((10, 0), (120, 1), (last - 129, 0))
    due = Fires("info", 10, (187, 190), {"dimension": "endpoint"}, value="60")
    return (
        Case("breach", (values(grows), values(count((last + 1, 0)), "country")), (due,)),
        Case("healthy", (values(count((last + 1, 0))),)),
        Case("restarted", (values(level((20, 9), (last - 19, 0))),)),
        Case(
            "once",
            (values(count((10, 0), (1, 1), (last - 10, 0))),),
            (Fires("info", 10, (69, 70), {"dimension": "endpoint"}),),
        ),
        Case(
            "two",
            (values(grows), values(grows, "country")),
            (due, Fires("info", 10, (187, 190), {"dimension": "country"})),
        ),
        Case("no_data", ()),
    )


def _evicted() -> tuple[Case, ...]:
    last = _LAST + 60

    def evicted(samples: str) -> tuple[Series, ...]:
        return (series(catalogue.EVICTED_PREDICTIONS, samples),)

    return (
        Case(
            "breach", evicted(count((10, 0), (62, 2), (last - 71, 0))), (Fires("warning", 10, (129, 132), value="120"),)
        ),
        Case("once", evicted(count((10, 0), (1, 1), (last - 10, 0))), (Fires("warning", 10, (69, 70)),)),
        Case("healthy", evicted(count((last + 1, 0)))),
        Case("restarted", evicted(level((20, 9), (last - 19, 0)))),
        Case("no_data", ()),
    )
