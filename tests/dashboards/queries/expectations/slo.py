"""Do the models keep what was promised?"""

from __future__ import annotations

from tests.dashboards.queries.expectations.expected import NO_OBJECTIVES, Expected, shown, some

_MONTH = 30 * 86_400
_FULL_MONTH = shown(NO_OBJECTIVES, low=_MONTH, high=_MONTH)
_SHARE = shown(NO_OBJECTIVES, high=1)
_LEFT = shown(NO_OBJECTIVES, low=-10, high=1)
_COUNT = shown(NO_OBJECTIVES, high=5000)
_BURN = shown(NO_OBJECTIVES, high=100)


def _exactly(value: float) -> Expected:
    return shown(NO_OBJECTIVES, low=value - 1e-6, high=value + 1e-6)


EXPECTED: dict[int, tuple[Expected, ...]] = {
    1: (shown(NO_OBJECTIVES, low=0.7, high=0.99),),
    2: (shown(NO_OBJECTIVES, low=0.5),),
    3: (_LEFT,),
    4: (_BURN,),
    5: (shown(NO_OBJECTIVES, maybe=some(well_churn="an objective without bad events does not burn")),),
    6: (_COUNT,),
    7: (_LEFT, shown(low=0.25, high=0.25), shown(low=0, high=0)),
    8: (*(_BURN for _ in ("5m", "1h", "6h", "1d", "3d")), *map(_exactly, (14.4, 6, 3, 1))),
    9: (shown(NO_OBJECTIVES, low=0.7, high=0.99), _LEFT, _BURN, _SHARE, _FULL_MONTH),
    21: (_COUNT, _COUNT),
    22: (_SHARE, _SHARE, _SHARE, _SHARE),
    23: (_SHARE, _SHARE),
}
