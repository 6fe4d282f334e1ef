"""All checks, in the order of their codes."""

from __future__ import annotations

from types import ModuleType

from alertmanager.lint import fields, inhibitions, messages, references, routing, secrets, timing
from alertmanager.lint.check import Check

_MODULES: tuple[ModuleType, ...] = (fields, references, routing, inhibitions, timing, secrets, messages)

CHECKS: tuple[Check, ...] = tuple(
    sorted(
        (each for module in _MODULES for each in vars(module).values() if isinstance(each, Check)),
        key=lambda check: check.code,
    )
)
