"""Is a model still right?"""

from __future__ import annotations

from tests.dashboards.queries.expectations.expected import (
    INFINITY,
    NO_FIGURES,
    NO_LABELS,
    NO_SEGMENTS,
    NOT_JUDGED,
    Expected,
    because,
    shown,
    some,
)

# Of a bias and of log loss.
_LOW, _HIGH = -5, 10
_NO_CLASSES = because("it is a regression", "well demand", "sick demand")
_NO_SCORES = {**_NO_CLASSES, **because("its records have no probabilities", "well weather")}
_NOT_THIS = {model: NOT_JUDGED[model] for model in ("well churn", "sick churn")}
_ONE_WINDOW = some(well_demand="one of its windows is judged", sick_demand="one of its windows is judged")
_NO_UPPER = because("none of its figures has an upper threshold", "well weather")

EXPECTED: dict[int, tuple[Expected, ...]] = {
    1: (shown(NO_FIGURES, maybe=_ONE_WINDOW, high=1),),
    2: (shown(NO_FIGURES, low=_LOW, high=_HIGH),),
    3: (shown(NO_FIGURES, low=_LOW, high=_HIGH),),
    4: (shown(NO_FIGURES, low=200, high=4000),),
    5: (shown(NO_LABELS, maybe=_ONE_WINDOW, high=2),),
    6: (shown(NO_LABELS),),
    7: (
        *(shown(NO_FIGURES, low=_LOW, high=_HIGH) for _ in ("lower", "upper", "figure", "baseline")),
        shown(NO_FIGURES, maybe=_ONE_WINDOW, low=_LOW, high=_HIGH),
    ),
    8: (
        *(shown(NO_FIGURES, low=_LOW, high=_HIGH) for _ in ("now", "from", "to")),
        shown(NO_LABELS, low=_LOW, high=_HIGH),
        shown(NO_FIGURES, maybe=_ONE_WINDOW, low=_LOW, high=_HIGH),
        shown(NO_FIGURES, _NO_UPPER, maybe=_ONE_WINDOW, low=_LOW, high=_HIGH),
        shown(NO_LABELS, high=4000),
    ),
    21: (shown(NO_FIGURES, low=_LOW, high=_HIGH),),
    22: (shown(NO_SEGMENTS, low=_LOW, high=_HIGH),),
    23: (
        *(shown(NO_SEGMENTS, low=_LOW, high=_HIGH) for _ in ("now", "from", "to")),
        *(shown(NO_SEGMENTS, maybe=_NOT_THIS, low=_LOW, high=_HIGH) for _ in ("warn below", "warn above")),
        shown(NO_SEGMENTS, low=50, high=1000),
    ),
    31: (shown(NO_FIGURES, _NO_CLASSES, high=1000),),
    32: (shown(_NO_CLASSES),),
    33: (shown(_NO_SCORES, low=0.5), shown(_NO_SCORES), shown(low=0.2, high=0.2)),
    41: (shown(NO_LABELS), shown(low=0.5, high=0.5)),
    42: (shown(NO_FIGURES, low=60, high=7200), shown(NO_FIGURES, low=600, high=5 * 3600)),
    43: (shown(NO_LABELS, high=INFINITY),),
    44: (shown(NO_LABELS, maybe=_ONE_WINDOW, low=1, high=1),),
}
