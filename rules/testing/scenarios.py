"""Scenarios that are written by hand, of all rules together, and the rules put in the place of the committed ones."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path

from rules.settings import DEFAULT, Settings

FOLDER = Path(__file__).parents[2] / "tests" / "rules" / "promtool"
# Those that are about rules as they are generated with other settings.
_SETTINGS = {"shards": Settings(instances="shards")}
_RULE_FILES = re.compile(r"^rule_files: .*$", re.MULTILINE)
_ALERTS = re.compile(r"\bML[A-Z]\w*(?:\.\*)?")


def scenarios() -> list[Path]:
    return sorted(FOLDER.glob("*.yml"))


def settings(scenario: Path) -> Settings:
    return _SETTINGS.get(scenario.stem, DEFAULT)


def moved(scenario: Path, folder: str) -> str:
    """Return a scenario's text with its rule files in another folder, relative to where it will lie."""
    return scenario.read_text(encoding="utf-8").replace("../../../rules/generated/", f"{folder}/")


def with_rules(scenario: Path, rule_file: str) -> str:
    """Return a scenario's text with one rule file instead of all, relative to where it will lie."""
    return _RULE_FILES.sub(f'rule_files: ["{rule_file}"]', scenario.read_text(encoding="utf-8"))


def unknown_alerts(text: str, names: Collection[str]) -> Iterator[str]:
    """Yield the alerts that a test speaks of and that do not exist: promtool finds that none of them fires, and is content.

    >>> list(unknown_alerts('ALERTS{alertname=~"MLOutage|MLTraffic.*|MLOutages"}', {"MLOutage", "MLTrafficDrop"}))
    ['MLOutages']
    """
    for said in dict.fromkeys(_ALERTS.findall(text)):
        is_known = any(map(re.compile(said).fullmatch, names)) if said.endswith("*") else said in names
        if not is_known:
            yield said
