"""Matchers in the one form that every Alertmanager reads the same way: a quoted value behind a plain operator."""

from __future__ import annotations

from collections.abc import Iterable


def equal(label: str, value: str) -> str:
    """Return a matcher for a value.

    >>> equal("severity", "critical")
    'severity="critical"'
    """
    return f'{label}="{value}"'


def unequal(label: str, value: str) -> str:
    return f'{label}!="{value}"'


def among(label: str, values: Iterable[str]) -> str:
    """Return a matcher for any of some values.

    >>> among("severity", ["info", "warning"])
    'severity=~"info|warning"'
    """
    alternatives = "|".join(values)
    return f'{label}=~"{alternatives}"'
