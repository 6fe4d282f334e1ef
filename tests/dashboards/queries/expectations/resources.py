"""What does a model run on, and does its watch keep up?"""

from __future__ import annotations

from tests.dashboards.queries.expectations.expected import EVERYBODY, NEVER, NO_OBJECTIVES, Expected, because, shown

_NO_LATENCY = {**NO_OBJECTIVES, **because("it has no objective on latency", "well weather")}
_NO_REJECTED = because("all its records are of use", *(model for model in EVERYBODY if model != "sick churn"))
_NO_ENDPOINTS = because("its records name no endpoints", "sick demand", "sick bare", "sick lost")
_SHARE = shown(high=1)


def _about(value: float) -> Expected:
    """Of a counter that has just begun the rate is still low."""
    return shown(low=value / 3, high=value * 1.01)


EXPECTED: dict[int, tuple[Expected, ...]] = {
    # Serving
    1: (shown(high=1), shown(high=1)),
    2: (shown(high=0.5), shown(low=0.01, high=0.5)),
    3: (*(shown(high=10) for _ in ("P50", "P95", "P99")), shown(_NO_LATENCY, low=0.25, high=0.25)),
    4: (shown(high=1000),),
    5: (shown(_NO_ENDPOINTS, high=1),),
    # Containers
    21: (_about(0.4),),
    22: (_about(0.05),),
    23: (_about(0.6),),
    24: (_about(20_000), _about(30_000)),
    # Machines; until their counters have grown, the idle time of the first minutes seems short.
    41: (shown(low=0.29, high=1),),
    42: (_about(0.25),),
    43: (_about(0.4),),
    44: (_about(1000), _about(50_000)),
    45: (_about(60_000), _about(70_000)),
    # Accelerators and queues
    61: (_about(0.35),),
    62: (_about(0.375),),
    63: (_about(55), shown(low=31, high=31)),
    64: (shown(low=2, high=3),),
    # The watch
    81: (shown(high=1800),),
    82: (shown(high=2), shown(high=2)),
    83: (shown(_NO_REJECTED, high=1), shown(NEVER), shown(NEVER)),
    84: (shown(high=900), shown(high=900), shown(high=10)),
    85: (shown(low=10, high=10_000), shown(high=0), shown(low=10_000, high=10_000)),
    86: (*(shown(NEVER) for _ in ("set aside", "failed", "overflowing", "given up")),),
    87: (*(_SHARE for _ in ("model", "log", "exporter", "Prometheus", "Alertmanager")),),
    88: (*(shown(high=0) for _ in range(4)), shown(low=1, high=1)),
    89: (shown(high=1), shown(low=1e6, high=1e9)),
}
