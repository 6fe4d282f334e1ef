"""Has the world changed?"""

from __future__ import annotations

from tests.dashboards.queries.expectations.expected import GONE, NO_FIGURES, NO_REFERENCE, Expected, because, shown

_NOW = (GONE, NO_REFERENCE)
_NO_CONCEPT = {**GONE, **because("no label tells of its concept", "sick demand", "sick bare")}
_NO_RATIO = {**NO_FIGURES, **because("R² is not of the windows that are judged", "well demand")}
_MOST = 100.0
"""Times the threshold."""

EXPECTED: dict[int, tuple[Expected, ...]] = {
    1: (shown(*_NOW, high=4),),
    2: (shown(*_NOW, low=1, high=4),),
    3: (shown(*_NOW, high=1 / 0.3),),
    4: (shown(*_NOW, high=_MOST),),
    5: (shown(_NO_CONCEPT, high=_MOST),),
    6: (shown(*_NOW, low=200, high=4000),),
    7: (shown(NO_REFERENCE), shown(low=0.1, high=0.5)),
    8: (shown(NO_REFERENCE, high=_MOST), shown(low=1, high=1)),
    9: (shown(*_NOW, high=1),),
    10: (shown(*_NOW, high=_MOST),),
    21: (
        shown(*_NOW, high=_MOST),
        shown(*_NOW, high=1),
        shown(*_NOW, low=200, high=4000),
        shown(*_NOW, low=200, high=4000),
        *(shown(*_NOW, high=1) for _ in ("missing", "wrong type", "out of range", "unseen")),
    ),
    31: (shown(*_NOW, high=_MOST),),
    32: (shown(NO_REFERENCE),),
    41: (shown(NO_REFERENCE, high=_MOST), shown(_NO_RATIO, high=1)),
}
