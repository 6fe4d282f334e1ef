"""How far is a feature from its reference?"""

from __future__ import annotations

from tests.dashboards.queries.expectations.expected import GONE, NO_REFERENCE, Expected, because, shown

_NOW = (GONE, NO_REFERENCE)
_EARLIER = because("it was new, or down", "sick lost")
_MOST = 100.0

EXPECTED: dict[int, tuple[Expected, ...]] = {
    1: (shown(*_NOW, high=_MOST),),
    2: (shown(*_NOW, high=1),),
    3: (shown(*_NOW, low=200, high=4000),),
    4: (shown(*_NOW, low=2000, high=2000),),
    5: (shown(*_NOW),),
    6: (shown(*_NOW, high=_MOST),),
    7: (shown(*_NOW), shown(*_NOW)),
    8: (
        shown(*_NOW, high=10),
        shown(*_NOW, high=1),
        shown(*_NOW, high=_MOST),
        shown(*_NOW, high=1),
    ),
    21: (shown(NO_REFERENCE, maybe=_EARLIER, high=_MOST), shown(low=1, high=1)),
    22: (shown(NO_REFERENCE),),
    31: (shown(NO_REFERENCE, maybe=_EARLIER, low=1e-12, high=1),),
    32: (shown(NO_REFERENCE, high=4000), shown(NO_REFERENCE, maybe=_EARLIER, low=1, high=4000)),
    33: (shown(NO_REFERENCE, maybe=_EARLIER, high=10),),
    41: (shown(NO_REFERENCE), shown(NO_REFERENCE, low=0.001)),
}
