"""What makes the alerts on logs fire: they cannot be read, do not go on, or hold what cannot be used."""

from __future__ import annotations

from exporter import catalogue
from rules.groups.traffic import NORMAL_30M, REQUESTS_30M
from rules.testing.errors import delayed, source
from rules.testing.inputs import RESET, Series, clock, constant, count, during, level, series
from rules.testing.specification import Case, Fires, Specification

_LAST = 120
_HOURS = 300
_DAYS = 5_400
_PREDICTIONS, _LABELS = {"source": "predictions"}, {"source": "labels"}
_SECOND = "b:9108"


def specifications() -> tuple[Specification, ...]:
    return (
        Specification("MLSourceDown", _down(), _LAST),
        Specification("MLRecordsDelayed", _delayed(), _HOURS, step=5),
        Specification("MLIngestStalled", _stalled(), _LAST, given=(REQUESTS_30M, NORMAL_30M), said_at=41),
        Specification(
            "MLIngestStalled", _seldom(), _DAYS, sample=30, step=30, given=(REQUESTS_30M, NORMAL_30M), note="seldom"
        ),
        Specification("MLRowsRejected", _shares(catalogue.REJECTED_ROWS, "warning", 15), 90, said_at=45),
        Specification("MLRowsLate", _shares(catalogue.LATE_ROWS, "info", 60), 360, said_at=180),
        Specification("MLRecordsMayBeLost", _lost(), _LAST, said_at=65),
    )


def _down() -> tuple[Case, ...]:
    def up(samples: str, **labels: str) -> Series:
        return series(catalogue.SOURCE_UP, samples, **{**_PREDICTIONS, **labels})

    breach, fine = during(5, 40, 0, 1, _LAST), constant(1, _LAST)
    due = Fires("warning", 5, 40, _PREDICTIONS, value="0")
    return (
        Case("breach", (up(breach),), (due,)),
        Case("healthy", (up(fine),)),
        Case("one_of_two", (up(breach), up(fine, instance=_SECOND)), (due,)),
        Case("labels", (up(fine), up(breach, **_LABELS)), (Fires("warning", 5, 40, _LABELS),)),
        Case("too_short", (up(during(5, 14, 0, 1, _LAST)),), (Fires("warning", 5, 14, _PREDICTIONS),)),
        Case("no_data", ()),
    )


def _delayed() -> tuple[Case, ...]:
    now = source("continuous", _HOURS)
    requests = series(catalogue.REQUESTS, count((_HOURS + 1, 64)))

    def late(per_minute: float, minutes: int = 150, name: str = "predictions") -> Series:
        return series(
            catalogue.DELAYED_ROWS, count((60, 0), (minutes, per_minute), (_HOURS - 59 - minutes, 0)), source=name
        )

    def bursts(every: int, times: int) -> Series:
        phases = ((1, 640.0), (every - 1, 0.0)) * times
        return series(
            catalogue.DELAYED_ROWS, count((60, 0), *phases, (_HOURS - 59 - every * times, 0)), source="predictions"
        )

    def due(value: str = "") -> tuple[Fires, ...]:
        # Ten minutes after the last late record it is no catch-up, and half an hour later none of late.
        return (Fires("warning", 65, (245, 250), value=value),)

    return (
        Case("breach", (now, requests, late(32)), due("0.5333")),
        Case("healthy", (now, requests, delayed("predictions", 0, _HOURS))),
        # A tenth of 64 are 6.4; five in ten minutes are half a one.
        Case("stragglers", (now, requests, delayed("predictions", 6, _HOURS))),
        Case("stragglers_twice", _two(now, requests, delayed("predictions", 6, _HOURS))),
        Case("more", (now, requests, delayed("predictions", 7, _HOURS)), (Fires("warning", (5, 10)),)),
        Case("few", (now, delayed("predictions", 0.375, _HOURS))),
        Case("not_few", (now, delayed("predictions", 0.625, _HOURS)), (Fires("warning", (5, 10)),)),
        # Also where nothing is known of the requests.
        Case("no_requests", (now, late(32)), (Fires("warning", 60, (245, 250)),)),
        Case("too_short", (now, requests, late(32, 60)), (Fires("warning", 65, (155, 160)),)),
        Case("again_and_again", (now, requests, bursts(25, 8)), (Fires("warning", 60, (270, 275)),)),
        Case("once", (now, requests, bursts(25, 1)), (Fires("warning", 60, (95, 100)),)),
        Case("labels", (now, requests, late(32, name="labels"))),
        Case("batch", (source("batch", _HOURS), requests, late(32))),
        Case("batch_of_labels", (now, source("batch", _HOURS, "labels"), requests, late(32)), due()),
        Case("no_data", (now, requests)),
    )


def _newest(samples: str, name: str = "predictions", **labels: str) -> Series:
    return series(catalogue.NEWEST_EVENT, samples, source=name, **labels)


def _usually(record: str, per_second: float) -> Series:
    return series(record, constant(per_second, _LAST))


def _stalled() -> tuple[Case, ...]:
    # The newest record is of minute 19; that is more than a quarter of an hour ago from minute 35 on.
    stands = clock((20, True), (40, False), (_LAST - 59, True))
    runs = clock((_LAST + 1, True))
    due = (Fires("critical", 35, 60, _PREDICTIONS, value="1320"),)
    rare = (Fires("critical", 53, 60, _PREDICTIONS),)
    days = (Fires("critical", 0, None, _PREDICTIONS),)
    at_first = (Fires("critical", 0, 1, _PREDICTIONS),)
    now, batch = source("continuous", _LAST), source("batch", _LAST)

    def every(seconds: float, name: str = "predictions") -> Series:
        return series(catalogue.SOURCE_PERIOD, constant(seconds, _LAST), source=name)

    return (
        Case("breach", (now, _newest(stands)), due),
        Case("healthy", (now, _newest(runs))),
        # Of a model that has one request in 100 s twenty take 2,000 s: over from minute 53 on.
        Case("rare", (now, _newest(stands), _usually(REQUESTS_30M, 0.01)), rare),
        Case("rare_at_this_hour", (now, _newest(stands), _usually(NORMAL_30M, 0.01), _usually(REQUESTS_30M, 9)), rare),
        Case("busy", (now, _newest(stands), _usually(REQUESTS_30M, 9)), due),
        # Two days and three and a half, of a model that is hardly ever asked: three are too many.
        Case("hardly_ever", (now, _newest(constant(-200_000, _LAST)), _usually(REQUESTS_30M, 1e-6))),
        Case("never", (now, _newest(constant(-300_000, _LAST)), _usually(REQUESTS_30M, 1e-6)), days),
        Case("one_of_two", (now, _newest(stands), _newest(runs, instance=_SECOND))),
        # An hour behind: it is read, if it gets newer at least half as fast as time passes. Of one record nothing is known.
        Case("catches_up", (now, _newest(_behind(90))), at_first),
        Case("always_late", (now, _newest(_behind(60))), at_first),
        Case("falls_behind", (now, _newest(_behind(27))), days),
        Case("just_follows", (now, _newest(_behind(33))), at_first),
        Case(
            "one_catches_up",
            (now, _newest(constant(-3_000, _LAST)), _newest(_behind(60), instance=_SECOND)),
            at_first,
        ),
        Case("labels_catch_up", (now, _newest(stands), _newest(_behind(90), "labels")), due),
        Case("labels", (now, source("continuous", _LAST, "labels"), _newest(runs), _newest(stands, "labels"))),
        # Twice ten minutes, over from minute 40 on.
        Case("batch", (batch, every(600), _newest(stands)), (Fires("critical", 40, 60, _PREDICTIONS),)),
        Case("batch_twice", _two(batch, every(600), _newest(stands)), (Fires("critical", 40, 60, _PREDICTIONS),)),
        Case("batch_in_time", (batch, every(3600), _newest(stands))),
        Case("batch_of_labels", (batch, every(600, "labels"), source("continuous", _LAST, "labels"), _newest(stands))),
        Case("unknown_delivery", (_newest(stands),)),
        Case("no_data", (now,)),
    )


def _behind(a_minute: float) -> str:
    """Return the time stamps of a log that is an hour behind at first, and so many seconds of which are read in a minute."""
    return f"-3600+{a_minute:g}x{_LAST}"


def _two(*of_one: Series) -> tuple[Series, ...]:
    """Return the series of two exporters."""
    return tuple(
        Series(each.metric, each.samples, {**each.labels, "instance": instance})
        for instance in ("a:9108", _SECOND)
        for each in of_one
    )


def _seldom() -> tuple[Case, ...]:
    """Return cases of a log whose only record is of the first minute, by what is usual in a second."""

    def case(name: str, of_week: float | None, of_hour: float | None, *fires: Fires) -> Case:
        rates = {REQUESTS_30M: of_week, NORMAL_30M: of_hour}
        usual = (series(record, level((_DAYS // 30 + 1, rate))) for record, rate in rates.items() if rate is not None)
        return Case(name, (source("continuous", _DAYS // 30), _newest(constant(0, _DAYS // 30)), *usual), fires)

    def since(minute: int) -> Fires:
        return Fires("critical", minute, None, _PREDICTIONS)

    return (
        # Of a thousandth a second 20 are missing after 20,000 seconds, over from minute 360 on.
        case("breach", 0.001, None, since(360)),
        case("busy", 1, None, since(30)),
        case("seldom", 0.00001, None, since(4_350)),
        case("night", 1, 0, since(4_350)),
        case("day", 0.00001, 1, since(30)),
        case("unknown", None, None, since(30)),
    )


def _shares(metric: catalogue.Metric, severity: str, window: int) -> tuple[Case, ...]:
    """Return cases of a share of records; ``window`` is the minutes that it is of, and those that it has to last."""
    start, end, last = window, 4 * window, 6 * window
    reasons = ({"reason": "timestamp"}, {"reason": "json"}) if metric is catalogue.REJECTED_ROWS else ({},)

    def rows(
        bad: float, of: float = 128, *restart: str, name: str = "predictions", **labels: str
    ) -> tuple[Series, ...]:
        """Return records a minute, and among them, for a while, bad ones, shared out over the reasons."""
        share, long = bad / len(reasons), end - start - window
        found = count((start, 0), (window, share), *restart, (long, share), (last + 1 - end, 0))
        read = count((start + window, of), *restart, (last + 1 - start - window, of))
        return (
            series(catalogue.ROWS, read, source=name, **labels),
            *(series(metric, found, source=name, **reason, **labels) for reason in reasons),
        )

    def due(name: str = "predictions") -> tuple[Fires, ...]:
        # A quarter of the records: that of a single minute, or of three, is a hundredth of the window.
        return (Fires(severity, (start, start + 3), (end + window - 4, end + window), {"source": name}, value="0.25"),)

    edge = Fires(severity, (start + window * 2 // 3, start + window), (end, end + window // 3), _PREDICTIONS)
    few, enough = 75 / window, 120 / window
    return (
        Case("breach", rows(32), due()),
        Case("healthy", rows(0)),
        Case("just_below", rows(1)),
        Case("just_below_twice", (*rows(1), *rows(1, instance=_SECOND))),
        Case("just_above", rows(1.625), (edge,)),
        Case("too_few", rows(few, few)),
        # Two who have read the same.
        Case("too_few_twice", (*rows(few, few), *rows(few, few, instance=_SECOND))),
        Case("enough", rows(enough / 4, enough), due()),
        Case("labels", (*rows(0), *rows(32, name="labels")), due("labels")),
        Case("restarted", rows(32, 128, RESET), due()),
        Case("no_data", ()),
    )


def _lost() -> tuple[Case, ...]:
    def events(samples: str, event: str = "truncated", name: str = "predictions", **labels: str) -> Series:
        return series(catalogue.SOURCE_EVENTS, samples, source=name, event=event, **labels)

    once, never = count((10, 0), (1, 1), (_LAST - 10, 0)), count((_LAST + 1, 0))
    said = {**_PREDICTIONS, "event": "truncated"}
    return (
        Case("breach", (events(once), events(never, "vanished")), (Fires("warning", 10, (69, 70), said, value="1"),)),
        # Nothing is lost by these.
        *(Case(event, (events(once, event),)) for event in ("already_seen", "trailing_garbage", "unterminated")),
        Case("healthy", (events(never),)),
        Case("restarted", (events(level((10, 5), (_LAST - 9, 0))),)),
        Case(
            "two",
            (events(once), events(once, "vanished"), events(once, name="labels")),
            (
                Fires("warning", 10, (69, 70), said),
                Fires("warning", 10, (69, 70), {**_PREDICTIONS, "event": "vanished"}),
                Fires("warning", 10, (69, 70), {**_LABELS, "event": "truncated"}),
            ),
        ),
        Case("no_data", ()),
    )
