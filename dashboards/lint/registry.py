"""All checks, in the order of their codes."""

from __future__ import annotations

from collections.abc import Mapping
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

SUBJECTS: Mapping[str, tuple[ModuleType, ...]] = {
    "Files and fields": (shapes, round_trip),
    "Names and places": (layout, surroundings),
    "Texts": (texts,),
    "Queries": (expressions,),
    "Variables and data sources": (variables,),
    "Panels": (panels,),
    "Units and scales": (units,),
    "Steps and colours": (thresholds,),
    "Links": (links,),
}

CHECKS: tuple[Check, ...] = tuple(checks_of(module for modules in SUBJECTS.values() for module in modules))
