"""Linting: all checks over a configuration, less what is exempted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from alertmanager.lint.material import Material
from alertmanager.lint.registry import CHECKS
from rules.lint.exemptions import Exemption
from rules.lint.finding import Finding, Level

EXEMPTIONS = Path(__file__).with_name("exemptions.yml")


def findings(material: Material, exempted: Iterable[Exemption] = ()) -> list[Finding]:
    """Return what is found. Routing is simulated only once it can be read."""
    found = [each for check in CHECKS if check.basic for each in check(material)]
    if not any(each.level is Level.ERROR and each.check == "M02" for each in found):
        found += [each for check in CHECKS if not check.basic for each in check(material)]
    return sorted(_applied(found, list(exempted)))


def _applied(found: Iterable[Finding], exempted: list[Exemption]) -> Iterator[Finding]:
    used: set[Exemption] = set()
    for each in found:
        covering = [exemption for exemption in exempted if exemption.reason.strip() and exemption.covers(each)]
        used.update(covering)
        if not covering:
            yield each
    for exemption in exempted:
        about = Finding(exemption.file, exemption.line, "X08", Level.WARNING, "an exemption without a reason")
        if not exemption.reason.strip():
            yield about
        elif exemption not in used:
            yield replace(
                about, check="X09", message=f"{exemption.check} finds nothing of the kind: take the exemption out"
            )
