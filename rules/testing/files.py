"""The test of a specification as files: an excerpt of the rules, and what promtool should make of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from rules.bundle import alerts, bundle
from rules.rule import Alert
from rules.settings import DEFAULT
from rules.testing import excerpt, unit_test
from rules.testing.excerpt import Rule, document, needed
from rules.testing.specification import Specification

_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def rungs(specification: Specification) -> list[Alert]:
    """Return the alerts that a specification is about. Raises ValueError for a name that no alert has."""
    found = [alert for alert in alerts(bundle(DEFAULT)) if alert.name == specification.alert]
    if not found:
        raise ValueError(f"{specification.title}: no alert is called {specification.alert}")
    return [alert for alert in found if not specification.rungs or rung(alert) in specification.rungs]


def rung(alert: Alert) -> str:
    """Return what tells an alert from others of its name."""
    return alert.labels.get("burn_window") or alert.severity


def write(specification: Specification, rules: Sequence[Rule], folder: Path) -> Path:
    """Write a specification's test file, and beside it what it needs of the rules; return the test file."""
    places = needed(rules, excerpt.rungs(rules, specification.alert), specification.given)
    rule_file = folder / f"{specification.title}.rules.yml"
    rule_file.write_text(text(document([rules[place] for place in places])), encoding="utf-8")
    test_file = folder / f"{specification.title}.test.yml"
    test = unit_test.document(specification, rungs(specification), rule_file.name)
    test_file.write_text(text(test), encoding="utf-8")
    return test_file


def text(content: Any) -> str:
    return str(yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1_000))
