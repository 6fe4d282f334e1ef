"""All checks, in the order of their codes."""

from __future__ import annotations

from types import ModuleType

from rules.lint import (
    alerts,
    conditions,
    configured,
    counters,
    files,
    ladders,
    links,
    matching,
    models,
    naming,
    objectives,
    portability,
    ranges,
    references,
    selectors,
    tested,
    texts,
)
from rules.lint.check import Check
from rules.lint.checking import checks_of

_MODULES: tuple[ModuleType, ...] = (
    files,
    naming,
    portability,
    references,
    selectors,
    counters,
    ranges,
    matching,
    conditions,
    alerts,
    texts,
    links,
    ladders,
    tested,
    objectives,
    models,
    configured,
)
# A rule's letters in the order in which they build on each other: files, names, PromQL, alerts, statistics, everything else.
_LETTERS = "FNPASX"

CHECKS: tuple[Check, ...] = tuple(
    sorted(
        checks_of(_MODULES),
        key=lambda check: (_LETTERS.index(check.code[0]), check.code),
    )
)
