"""Linting: all checks over all dashboards, less what is exempted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from dashboards.lint import board_file
from dashboards.lint.board_file import BoardFile
from dashboards.lint.material import Material
from dashboards.lint.registry import CHECKS
from rules.lint.exemptions import Exemption, applied
from rules.lint.finding import Finding, Level
from rules.lint.rule_file import RuleFile
from rules.lint.rule_file import read as read_rules

EXEMPTIONS = Path(__file__).with_name("exemptions.yml")
_ROOT = Path(__file__).parents[2]
GENERATED = _ROOT / "dashboards" / "generated"
PROVISIONING = _ROOT / "dashboards" / "provisioning"
RUNBOOKS = _ROOT / "rules" / "runbooks"
RULES = _ROOT / "rules" / "generated"


def material(paths: Iterable[Path] | None = None, *, rules: Path = RULES, runbooks: Path = RUNBOOKS) -> Material:
    """Return what is to be linted: dashboards, by default the generated ones, beside which those count as there, too.

    Raises OSError, UnicodeDecodeError.
    """
    files = [board_file.read(path) for path in (sorted(GENERATED.glob("*.json")) if paths is None else paths)]
    given = {file.path.name for file in files}
    others = [board_file.read(path) for path in sorted(GENERATED.glob("*.json")) if path.name not in given]
    whole = paths is None
    return Material(
        files,
        rules_of(rules),
        others=others,
        runbooks=runbooks if runbooks.exists() else None,
        provisioning=PROVISIONING if whole and PROVISIONING.exists() else None,
        whole=whole,
    )


def rules_of(folder: Path) -> list[RuleFile]:
    return [read_rules(path) for path in sorted(folder.glob("*.yml"))]


def findings(linted: Material, exempted: Iterable[Exemption] = ()) -> list[Finding]:
    """Return what is found. Of a dashboard that Grafana would read otherwise than it is written nothing else is said."""
    found = [each for check in CHECKS if check.basic for each in check(linted)]
    broken = {each.file for each in found if each.level is Level.ERROR}
    sound = _without(linted, broken)
    found += [each for check in CHECKS if not check.basic for each in check(sound)]
    return sorted(applied(found, list(exempted), lambda _: linted.whole))


def _without(linted: Material, broken: set[str]) -> Material:
    """Return it without what is broken, which still counts as there."""
    aside = [each for each in linted.boards if each.name in broken]
    readable: list[BoardFile] = [each for each in linted.boards if each.name not in broken]
    return replace(linted, boards=readable, others=[*linted.others, *aside])
