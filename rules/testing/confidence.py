"""What makes the alerts on confidence fire: unsure predictions of an hour, among enough."""

from __future__ import annotations

from exporter import catalogue
from rules.testing.inputs import RESET, Series, count, series
from rules.testing.limits import limits
from rules.testing.specification import Case, Fires, Specification

# Minutes; samples and evaluations are five apart.
_LAST, _STEP = 360, 5
_START, _END = 120, 240
# Of five minutes: 384 in an hour.
_ENOUGH = 32
_USUAL = 0.875


def specifications() -> tuple[Specification, ...]:
    return (
        Specification("MLHighLowConfidencePredictions", _low(), _LAST, sample=_STEP, step=_STEP, said_at=200),
        Specification("MLConfidenceDrop", _drop(), _LAST, sample=_STEP, step=_STEP, said_at=200),
    )


def _predictions(
    low: float = 0, mean: float = _USUAL, number: float = _ENOUGH, *restart: str, **labels: str
) -> tuple[Series, ...]:
    """Return predictions of which, for a while, a share is of low confidence, and their mean confidence."""
    before, within, after = _START // _STEP, (_END - _START) // _STEP, (_LAST - _END) // _STEP + 1

    def samples(inside: float, outside: float) -> str:
        return count((before, outside), (6, inside), *restart, (within - 6, inside), (after, outside))

    return (
        series(catalogue.LOW_CONFIDENCE_PREDICTIONS, samples(number * low, 0), **labels),
        series(catalogue.PREDICTION_CONFIDENCE, samples(number, number), suffix="_count", **labels),
        series(catalogue.PREDICTION_CONFIDENCE, samples(number * mean, number * _USUAL), suffix="_sum", **labels),
    )


def _low() -> tuple[Case, ...]:
    base = limits("low_confidence_share", {"info": 0.25, "warning": 0.5}, _LAST)
    # A third of the hour's are from after the start, and until a quarter is left of them.
    due = Fires("info", (130, 135), (275, 285), value="1")
    return (
        Case("breach", (*base, *_predictions(1)), (due,)),
        Case("half", (*base, *_predictions(0.5)), (Fires("info", (145, 155), (255, 270)),)),
        Case("at_the_limit", (*base, *_predictions(0.25))),
        Case("healthy", (*base, *_predictions(0))),
        Case("too_few", (*base, *_predictions(1, number=16))),
        Case("too_few_twice", (*base, *_predictions(1, number=16), *_predictions(1, number=16, instance="b:9108"))),
        Case("enough", (*base, *_predictions(1, number=18)), (due,)),
        Case("restarted", (*base, *_predictions(1, _USUAL, _ENOUGH, RESET)), (due,)),
        Case("no_data", base),
        Case("no_limit", _predictions(1)),
    )


def _drop() -> tuple[Case, ...]:
    # The week is what there is of it: it falls as well, and more slowly. Its rates are extrapolated to the zero of either
    # counter, hence 0.2069 rather than 0.2156.
    due = Fires("info", (130, 135), (255, 265), value="0.2069")
    return (
        Case("breach", _predictions(mean=0.5), (due,)),
        Case("healthy", _predictions()),
        Case("rises", _predictions(mean=1)),
        Case("just_above", _predictions(mean=_USUAL - 0.09375), (Fires("info", (165, 170), (215, 225)),)),
        Case("just_below", _predictions(mean=_USUAL - 0.0625)),
        Case("too_few", _predictions(mean=0.5, number=16)),
        Case(
            "too_few_twice",
            (*_predictions(mean=0.5, number=16), *_predictions(mean=0.5, number=16, instance="b:9108")),
        ),
        Case("enough", _predictions(mean=0.5, number=18), (due,)),
        Case("restarted", _predictions(0, 0.5, _ENOUGH, RESET), (due,)),
        Case("no_data", ()),
    )
