"""All checks, in the order of their codes."""

from __future__ import annotations

from types import ModuleType

from dashboards.lint import (
    expressions,
    layout,
    links,
    panels,
    round_trip,
    shapes,
    surroundings,
    texts,
    thresholds,
    units,
    variables,
)
from dashboards.lint.check import Check
from rules.lint.checking import checks_of

_MODULES: tuple[ModuleType, ...] = (
    shapes,
    layout,
    texts,
    expressions,
    variables,
    panels,
    units,
    thresholds,
    links,
    round_trip,
    surroundings,
)

CHECKS: tuple[Check, ...] = tuple(checks_of(_MODULES))
