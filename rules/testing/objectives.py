"""What makes the alerts on error budgets fire: shares of bad events over pairs of windows, and what is left."""

from __future__ import annotations

from exporter import catalogue
from rules.testing.errors import continuous, source
from rules.testing.inputs import GONE, RESET, Series, constant, count, during, series
from rules.testing.specification import Case, Fires, Span, Specification

_MONTH, _WEEK, _LONGER = 2_592_000, 604_800, 3_024_000
# Minutes. Increases of five minutes are recorded every five minutes.
_LAST, _LONG, _STEP = 240, 900, 5
_START, _END = 120, 480
_EVENTS = 64
_SLO = {"slo": "availability"}
_RUNGS = {"1h": "critical", "6h": "critical", "1d": "warning", "3d": "warning"}


def specifications() -> tuple[Specification, ...]:
    return (
        Specification("MLErrorBudgetBurn", _burns(), _LAST, step=_STEP),
        Specification("MLErrorBudgetBurn", (_rising(),), _LONG, step=_STEP, derived=False, note="rises"),
        Specification("MLErrorBudgetBurn", (_accident(),), 1260, step=_STEP, derived=False, note="accident"),
        Specification("MLErrorBudgetBurn", (_lasting(),), 1450, step=_STEP, derived=False, rungs=("3d",), note="lasts"),
        *(_calming(window) for window in _RUNGS),
        # How long the fastest waits is less than five minutes.
        Specification("MLErrorBudgetBurn", _at_once(), 60, rungs=("1h",), note="at_once"),
        Specification("MLErrorBudgetLow", _low(), 150, step=_STEP, said_at=90),
        Specification("MLErrorBudgetExhausted", _exhausted(), 150, step=_STEP, said_at=90),
    )


def _slo(
    good: str, events: str, objective: float = 0.99, period: int = _MONTH, last: int = _LAST, **labels: str
) -> tuple[Series, ...]:
    where = {**_SLO, **labels}
    own = {"slo": where["slo"]}
    return (
        series(catalogue.SLO_EVENTS, events, **where),
        series(catalogue.SLO_GOOD_EVENTS, good, **where),
        series(catalogue.SLO_OBJECTIVE, constant(objective, last), **own),
        series(catalogue.SLO_PERIOD, constant(period, last), **own),
    )


def _steady(
    bad: float, events: float = _EVENTS, objective: float = 0.99, period: int = _MONTH, last: int = _LAST
) -> tuple[Series, ...]:
    return _slo(count((last + 1, events - bad)), count((last + 1, events)), objective, period, last)


def _due(
    *windows: str, start: int | Span = _STEP, end: int | Span | None = None, slo: str = "availability", value: str = ""
) -> tuple[Fires, ...]:
    return tuple(Fires(_RUNGS[each], start, end, {"slo": slo}, value=value, burn_window=each) for each in windows)


def _burns() -> tuple[Case, ...]:
    half = _EVENTS / 2
    restarted = (count((100, half), RESET, (_LAST - 99, half)), count((100, _EVENTS), RESET, (_LAST - 99, _EVENTS)))
    first = (count((100, half), (_LAST - 99, GONE)), count((100, _EVENTS), (_LAST - 99, GONE)))
    second = (count((100, GONE), (_LAST - 99, half)), count((100, GONE), (_LAST - 99, _EVENTS)))
    everything = tuple(_RUNGS)
    return (
        Case("breach", _steady(half), _due(*everything, value="0.5")),
        Case("healthy", _steady(0)),
        Case("within_budget", _steady(0.5)),
        # A sixteenth may be bad: six times, three times, once that is exactly the limit.
        Case("at_6h", _steady(24, objective=0.9375), _due("1d", "3d")),
        Case("at_1d", _steady(12, objective=0.9375), _due("3d")),
        Case("at_3d", _steady(4, objective=0.9375)),
        Case("between_1h_and_6h", _steady(26, objective=0.9375), _due("6h", "1d", "3d")),
        Case("just_below_1h", _steady(56, objective=0.9375), _due("6h", "1d", "3d")),
        Case("just_above_1h", _steady(59, objective=0.9375), _due(*everything)),
        # Everything is bad, and that is not 14.4 times a tenth.
        Case("low_objective", _steady(_EVENTS, objective=0.9), _due("6h", "1d", "3d")),
        # A week's budget is a fourth of a month's: 3.36 %, 1.4 %, 0.7 %, 0.23 %.
        Case("week", _steady(4, period=_WEEK), _due(*everything)),
        Case("week_within", _steady(0.125, period=_WEEK)),
        # Five bad events, after 80 minutes and after 40.
        Case("few", _steady(1 / 16, 1 / 16), _due("6h", "1d", "3d", start=80)),
        Case("enough", _steady(1 / 8, 1 / 8), _due(*everything, start=40)),
        Case("few_of_two", (*_steady(1 / 16, 1 / 16), *_latency(half)), _due("6h", "1d", "3d", start=80)),
        Case("restarted", _slo(*restarted), _due(*everything)),
        Case(
            "a_new_version",
            (*_slo(*first, model_version="1"), *_slo(*second, model_version="2")[:2]),
            _due(*everything),
        ),
        Case("two", (*_steady(half), *_latency(half)), _due(*everything)),
        Case("no_events", _steady(0, 0)),
        Case("no_data", ()),
        Case("no_objective", _steady(half)[:2]),
        *_of_other_times(half),
    )


def _of_other_times(bad: float) -> tuple[Case, ...]:
    """Return cases of records that are read long after their time, or in drops."""
    requests = series(catalogue.REQUESTS, count((_LAST + 1, _EVENTS)))
    until_60 = series(catalogue.DELAYED_ROWS, count((60, 20), (_LAST - 59, 0)), source="predictions")
    # Ten minutes after the last late record it is no catch-up; then the short window has to pass. That of 3d is too long.
    later = (
        *_due("1h", start=(70, 75)),
        *_due("6h", start=(95, 100)),
        *_due("1d", start=(185, 190)),
    )
    return (
        Case("catches_up", (*_steady(bad), requests, *continuous(_LAST, behind=20))),
        Case("stragglers", (*_steady(bad), requests, *continuous(_LAST, behind=6)), _due(*_RUNGS)),
        Case("caught_up", (*_steady(bad), requests, until_60), later),
        Case("batch", (*_steady(bad), requests, source("batch", _LAST))),
    )


def _latency(bad: float, last: int = _LAST, objective: float = 0.4) -> tuple[Series, ...]:
    """Return another objective of the same model."""
    good = count((last + 1, _EVENTS - bad))
    return _slo(good, count((last + 1, _EVENTS)), objective, last=last, slo="latency")


# Of each long window: until when half are bad, how many of a minute then, when the alert ends, and the last minute.
_CALMING: dict[str, tuple[int, float, int | Span, int]] = {
    "1h": (60, 7.375, 65, 75),
    "6h": (120, 3.0625, 150, 170),
    "1d": (180, 1.53125, 300, 345),
    "3d": (240, 0.5, (600, 605), 650),
}


def _calming(window: str) -> Specification:
    """Return half bad, then so little that the long window alone is above its limit, in a model that has another objective,
    beside another model."""
    until, little, end, last = _CALMING[window]
    half = _EVENTS / 2
    good = count((until, _EVENTS - half), (last + 1 - until, _EVENTS - little))
    not_yet = count((until, _EVENTS - half), (last + 1 - until, _EVENTS - 1.5 * little))
    events = count((last + 1, _EVENTS))
    both = (*_slo(good, events, last=last), *_latency(half, last, 0.99))
    return Specification(
        "MLErrorBudgetBurn",
        (
            Case("calms", both, (*_due(window, end=end), *_due(window, slo="latency"))),
            # Four fifths of the limit above, six fifths here.
            Case("goes_on", _slo(not_yet, events, last=last), _due(window)),
            Case("breach", _steady(half, last=last), _due(window)),
        ),
        last,
        step=_STEP,
        derived=False,
        rungs=(window,),
        note=f"calms_{window}",
    )


def _rising() -> Case:
    events = count((_LONG + 1, _EVENTS))
    good = count((_START, _EVENTS), (_END - _START, _EVENTS / 2), (_LONG + 1 - _END, _EVENTS))
    # A seventh of an hour, 6 % of 6 hours, 3 % of a day, 1 % of 3 days; of as much of them as there is.
    due = (
        *_due("1h", start=140, end=485),
        *_due("6h", start=140, end=(505, 510)),
        *_due("1d", start=130, end=595),
        *_due("3d", start=125, end=(835, 840)),
    )
    return Case("rises", _slo(good, events, last=_LONG), due)


def _accident() -> Case:
    """Return half bad for a quarter of an hour after twenty good ones: the short windows alone are above their limits."""
    good = count((1200, _EVENTS), (15, _EVENTS / 2), (46, _EVENTS))
    return Case("accident", _slo(good, count((1261, _EVENTS)), last=1260))


def _lasting() -> Case:
    """Return half bad after twenty good hours, and so on: after 25 minutes that is a hundredth of all."""
    good = count((1200, _EVENTS), (251, _EVENTS / 2))
    return Case("lasts", _slo(good, count((1451, _EVENTS)), last=1450), _due("3d", start=1225))


def _at_once() -> tuple[Case, ...]:
    good, events = count((30, 0), (31, _EVENTS)), count((61, _EVENTS))
    return (
        Case("breach", _slo(good, events, last=60), _due("1h", start=1, end=(33, 34), value="1")),
        Case("healthy", _steady(0, last=60)),
    )


_BUDGET_LAST = 150


def _left(share: float, last: int = _BUDGET_LAST) -> Series:
    return series(catalogue.SLO_ERROR_BUDGET, during(10, 100, share, 0.9, last), **_SLO)


def _of_week(bad: float = 4) -> tuple[Series, ...]:
    return _steady(bad, objective=0.75, period=_WEEK, last=_BUDGET_LAST)


def _of_month(bad: float, events: float = _EVENTS) -> tuple[Series, ...]:
    return _steady(bad, events, objective=0.75, last=_BUDGET_LAST)


def _few(left: float, due: tuple[Fires, ...]) -> tuple[Case, ...]:
    """Return cases of budgets of which so much is left, by hardly two bad events."""
    hardly_any = 1 / 64
    longer = _steady(hardly_any, objective=0.75, period=_LONGER, last=_BUDGET_LAST)
    return (
        Case("week_few", (*_of_week(hardly_any), _left(left))),
        # Those of a period of 35 days may have been earlier; another objective's do not matter.
        Case("longer_few", (*longer, _left(left), *_latency(0, _BUDGET_LAST)), due),
    )


def _low() -> tuple[Case, ...]:
    def due(value: str = "", start: int = _STEP, end: int | None = None) -> tuple[Fires, ...]:
        return (Fires("info", start, end, _SLO, value=value),)

    worse = Series(_left(0.1).metric, _left(0.1).samples, {**_SLO, "instance": "b:9108"})
    return (
        # A quarter may be bad, and 14 of 64 are: an eighth of the budget is left.
        Case("breach", (*_of_month(14), _left(0.9)), due("0.125")),
        Case("healthy", (*_of_month(1), _left(0.1))),
        Case("at_a_quarter", _of_month(12)),
        Case("used_up", _of_month(16), due()),
        Case("overdrawn", _of_month(24)),
        Case("week", (*_of_week(14), _left(0.1)), due(start=10, end=100)),
        Case("week_healthy", (*_of_week(14), _left(0.9))),
        Case("week_beside_a_month", (*_of_week(14), _left(0.9), *_latency(0, _BUDGET_LAST))),
        Case("week_at_a_quarter", (*_of_week(), _left(0.25))),
        Case("week_below_a_quarter", (*_of_week(), _left(0.2)), due(start=10, end=100)),
        Case("week_overdrawn", (*_of_week(), _left(-0.1))),
        Case("week_used_up", (*_of_week(), _left(0)), due(start=10, end=100)),
        Case("week_of_two", (*_of_week(), _left(0.9), worse), due(start=10, end=100)),
        Case(
            "week_too_short",
            (*_of_week(), series(catalogue.SLO_ERROR_BUDGET, during(10, 35, 0.1, 0.9, _BUDGET_LAST), **_SLO)),
            due(start=10, end=35),
        ),
        # Five bad events, one of five, after 80 minutes.
        Case("few", _of_month(1 / 16, 5 / 16), due(start=80)),
        *_few(0.1, due(start=10, end=100)),
        Case("no_data", _of_month(14)[2:]),
    )


def _exhausted() -> tuple[Case, ...]:
    def due(value: str = "", start: int = _STEP, end: int | None = None) -> tuple[Fires, ...]:
        return (Fires("warning", start, end, _SLO, value=value),)

    return (
        Case("breach", (*_of_month(24), _left(0.9)), due("-0.5")),
        Case("healthy", _of_month(1)),
        Case("used_up", _of_month(16)),
        Case("low", _of_month(14)),
        Case("week", (*_of_week(), _left(-0.1)), due(start=10, end=100)),
        Case("week_used_up", (*_of_week(), _left(0))),
        Case("week_healthy", (*_of_week(24), _left(0.9))),
        # Five bad events, all of them, after 80 minutes.
        Case("few", _of_month(1 / 16, 1 / 16), due(start=80)),
        *_few(-0.1, due(start=10, end=100)),
        Case("no_data", _of_month(24)[2:]),
    )
