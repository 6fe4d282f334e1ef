"""The terms in which expectations are stated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

INFINITY = float("inf")
WELL_MODELS = ("churn", "weather", "demand")
SICK_MODELS = ("churn", "demand", "bare", "lost")
EVERYBODY = tuple([f"well {model}" for model in WELL_MODELS] + [f"sick {model}" for model in SICK_MODELS])
"""Models by how they are, and their names."""

Why = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """Of a query: ``none`` are the models of which it says nothing, ``maybe`` those of which it need not say anything with
    everything that can be chosen, with the reasons. Values lie between ``low`` and ``high``. ``many`` says why there may be
    more than 20 series.
    """

    none: Why = field(default_factory=dict)
    maybe: Why = field(default_factory=dict)
    low: float = 0
    high: float = INFINITY
    many: str = ""


def because(why: str, *models: str) -> Why:
    return dict.fromkeys(models, why)


def shown(*parts: Why, maybe: Why | None = None, low: float = 0, high: float = INFINITY, many: str = "") -> Expected:
    """Return what is expected of a query that says nothing of the models in ``parts``."""
    none = {model: why for part in parts for model, why in part.items()}
    return Expected(none=none, maybe=maybe or {}, low=low, high=high, many=many)


GONE = because("its exporter is down", "sick lost")
NO_OBJECTIVES = because("it has no objectives", "well demand", "sick demand", "sick bare", "sick lost")
NO_REFERENCE = because("it has no reference", "sick bare")
NO_LABELS = because("it has no label log", "sick bare", "sick lost")
NO_SEGMENTS = because("it has no segments", "well weather", "well demand", "sick demand", "sick bare", "sick lost")
NO_FIGURES = {**because("its labels are overdue", "sick demand"), **NO_LABELS}
"""Of quality."""
NOT_JUDGED = because("this window or figure is not judged, or not of this kind", *EVERYBODY)
"""Not with everything that can be chosen."""


NEVER = because("nothing of the kind has happened", *EVERYBODY)


def some(**models: str) -> Why:
    """Return the reasons of some models of a job, such as ``well_demand="..."``."""
    return {name.replace("_", " "): why for name, why in models.items()}
