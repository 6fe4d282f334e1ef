"""What a rule is: records give an expression a name, alerts say when somebody has to know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

PREFIX = "ML"
"""Of every alert's name, so that an alert of ours is told from those of other rules."""

# Of the alert that always fires: it is nobody's work.
NO_SEVERITY = "none"

Category = Literal["slo", "traffic", "quality", "drift", "data", "model", "pipeline", "resources", "retraining"]


@dataclass(frozen=True, slots=True)
class Record:
    """``name`` is ``level:metric:operations``: the labels that are kept, what it is about, what was done to it."""

    name: str
    expression: str
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert of one severity; those of one name are a ladder.

    ``expression`` is about a model if ``of_model``: it keeps ``job`` and ``model_name``, and the owner is added to it.
    ``after`` is how long it has to hold (Prometheus' ``for``), ``hold`` how long the alert stays once it does not
    (``keep_firing_for``): durations such as ``10m``. ``summary`` is one sentence without templates; ``description`` is a
    template, and so is ``threshold``, what the value is to be held against. ``symptom`` says that users of the model feel it; all others are causes, and do not page.
    Where its figures are drawn is in ``panels.py``.
    """

    name: str
    severity: str
    category: Category
    expression: str
    after: str
    summary: str
    description: str
    hold: str = ""
    threshold: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    symptom: bool = False
    of_model: bool = True
    # Labels of the alert that the dashboard of its panel takes as variables.
    variables: tuple[str, ...] = ("model_name",)


@dataclass(frozen=True, slots=True)
class Group:
    """Rules that are evaluated one after the other, every ``interval`` seconds (0: as the server is configured)."""

    name: str
    rules: tuple[Record | Alert, ...]
    interval: int = 0

    @property
    def alerts(self) -> tuple[Alert, ...]:
        return tuple(rule for rule in self.rules if isinstance(rule, Alert))

    @property
    def records(self) -> tuple[Record, ...]:
        return tuple(rule for rule in self.rules if isinstance(rule, Record))
