"""Is every model healthy?"""

from __future__ import annotations

from tests.dashboards.queries.expectations.expected import (
    GONE,
    NO_OBJECTIVES,
    NO_REFERENCE,
    Expected,
    because,
    shown,
    some,
)

_NO_LATENCY = {**NO_OBJECTIVES, **because("it has no objective on latency", "well weather")}
_NOT_TRAINED = because("the configuration does not say when", "well weather", "well demand", "sick demand", "sick bare")
_NOTHING_FIRES = {**because("nothing is wrong", "well churn", "well weather", "well demand"), **GONE}
_NO_CHANGE = because("it is as it was a day ago", "sick demand", "sick bare")
_IN_ORDER = because("no alert is a reason", "well churn", "well weather", "well demand", "sick demand", "sick bare")
_SEVERITIES = 4

EXPECTED: dict[int, tuple[Expected, ...]] = {
    1: (shown(high=4),),
    2: (shown(high=1),),
    3: (shown(NO_OBJECTIVES, low=-10),),
    4: (shown(GONE, high=20),),
    5: (shown(_NO_LATENCY, high=20),),
    6: (shown(high=20),),
    7: (shown(GONE, NO_REFERENCE, high=1 / 0.3),),
    8: (shown(high=120),),
    10: (shown(low=-1, high=_SEVERITIES),),
    11: (
        shown(low=-1, high=_SEVERITIES),
        shown(GONE, high=1),
        shown(GONE, high=0.2),
        shown(GONE, high=10),
        shown(GONE, high=20),
        shown(GONE, NO_REFERENCE, high=4),
        shown(NO_OBJECTIVES, low=-10),
        shown(GONE, high=900),
    ),
    21: (shown(_NOTHING_FIRES, low=1, high=_SEVERITIES),),
    22: (shown(_NO_CHANGE, GONE, low=1, high=1),),
    31: (shown(high=1),),
    32: (shown(high=0.5),),
    41: (shown(_NOT_TRAINED, high=11), shown(low=180, high=180)),
    42: (shown(low=1, high=2),),
    43: (shown(_IN_ORDER, some(sick_lost=GONE["sick lost"]), low=1, high=10), shown(low=2, high=2)),
    44: (shown(GONE, NO_REFERENCE, low=2000, high=2000), shown(GONE, NO_REFERENCE, low=1, high=2)),
}
