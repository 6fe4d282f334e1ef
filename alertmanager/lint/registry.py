"""All checks, in the order of their codes."""

from __future__ import annotations

from types import ModuleType

from alertmanager.lint import fields, inhibitions, messages, references, routing, secrets, timing
from alertmanager.lint.check import Check
from rules.lint.checking import checks_of

_MODULES: tuple[ModuleType, ...] = (fields, references, routing, inhibitions, timing, secrets, messages)

CHECKS: tuple[Check, ...] = tuple(checks_of(_MODULES))
