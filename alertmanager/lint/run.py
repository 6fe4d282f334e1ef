"""Linting: all checks over a configuration, less what is exempted."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from alertmanager.lint.material import Material
from alertmanager.lint.registry import CHECKS
from rules.lint.exemptions import Exemption, applied
from rules.lint.finding import Finding, Level

EXEMPTIONS = Path(__file__).with_name("exemptions.yml")


def findings(material: Material, exempted: Iterable[Exemption] = ()) -> list[Finding]:
    """Return what is found. Routing is simulated only once it can be read."""
    found = [each for check in CHECKS if check.basic for each in check(material)]
    if not any(each.level is Level.ERROR and each.check == "M02" for each in found):
        found += [each for check in CHECKS if not check.basic for each in check(material)]
    return sorted(applied(found, list(exempted)))
