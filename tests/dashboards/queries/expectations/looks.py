"""What is to be seen without reading numbers: the colours and words of tiles, of lines of states and of cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.dashboards.queries.worlds import HEALTHY, SICK

ALL = "$__all"
_OVERVIEW, _QUALITY, _DRIFT = "driftbell-overview", "driftbell-quality", "driftbell-drift"
_FEATURE, _SLO, _RESOURCES = "driftbell-feature", "driftbell-slo", "driftbell-resources"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """With ``chosen`` a panel has a ``colour`` and perhaps a ``word`` in place of the value; of a table the cell in a ``column``
    of the row that begins with ``row``, of lines of states the newest of the series with that name.
    """

    uid: str
    panel: int
    chosen: Mapping[str, str] = field(default_factory=dict)
    row: str = ""
    column: str = ""
    colour: str
    word: str = ""


def _overview(panel: int, well: str, sick: str, row: str = "", **more: str) -> tuple[Look, Look]:
    return (
        Look(uid=_OVERVIEW, panel=panel, chosen={"job": HEALTHY, "model_name": ALL}, row=row, colour=well, **more),
        Look(uid=_OVERVIEW, panel=panel, chosen={"job": SICK, "model_name": ALL}, row=row, colour=sick, **more),
    )


def _both(uid: str, panel: int, well: tuple[str, str], sick: tuple[str, str], **chosen: str) -> tuple[Look, Look]:
    """Return the looks of a model of one name in the two jobs."""
    model = {"model_name": "churn", **chosen}
    return (
        Look(uid=uid, panel=panel, chosen={"job": HEALTHY, **model}, colour=well[0], word=well[1]),
        Look(uid=uid, panel=panel, chosen={"job": SICK, **model}, colour=sick[0], word=sick[1]),
    )


def _health(row: str, job: str, colour: str, word: str) -> tuple[Look, Look]:
    """Return the looks in the line of a model's health, and in its row of the table."""
    chosen = {"job": job, "model_name": ALL}
    return (
        Look(uid=_OVERVIEW, panel=10, chosen=chosen, row=row, colour=colour, word=word),
        Look(uid=_OVERVIEW, panel=11, chosen=chosen, row=row, column="Health", colour=colour, word=word),
    )


def _cell(row: str, column: str, colour: str) -> Look:
    return Look(
        uid=_OVERVIEW,
        panel=11,
        chosen={"job": SICK, "model_name": ALL},
        row=row,
        column=column,
        colour=colour,
    )


_GREY, _GOOD, _WARNING, _CRITICAL = "#8e8e8e", "green", "orange", "red"

LOOKS: tuple[Look, ...] = (
    # The overview tells the two jobs apart at once.
    *_overview(1, _GOOD, _CRITICAL),
    *_overview(2, _GOOD, _CRITICAL),
    *_overview(3, _GOOD, _CRITICAL),
    *_overview(4, _GOOD, _WARNING),
    *_overview(5, _GOOD, _WARNING),
    *_overview(6, _GOOD, _CRITICAL),
    *_overview(7, _GOOD, _WARNING),
    *_overview(8, _GOOD, _GOOD),
    *_health("churn", HEALTHY, _GOOD, "Fine"),
    *_health("weather", HEALTHY, _GOOD, "Fine"),
    *_health("churn", SICK, _CRITICAL, "Critical"),
    *_health("demand", SICK, _WARNING, "Warning"),
    *_health("bare", SICK, _WARNING, "Warning"),
    *_health("lost", SICK, _CRITICAL, "No figures"),
    _cell("churn", "Error budget left", _CRITICAL),
    _cell("churn", "Bad quality figures", _WARNING),
    _cell("churn", "Drifted features", _WARNING),
    _cell("demand", "Bad quality figures", "transparent"),
    Look(
        uid=_OVERVIEW,
        panel=21,
        chosen={"job": SICK, "model_name": ALL},
        row="MLHighErrorRate",
        column="Severity",
        colour=_CRITICAL,
        word="Critical",
    ),
    Look(
        uid=_OVERVIEW,
        panel=21,
        chosen={"job": SICK, "model_name": ALL},
        row="MLSourceDown",
        column="Severity",
        colour=_WARNING,
        word="Warning",
    ),
    # A model of one name in the two jobs.
    *_both(_QUALITY, 1, (_GOOD, "In order"), (_WARNING, "Out of limits"), metric="accuracy"),
    *_both(_QUALITY, 5, (_GOOD, "Known"), (_GOOD, "Known"), metric="accuracy"),
    *_both(_DRIFT, 1, (_GOOD, ""), (_CRITICAL, "")),
    *_both(_DRIFT, 3, (_GOOD, ""), (_WARNING, "")),
    *_both(_DRIFT, 4, (_GOOD, ""), (_GOOD, "")),
    *_both(_DRIFT, 5, (_GOOD, ""), (_WARNING, "")),
    *_both(_FEATURE, 1, (_GOOD, ""), (_WARNING, ""), feature_name="size"),
    *_both(_FEATURE, 1, (_GOOD, ""), (_WARNING, ""), feature_name="plan"),
    *_both(_FEATURE, 6, (_GOOD, ""), (_WARNING, ""), feature_name="age"),
    *_both(_SLO, 3, (_GOOD, ""), (_CRITICAL, ""), slo="up"),
    *_both(_SLO, 4, (_GOOD, ""), (_GOOD, ""), slo="right"),
    # What is not known is grey, and said.
    Look(uid=_QUALITY, panel=1, chosen={"job": SICK, "model_name": "bare"}, colour=_GREY, word="Not judged"),
    Look(
        uid=_QUALITY,
        panel=5,
        chosen={"job": SICK, "model_name": "demand", "window": "6h"},
        colour=_GREY,
        word="Not judged",
    ),
    Look(uid=_DRIFT, panel=1, chosen={"job": SICK, "model_name": "bare"}, colour=_GREY, word="Not judged"),
    Look(uid=_SLO, panel=3, chosen={"job": SICK, "model_name": "bare"}, colour=_GREY, word="No events"),
    Look(
        uid=_QUALITY,
        panel=5,
        chosen={"job": SICK, "model_name": "demand", "window": "24h"},
        colour=_WARNING,
        word="Overdue",
    ),
    Look(
        uid=_RESOURCES,
        panel=87,
        chosen={"job": SICK, "model_name": "demand"},
        row="log: labels",
        colour=_CRITICAL,
        word="No",
    ),
    Look(
        uid=_RESOURCES,
        panel=87,
        chosen={"job": SICK, "model_name": "demand"},
        row="log: predictions",
        colour=_GOOD,
        word="Yes",
    ),
)
