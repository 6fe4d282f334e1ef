"""Unit tests of rules: each alert is seen to fire and to stay quiet, and no test is about an alert that is gone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import yaml

from rules.lint.check import Check, of_material
from rules.lint.finding import Finding, Level
from rules.lint.material import Material


def _expectations(folder: Path | None) -> Iterator[tuple[Path, str, bool]]:
    """Yield from promtool's tests which alert is expected to fire, or not to."""
    for path in sorted(folder.glob("*.yml")) if folder is not None else ():
        document = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        for test in document.get("tests") or ():
            for each in test.get("alert_rule_test") or ():
                yield path, str(each.get("alertname")), bool(each.get("exp_alerts"))


@of_material(
    "A24",
    Level.ERROR,
    "a test about an alert that does not exist",
    why="promtool passes it, if nothing is expected to fire: after a renaming the test is worth nothing.",
    mend="Write the alert's new name.",
)
def tests_name_alerts(check: Check, material: Material) -> Iterator[Finding]:
    missing = {(path, name) for path, name, _ in _expectations(material.beside.tests) if name not in material.names}
    for path, name in sorted(missing):
        yield check.finding(f"there is no alert {name}", file=str(path), line=_line(path, name))


def _line(path: Path, name: str) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()
    return next((number for number, line in enumerate(lines, 1) if name in line), 1)


@of_material(
    "A23",
    Level.ERROR,
    "an alert that no test sees fire, or none sees stay quiet",
    why="Nobody knows whether it works until it should have.",
    mend="A test with exp_alerts, and one with an empty list.",
)
def alerts_are_tested(check: Check, material: Material) -> Iterator[Finding]:
    if material.beside.tests is None:
        return
    seen = {(name, fires) for _, name, fires in _expectations(material.beside.tests)}
    for name, rules in material.ladders.items():
        wanting = [word for word, fires in (("fire", True), ("stay quiet", False)) if (name, fires) not in seen]
        if wanting:
            yield check.finding(f"no test sees it {' or '.join(wanting)}", rule=rules[0])
